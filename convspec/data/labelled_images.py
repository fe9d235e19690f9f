"""Images with labels, made into arrays from whatever form they come in, and checked: files' and a user's own alike."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..language.diagnostics import Diagnostic, InputError
from .labels import as_array, as_labels, check_names, label_array, missing_classes, names_of, numbered
from .large_arrays import Selection, allocate
from .pixels import PixelRange, chunks, find_range


class Images(NamedTuple):
    """Images `(count, height, width, channels)` of any number type, and their labels `(count,)` as int64."""

    x: NDArray[Any]
    y: NDArray[np.int64]


Part = tuple[NDArray[np.generic], NDArray[np.generic]]  # images, and labels as numbers or strings

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


def as_part(x: object, y: object, names: tuple[str, str], place: str) -> Part | None:
    """Images with four axes, and labels as int64 or strings; None where there are neither.

    Both may be arrays, lists or tensors. Grey images without an axis of channels gain it. Raises `InputError`.
    """
    if x is None and y is None:
        return None
    if x is None or y is None:
        raise InputError(f"has no {names[0] if x is None else names[1]}", file=place)
    pixels, labels = _pixels(x, names[0], place), label_array(y, names[1], place)
    if labels.ndim and len(pixels) != len(labels):
        raise InputError(f"{names[0]} has {len(pixels)} images and {names[1]} {len(labels)} labels", file=place)
    return pixels, as_labels(labels, names[1], place)


def source_of(
    name: str,
    place: str,
    parts: tuple[Part, Part | None, Part | None],
    class_names: tuple[str, ...] = (),
    pixel_range: PixelRange | None = None,
) -> Source:
    """A source of training, validation and test images; its labels count its classes.

    Without `class_names` these are the strings among the labels, or the numbers up to the largest label.
    """
    names = class_names or names_of([part[1] for part in parts if part is not None], place)

    def images(part: Part) -> Images:
        return Images(part[0], numbered(part[1], names, place))

    train, validation, test = parts
    return Source(
        name, place, names, pixel_range, images(train), validation and images(validation), test and images(test)
    )


def _pixels(x: object, name: str, place: str) -> NDArray[np.generic]:
    array: NDArray[np.generic] = x if isinstance(x, Selection) else as_array(x, name, place)  # type: ignore[assignment]
    if array.ndim not in (3, 4) or array.dtype.kind not in "buif" or 0 in array.shape[1:]:
        kind = f"{name} is {array.dtype} of shape {list(array.shape)}"
        flat = array.ndim == 2 and array.dtype.kind in "buif"
        raise InputError(
            f"{kind}; images are real numbers (count, height, width, channels)",
            file=place,
            remedy=f"reshape it: {name}.reshape(-1, height, width, channels)" if flat else "",
        )
    if array.dtype.itemsize > 8:
        message = f"{name} is {array.dtype}, but pixels are real numbers of at most 64 bits"
        raise InputError(message, file=place, remedy=f"convert it: {name}.astype('float32')")
    return _native(array if array.ndim == 4 else array[..., None])


def _native(array: NDArray[np.generic]) -> NDArray[np.generic]:
    """The same numbers in this machine's order of bytes, the only one that JAX reads; large ones stay on the disk."""
    if array.dtype.isnative:
        return array
    out, start = allocate(array.shape, array.dtype.newbyteorder("=")), 0
    for part in chunks(array):
        out[start : start + len(part)] = part
        start += len(part)
    return out


def check_source(source: Source, *, every_class: bool = True) -> PixelRange:
    """The range of a source's pixels, declared or found.

    Raises every error of the source: empty parts or single classes, classes without a training image if `every_class`
    is to have one, labels and pixels that cannot be, a range that nothing tells.
    """
    diagnostics = [
        diagnostic for part, images in source.parts.items() for diagnostic in _check_part(source, part, images)
    ]
    if not diagnostics:
        diagnostics = list(_check_classes(source, every_class))
    found = None
    try:
        found = _check_range(source)
    except InputError as error:
        diagnostics += error.diagnostics
    if diagnostics or found is None:
        raise InputError(diagnostics)
    return found


def _check_range(source: Source) -> PixelRange:
    parts = {part: images.x for part, images in source.parts.items()}
    if source.pixel_range is None:
        return find_range(parts, source.place)
    for part, x in parts.items():
        source.pixel_range.check(part, x, source.place)
    return source.pixel_range


def _check_part(source: Source, part: str, images: Images) -> Iterator[Diagnostic]:
    classes = len(source.class_names)
    if not len(images.y):
        yield Diagnostic(f"has no {part} images", file=source.place)
        return
    wrong = np.flatnonzero((images.y < 0) | (images.y >= classes))
    if wrong.size:
        yield Diagnostic(
            f"{wrong.size} {part} labels are outside 0 to {classes - 1}; the first is {images.y[wrong[0]]}, of image "
            f"{wrong[0]}",
            file=source.place,
        )
    if images.x.shape[1:] != source.train.x.shape[1:]:
        have, want = ("x".join(map(str, x.shape[1:])) for x in (images.x, source.train.x))
        yield Diagnostic(f"{part} images are {have}, training images {want}", file=source.place)
    if np.issubdtype(images.x.dtype, np.inexact):
        finite = [np.isfinite(some).all(axis=(1, 2, 3)) for some in chunks(images.x)]
        bad = np.flatnonzero(~np.concatenate(finite))
        if bad.size:
            yield Diagnostic(
                f"{bad.size} {part} images have pixels that are not finite (NaN or infinite); the first is image "
                f"{bad[0]}",
                file=source.place,
                remedy="leave them out, or repair what wrote them",
            )


def _check_classes(source: Source, every_class: bool) -> Iterator[Diagnostic]:
    names = source.class_names
    if len(names) < 2:
        yield Diagnostic(
            f"has one class only ({', '.join(names) or 'none'}); a classifier needs two", file=source.place
        )
        return
    yield from check_names(names, source.place)
    if every_class:
        yield from missing_classes(source.train.y, names, source.place)
