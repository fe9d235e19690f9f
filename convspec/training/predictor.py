"""Using what training left: one network, or several whose probabilities are averaged."""

from __future__ import annotations

import math
import warnings
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path

import keras
import numpy as np
from numpy.typing import NDArray

from ..data.listing import image_files
from ..data.pictures import RESIZE_TRAINED, Size, raise_all, read_picture
from ..data.pixels import BYTES, PixelRange, as_range
from ..files import shown
from ..language.arguments import checked
from ..language.diagnostics import Diagnostic, InputError
from ..option_names import spoken
from ..printing import first_line
from ..process import random_states_kept
from .archive import check_archive
from .history import read_history
from .output_kind import as_probabilities
from .saving import Inputs, check_model, read_inputs

BATCH, BATCH_VALUES = 256, 2**22  # images that are predicted together, and the values that they hold at most

MODELS = ("model.keras", "best.keras")
"""The network in the folder of a run, or of a search."""


@dataclass(frozen=True, eq=False)
class Predictor:
    """Trained networks with the same classes; each normalises images as in its own training."""

    models: tuple[keras.Model, ...]
    inputs: tuple[Inputs, ...]

    def __post_init__(self) -> None:
        for model, inputs in zip(self.models, self.inputs, strict=True):
            _check_alike(self.models[0], self.inputs[0], self.models[0].name, model, inputs, model.name)

    @property
    def class_names(self) -> tuple[str, ...]:
        """The names of the classes, in the order of the probabilities."""
        return self.inputs[0].class_names

    @property
    def size(self) -> Size:
        """Height, width and channels that the networks read; None where open.

        A mean image that is subtracted gives an open network the size of the images it was trained on.
        """
        height, width, channels = self.models[0].inputs[0].shape[1:]
        mean = self.inputs[0].normalizer.mean
        if mean.ndim == 3:
            height, width = height or mean.shape[0], width or mean.shape[1]
        return height, width, channels

    @property
    def pixel_range(self) -> PixelRange:
        """The range of the pixels that the networks were trained on."""
        return self.inputs[0].normalizer.pixel_range

    def probabilities(
        self, x: NDArray[np.generic], pixel_range: PixelRange | tuple[float, float] | None = None
    ) -> NDArray[np.float32]:
        """`(count, classes)` for images `(count, height, width, channels)` as they lie in files or arrays.

        `pixel_range` is that of these images, black and white, (0, 255) for image files; unless given, it is that
        of the images that the first network was trained on. Each network gets them in the range of its own training.

        Raises `InputError` for pixels outside their range, and for a network that ends in neither probabilities nor
        logits.
        """
        given = as_range(pixel_range) if pixel_range is not None else self.pixel_range
        given.check("image", x)
        total = np.zeros((len(x), len(self.class_names)), np.float64)
        size = _batch_size(x.shape[1:])
        for model, inputs in zip(self.models, self.inputs, strict=True):
            normalizer = inputs.normalizer.reading(given)
            for start in range(0, len(x), size):
                batch = normalizer(x[start : start + size].astype(np.float32))
                total[start : start + size] += as_probabilities(model, main_output(model(batch, training=False)))
        return (total / len(self.models)).astype(np.float32)

    def read(
        self, paths: Iterable[Path], resize: str | None = None
    ) -> Iterator[tuple[Path, NDArray[np.uint8] | Diagnostic]]:
        """Image files one after another, brought to the networks' size as in training or as `resize` says.

        An image is `(height, width, channels)` of bytes, whatever range the networks were trained on; a file that is
        none gives an error in its place. A few images are held at a time, however many there are.
        """
        how, remedy = resize or self.inputs[0].resize, spoken(RESIZE_TRAINED)
        remaining = iter(paths)
        with ThreadPoolExecutor() as threads:
            while part := list(islice(remaining, _batch_size(self.size))):
                images = threads.map(lambda path: read_picture(path, self.size, how, remedy), part)
                yield from zip(part, images, strict=True)

    def predict(
        self, paths: Iterable[Path], resize: str | None = None
    ) -> Iterator[tuple[Path, NDArray[np.float32] | Diagnostic]]:
        """The probabilities `(classes,)` of image files one after another, or why a file has none."""
        remaining = self.read(paths, resize)
        while part := list(islice(remaining, _batch_size(self.size))):
            found: dict[int, NDArray[np.float32] | Diagnostic] = {}
            shapes: dict[tuple[int, ...], list[int]] = {}  # an open network reads images of several sizes
            for number, (_, image) in enumerate(part):
                if isinstance(image, Diagnostic):
                    found[number] = image
                else:
                    shapes.setdefault(image.shape, []).append(number)
            for numbers in shapes.values():
                rows = self.probabilities(np.stack([part[number][1] for number in numbers]), BYTES)
                found.update(zip(numbers, rows, strict=True))
            yield from ((path, found[number]) for number, (path, _) in enumerate(part))


def _batch_size(shape: Sequence[int | None]) -> int:
    """How many images of a shape are predicted together; an open size is taken for 1,000."""
    return max(1, min(BATCH, BATCH_VALUES // math.prod(1000 if size is None else size for size in shape)))


@checked
def load_predictor(place: str | Path) -> Predictor:
    """The network of a `.keras` file or of a run's folder, or all members of an ensemble's. Raises `InputError`."""
    files = model_files(Path(place))
    inputs = tuple(read_inputs(file) for file in files)
    models = tuple(load_model(file) for file in files)
    for model, its, file in zip(models, inputs, files, strict=True):
        check_model(model, its, file)
        _check_alike(models[0], inputs[0], shown(files[0]), model, its, shown(file))
    return Predictor(models, inputs)


def _check_alike(
    first: keras.Model, its: Inputs, place: str, other: keras.Model, theirs: Inputs, other_place: str
) -> None:
    """Raise `InputError` where two networks cannot answer together: other classes, or the same in another order."""
    mine, names = its.class_names, theirs.class_names
    size, other_size = (model.inputs[0].shape[1:] for model in (first, other))
    if set(names) != set(mine):
        differing = next(iter(sorted(set(names) ^ set(mine))))
        message = f"has other classes than {place}: {differing!r} is in one of the two alone"
    elif names != mine:
        number = next(number for number, pair in enumerate(zip(mine, names, strict=True)) if pair[0] != pair[1])
        message = f"has the classes of {place} in another order: number {number} is {names[number]!r}, not "
        message += repr(mine[number])
    elif size != other_size:
        read = [" x ".join("?" if one is None else str(one) for one in shape) for shape in (other_size, size)]
        message = f"reads images of {read[0]}, and {place} of {read[1]}"
    elif theirs.resize != its.resize:
        message = f"had images brought to its size by {theirs.resize!r}, and {place} by {its.resize!r}"
    else:
        return
    remedy = "networks that answer together are trained on the same data, in the same form; use them one by one"
    raise InputError(message, file=other_place, remedy=remedy)


class OlderModelWarning(UserWarning):
    """A run has gone on since its model was saved."""


def _warn_if_older(file: Path) -> None:
    """Warn where the run beside a model has gone on without coming to its end."""
    try:
        saved, now = read_inputs(file).epochs, len(read_history(file.parent))
    except InputError:  # of another origin, or damaged, which is reported where it matters
        return
    if saved is not None and now > saved:
        message = f"{shown(file)} is from the end of epoch {saved}, but its run has gone on to epoch {now}"
        remedy = spoken("the command that trains it, with --resume, ends it")
        warnings.warn(f"{message}; {remedy}", OlderModelWarning, stacklevel=2)


def load_model(file: Path) -> keras.Model:
    """Keras's loader, with an error for what it cannot read; the process's random numbers go on as before."""
    if file.suffix == ".keras":
        check_archive(file)
    try:
        with random_states_kept():  # layers draw seeds, and a file has its own
            return keras.models.load_model(file, compile=False)
    except Exception as error:  # whatever a broken archive makes Keras, zipfile or h5py raise
        raise InputError(f"Keras cannot load it: {first_line(error)}", file=shown(file)) from error


def model_files(place: Path) -> list[Path]:
    """The `.keras` files that a user means by a file or a folder."""
    if place.is_file():
        return [place]
    if not place.exists():
        raise InputError("there is no such file or folder", file=shown(place))
    for name in MODELS:
        if (place / name).is_file():
            _warn_if_older(place / name)
            return [place / name]
    members = sorted(place.glob("member_*/"), key=lambda member: (len(member.name), member.name))  # 10 after 9
    if not members:
        remedy = "`convspec train --out` and `convspec tune --out` write such folders"
        raise InputError("holds neither model.keras nor best.keras", file=shown(place), remedy=remedy)
    files = [member / "model.keras" for member in members]
    for file in files:
        _warn_if_older(file)
    if unfinished := [file.parent.name for file in files if not file.is_file()]:
        remedy = "train them to the end with the same command and --resume, or remove their folders"
        message = f"is an ensemble whose {', '.join(unfinished)} has no model.keras yet"
        raise InputError(message, file=shown(place), remedy=remedy)
    return files


def picture_files(places: Sequence[Path]) -> Iterator[Path]:
    """Image files, and those in folders at any depth, one after another. Raises `InputError` for what is neither."""
    raise_all(_no_pictures(place) for place in places)
    return chain.from_iterable(image_files(place) if place.is_dir() else [place] for place in places)


def _no_pictures(place: Path) -> Diagnostic | None:
    if place.is_dir():
        empty = next(image_files(place), None) is None
        return Diagnostic("has no images in it", file=shown(place)) if empty else None
    return None if place.is_file() else Diagnostic("there is no such image or folder", file=shown(place))


def main_output(value: object) -> keras.KerasTensor:
    """The prediction, where a network has auxiliary heads beside it."""
    if isinstance(value, dict):
        return next(iter(value.values()))
    return value[0] if isinstance(value, (list, tuple)) else value
