"""Labelled images in memory, in up to three parts, with the names of their classes."""

from __future__ import annotations

import hashlib
import math
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..language.diagnostics import Diagnostic, InputError
from .labels import check_names, numbered_names
from .large_arrays import allocate
from .pixels import PixelRange, as_range, check_dtype, find_range

HASHED = 2**24  # bytes of pixels that are read at once


class Images(NamedTuple):
    """Images `(count, height, width, channels)` of any number type, and their labels `(count,)` as int64."""

    x: NDArray[Any]
    y: NDArray[np.int64]


PARTS = {
    "train": ("train", "training"),
    "validation": ("validation", "valid", "val", "dev"),
    "test": ("test", "testing"),
}
"""What the folders, splits or lines of each part may be called, in any case."""


@dataclass(frozen=True)
class Source:
    """What one place holds before it is split: the parts that are there, and where images come from for messages.

    `pixel_range` is None where the place does not declare it.
    """

    name: str
    place: str
    class_names: tuple[str, ...]
    pixel_range: PixelRange | None
    train: Images
    validation: Images | None = None
    test: Images | None = None

    @property
    def parts(self) -> dict[str, Images]:
        """The parts that are there, by the names that messages use."""
        parts = {"training": self.train, "validation": self.validation, "test": self.test}
        return {name: images for name, images in parts.items() if images is not None}


@dataclass(frozen=True, eq=False)
class Dataset:
    """Images to train on, to validate on and, where there are any, to test on at the end.

    `pixel_range` holds the values of black and white: two numbers, (0, 255) for bytes; unless given it is found by the
    rules of `find_range`. `split` is the share and the seed that validation images were split off with. Raises
    `InputError` if the rules do not give the range, for pixels outside it, for pixels that are not real
    numbers of up to 64 bits, and for class names that are empty, longer than a line, or differ only in spelling.
    """

    name: str
    x_train: NDArray[Any]
    y_train: NDArray[np.int64]
    x_val: NDArray[Any]
    y_val: NDArray[np.int64]
    x_test: NDArray[Any] | None = None
    y_test: NDArray[np.int64] | None = None
    class_names: tuple[str, ...] = ()
    pixel_range: PixelRange = None  # type: ignore[assignment]  # found when the data set is made
    split: tuple[float, int] = (0.0, 0)
    fingerprint: str = field(default="")

    def __post_init__(self) -> None:
        if not self.class_names:
            object.__setattr__(self, "class_names", numbered_names([self.y_train], self.name))
        if diagnostics := list(check_names(self.class_names, self.name)):
            raise InputError(diagnostics)
        for name in ("x_train", "y_train", "x_val", "y_val", "x_test", "y_test"):
            if (array := getattr(self, name)) is not None:
                object.__setattr__(self, name, _native(array))
        for part, x in (("train", self.x_train), ("val", self.x_val), ("test", self.x_test)):
            if x is not None:
                check_dtype(f"x_{part}", x, self.name)
        if self.pixel_range is None:
            object.__setattr__(
                self, "pixel_range", find_range({part: images.x for part, images in self.parts.items()}, self.name)
            )
        else:
            object.__setattr__(self, "pixel_range", as_range(self.pixel_range))
            for part, images in self.parts.items():
                self.pixel_range.check(part, images.x, self.name)
        if not self.fingerprint:
            object.__setattr__(self, "fingerprint", _fingerprint(self))

    @property
    def parts(self) -> dict[str, Images]:
        """Images and labels of the parts that are there: training, validation, test."""
        parts = {"training": Images(self.x_train, self.y_train), "validation": Images(self.x_val, self.y_val)}
        if self.x_test is not None and self.y_test is not None:
            parts["test"] = Images(self.x_test, self.y_test)
        return parts

    @property
    def input_shape(self) -> tuple[int, int, int]:
        """Height, width and channels of one image."""
        height, width, channels = self.x_train.shape[1:]
        return int(height), int(width), int(channels)

    @property
    def classes(self) -> int:
        """The number of classes."""
        return len(self.class_names)

    def in_order_of(self, class_names: tuple[str, ...]) -> Dataset:
        """The same images with labels that count these classes, the same ones in the order of a network.

        Raises `InputError` where they are not the same.
        """
        if self.class_names == class_names:
            return self
        extra = [name for name in self.class_names if name not in class_names]
        missing = [name for name in class_names if name not in self.class_names]
        if extra or missing:
            have, want = (repr(names[0]) if names else "none" for names in (extra, missing))
            message = f"its classes are others than the network's: {have} where the network has {want}"
            raise InputError(Diagnostic(message, file=self.name))
        number = np.array([class_names.index(name) for name in self.class_names])
        y_test = None if self.y_test is None else number[self.y_test]
        y_train, y_val = number[self.y_train], number[self.y_val]
        return replace(self, y_train=y_train, y_val=y_val, y_test=y_test, class_names=class_names, fingerprint="")

    def __repr__(self) -> str:
        counts = [f"{len(self.y_train)} training", f"{len(self.y_val)} validation"]
        counts += [f"{len(self.y_test)} test"] if self.y_test is not None else []
        size = "x".join(str(number) for number in self.input_shape)
        return f"{self.name}: {' + '.join(counts)} images of {size}, {self.classes} classes"


def _native(array: NDArray[np.generic]) -> NDArray[np.generic]:
    """The same numbers in this machine's order of bytes, the only one that JAX reads; large ones stay on the disk."""
    if array.dtype.isnative:
        return array
    out = allocate(array.shape, array.dtype.newbyteorder("="))
    rows = max(1, HASHED // max(1, math.prod(array.shape[1:]) * array.dtype.itemsize))
    for start in range(0, len(array), rows):
        out[start : start + rows] = array[start : start + rows]
    return out


def _fingerprint(dataset: Dataset) -> str:
    """A hash of every pixel and label and of the split; the same on every machine."""
    pixels = dataset.pixel_range
    ends = pixels.high if pixels.low == 0 else (pixels.low, pixels.high)  # as it was when black was always 0
    digest = hashlib.sha256(repr((dataset.class_names, ends)).encode())
    for part in ("train", "val", "test"):
        x, y = getattr(dataset, f"x_{part}"), getattr(dataset, f"y_{part}")
        if x is not None:
            digest.update(repr((part, x.shape, x.dtype.str)).encode())
            count = max(1, HASHED // max(1, math.prod(x.shape[1:]) * x.dtype.itemsize))
            for start in range(0, len(x), count):  # a memory-mapped array is never read as a whole
                digest.update(np.ascontiguousarray(x[start : start + count]).data)
            digest.update(np.ascontiguousarray(y).data)
    return digest.hexdigest()[:16]
