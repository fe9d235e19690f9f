"""Using what training left: one network, or several whose probabilities are averaged."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from ..data.dataset import shown
from ..data.pictures import RESIZE_TRAINED, SUFFIXES, Size, read_pictures
from ..spec.faults import Fault, FaultError
from .ending import as_probabilities
from .saving import Inputs, read_inputs

BATCH = 256


@dataclass(frozen=True, eq=False)
class Predictor:
    """Trained networks with the same classes; each normalises images as in its own training."""

    models: tuple[keras.Model, ...]
    inputs: tuple[Inputs, ...]

    @property
    def class_names(self) -> tuple[str, ...]:
        """The names of the classes, in the order of the probabilities."""
        return self.inputs[0].class_names

    @property
    def size(self) -> Size:
        """Height, width and channels that the networks read; None where open."""
        height, width, channels = self.models[0].inputs[0].shape[1:]
        return height, width, channels

    def probabilities(self, x: NDArray[Any]) -> NDArray[np.float32]:
        """`(count, classes)` for images `(count, height, width, channels)` as they lie in files or arrays.

        Raises `FaultError` for a network that ends in neither probabilities nor logits.
        """
        total = np.zeros((len(x), len(self.class_names)), np.float64)
        for model, inputs in zip(self.models, self.inputs, strict=True):
            for start in range(0, len(x), BATCH):
                batch = inputs.normalizer(x[start : start + BATCH].astype(np.float32))
                total[start : start + BATCH] += as_probabilities(model, main_output(model(batch, training=False)))
        return (total / len(self.models)).astype(np.float32)

    def read(self, paths: Sequence[Path], resize: str | None = None) -> NDArray[np.uint8]:
        """Image files, brought to the networks' size as in training or as `resize` says. Raises `FaultError`."""
        return read_pictures(paths, self.size, resize or self.inputs[0].resize, RESIZE_TRAINED)


def load_predictor(place: Path) -> Predictor:
    """The network of a `.keras` file or of a run's folder, or all members of an ensemble's. Raises `FaultError`."""
    files = model_files(place)
    inputs = tuple(read_inputs(file) for file in files)
    for file, other in zip(files, inputs, strict=True):
        if other.class_names != inputs[0].class_names:
            raise FaultError(Fault(f"has other classes than {shown(files[0])}", file=shown(file)))
    return Predictor(tuple(load_model(file) for file in files), inputs)


def load_model(file: Path) -> keras.Model:
    """Keras's loader, with a fault for what it cannot read."""
    try:
        return keras.models.load_model(file, compile=False)
    except Exception as error:  # whatever a broken archive makes Keras, zipfile or h5py raise
        raise FaultError(Fault(f"Keras cannot load it: {str(error).splitlines()[0]}", file=shown(file))) from error


def model_files(place: Path) -> list[Path]:
    """The `.keras` files that a user means by a file or a folder."""
    if place.is_file():
        return [place]
    if not place.exists():
        raise FaultError(Fault("there is no such file or folder", file=shown(place)))
    for name in ("model.keras", "best.keras"):  # of a run, of a search
        if (place / name).is_file():
            return [place / name]
    members = sorted(place.glob("member_*/"))
    if not members:
        remedy = "`convspec train --out` and `convspec tune --out` write such folders"
        raise FaultError(Fault("holds neither model.keras nor best.keras", file=shown(place), remedy=remedy))
    files = [member / "model.keras" for member in members]
    if unfinished := [file.parent.name for file in files if not file.is_file()]:
        remedy = "train them to the end with the same command and --resume, or remove their folders"
        message = f"is an ensemble whose {', '.join(unfinished)} has no model.keras yet"
        raise FaultError(Fault(message, file=shown(place), remedy=remedy))
    return files


def picture_files(places: Sequence[Path]) -> list[Path]:
    """Image files, and those in folders at any depth. Raises `FaultError` for what is neither."""
    found = []
    for place in places:
        if place.is_dir():
            inside = sorted(path for path in place.rglob("*") if path.suffix.lower() in SUFFIXES and path.is_file())
            if not inside:
                raise FaultError(Fault("has no images in it", file=shown(place)))
            found += inside
        elif place.is_file():
            found.append(place)
        else:
            raise FaultError(Fault("there is no such image or folder", file=shown(place)))
    return found


def main_output(value: Any) -> Any:
    """The prediction, where a network has auxiliary heads beside it."""
    if isinstance(value, dict):
        return next(iter(value.values()))
    return value[0] if isinstance(value, (list, tuple)) else value
