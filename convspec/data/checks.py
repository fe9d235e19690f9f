"""What is wrong with images and labels, whatever place they came from."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from ..language.diagnostics import Diagnostic, InputError
from .dataset import Dataset, Images, Source
from .labels import check_names, missing_classes
from .pictures import RESIZE_TRAINED
from .pixels import PixelRange, find_range


def check_source(source: Source) -> PixelRange:
    """The range of a source's pixels, declared or found.

    Raises every error of the source: empty or single classes, labels and pixels that cannot be, a range that nothing
    says.
    """
    diagnostics = [
        diagnostic for part, images in source.parts.items() for diagnostic in _check_part(source, part, images)
    ]
    if not diagnostics:
        diagnostics = list(_check_classes(source))
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


def check_fits(dataset: Dataset, input_shape: tuple[int | None, ...], classes: int, *, trained: bool = False) -> None:
    """Raise where a network of this input and so many classes does not go with these images.

    A network that is `trained` already cannot be built for them.
    """
    diagnostics = []
    size = "x".join(str(number) for number in dataset.input_shape)
    if any(want not in (None, have) for want, have in zip(input_shape, dataset.input_shape, strict=True)):
        read = "x".join("?" if number is None else str(number) for number in input_shape)
        same_channels = input_shape[2] in (None, dataset.input_shape[2])
        if trained:
            remedy = RESIZE_TRAINED if same_channels else "take images of as many channels"
        else:
            resize = "; or --set train.preprocessing.resize=pad (or crop, stretch)" if same_channels else ""
            remedy = f"--input {size} builds the network for them{resize}"
        message = f"its images are {size}, but the network reads {read}"
        diagnostics.append(Diagnostic(message, file=dataset.name, remedy=remedy))
    if dataset.classes != classes:
        diagnostics.append(
            Diagnostic(
                f"it has {dataset.classes} classes, but the network has {classes}",
                file=dataset.name,
                remedy="take images of the network's classes" if trained else f"--set classes={dataset.classes}",
            )
        )
    if diagnostics:
        raise InputError(diagnostics)


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
        finite = [np.isfinite(images.x[at : at + 256]).all(axis=(1, 2, 3)) for at in range(0, len(images.x), 256)]
        bad = np.flatnonzero(~np.concatenate(finite))
        if bad.size:
            yield Diagnostic(
                f"{bad.size} {part} images have pixels that are not finite (NaN or infinite); the first is image "
                f"{bad[0]}",
                file=source.place,
                remedy="leave them out, or repair what wrote them",
            )


def _check_classes(source: Source) -> Iterator[Diagnostic]:
    names = source.class_names
    if len(names) < 2:
        message = f"has one class only ({', '.join(names) or 'none'}); a classifier needs two"
        yield Diagnostic(message, file=source.place)
        return
    yield from check_names(names, source.place)
    yield from missing_classes(source.train.y, names, source.place)
