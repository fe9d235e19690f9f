"""Labelled images in memory, in up to three parts, with the names of their classes."""

from __future__ import annotations

import hashlib
import operator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..language import arguments
from ..language.diagnostics import InputError
from .labelled_images import Images, Part, as_part, check_source, source_of
from .labels import as_names
from .pixels import PixelRange, as_range, chunks

SHORT = {"train": "train", "validation": "val", "test": "test"}
"""The parts, and how the attributes of their images and labels end."""


@dataclass(frozen=True, eq=False)
class Dataset:
    """Images to train on, to validate on and, where there are any, to test on at the end.

    Images `(count, height, width, channels)` are arrays of real numbers of up to 64 bits; grey ones may lack the
    channels. Labels are whole numbers, strings or one-hot rows, and become numbers of `class_names`, as int64. Lists
    and tensors become arrays. Without `class_names` the classes are the strings, or are numbered from 0. `pixel_range`
    holds the values of black and white: two numbers, (0, 255) for bytes; unless given it is found by the rules of
    `find_range`. `split` is the share and the seed that validation images were split off with.

    All is checked when a data set is made, by `dataclasses.replace` too, and again by each call that is given one,
    since arrays can be changed in place. Raises `InputError` for parts without images or labels or with more of one
    than of the other, for images of several sizes, for labels that are no classes, for pixels outside the range or
    that are no numbers, and for class names that are empty, equal but for how they are written, or longer than a line.
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

    @arguments.checked
    def __post_init__(self) -> None:
        if not isinstance(self.name, str):
            raise InputError(f"the name of a data set is a text, not {self.name!r}")
        names = as_names(self.class_names, self.name)
        train, validation, test = (self._part(short) for short in SHORT.values())
        if train is None or validation is None:
            missing = "training" if train is None else "validation"
            raise InputError(f"has no {missing} images", file=self.name)
        declared = None if self.pixel_range is None else as_range(self.pixel_range)
        source = source_of(self.name, self.name, (train, validation, test), names, declared)
        found = {"pixel_range": check_source(source, every_class=not names), "class_names": source.class_names}
        for part, short in SHORT.items():
            if (images := getattr(source, part)) is not None:
                found |= {f"x_{short}": images.x, f"y_{short}": images.y}
        for name, value in {**found, "split": as_split(self.split, self.name)}.items():
            object.__setattr__(self, name, value)

    def _part(self, short: str) -> Part | None:
        x, y = f"x_{short}", f"y_{short}"
        return as_part(getattr(self, x), getattr(self, y), (x, y), self.name)

    def checked(self) -> Dataset:
        """The same data set, checked anew. Raises `InputError` for what was changed in place and cannot be."""
        return replace(self)

    @property
    def fingerprint(self) -> str:
        """A hash of every pixel and label as they are now, and of the classes; the same on every machine.

        It is computed whenever it is asked for: a run asks when it begins and when it is resumed, a search when it
        begins and when it goes on.
        """
        pixels = self.pixel_range
        ends = pixels.high if pixels.low == 0 else (pixels.low, pixels.high)  # as it was when black was always 0
        digest = hashlib.sha256(repr((self.class_names, ends)).encode())
        for part in SHORT.values():
            x, y = getattr(self, f"x_{part}"), getattr(self, f"y_{part}")
            if x is not None:
                digest.update(repr((part, x.shape, x.dtype.str)).encode())
                for images in chunks(x):  # a memory-mapped array is never read as a whole
                    digest.update(np.ascontiguousarray(images).data)
                digest.update(np.ascontiguousarray(y).data)
        return digest.hexdigest()[:16]

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

    @arguments.checked
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
            raise InputError(message, file=self.name)
        number = np.array([class_names.index(name) for name in self.class_names])
        y_test = None if self.y_test is None else number[self.y_test]
        y_train, y_val = number[self.y_train], number[self.y_val]
        return replace(self, y_train=y_train, y_val=y_val, y_test=y_test, class_names=class_names)

    def __repr__(self) -> str:
        counts = [f"{len(self.y_train)} training", f"{len(self.y_val)} validation"]
        counts += [f"{len(self.y_test)} test"] if self.y_test is not None else []
        size = "x".join(str(number) for number in self.input_shape)
        return f"{self.name}: {' + '.join(counts)} images of {size}, {self.classes} classes"


def as_split(given: tuple[float, int], place: str) -> tuple[float, int]:
    """The share and the seed of a split. Raises `InputError`."""
    try:
        share, seed = float(given[0]), operator.index(given[1])
        if len(given) == 2 and 0 <= share < 1 and seed >= 0:
            return share, seed
    except (TypeError, ValueError, LookupError):
        pass
    message = f"split is {given!r}, not a share from 0 up to 1 and a seed from 0 on"
    raise InputError(message, file=place, remedy="such as (0.1, 1)")
