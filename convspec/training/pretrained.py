"""Networks to start from: saved ones, and the catalogue's with official weights or those of a file."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import keras
import numpy as np
from numpy.typing import NDArray

from ..architectures.registry import find_constructor
from ..data.dataset import Dataset
from ..data.pixels import PixelRange
from ..data.preprocessing import Normalizer
from ..files import shown
from ..language.diagnostics import InputError
from ..language.fine_tuning import official_name
from ..language.recipe import OFFICIAL, Recipe, is_official
from ..process import warning_filters
from .predictor import load_model, model_files
from .saving import read_inputs

REMEDY = "a .keras file, the folder of a run, an .h5 file of weights, imagenet, or imagenet:NETWORK"


@dataclass(frozen=True)
class Pretrained:
    """A network to take weights from; `place` is its name in messages. Of the catalogue's there is only the body."""

    network: keras.Model
    place: str
    body_only: bool


def pretrained(model: keras.Model, weights: str) -> Pretrained:
    """What `train.finetune.weights` means for a network. Raises `InputError`."""
    if is_official(weights):
        name = official_name(model.name, weights)
        return Pretrained(_body(model, name, OFFICIAL), f"imagenet weights of {name}", True)
    path = Path(weights).expanduser()
    if not path.exists():
        raise InputError("there is no such file or folder", file=shown(path), remedy=REMEDY)
    if path.suffix in (".h5", ".hdf5"):
        return Pretrained(_body(model, official_name(model.name, weights), path), shown(path), True)
    file = _only_file(path)
    return Pretrained(load_model(file), shown(file), False)


def _only_file(path: Path) -> Path:
    """The `.keras` file that weights come from. Raises `InputError` for an ensemble: none of its networks is meant."""
    files = model_files(path)
    if len(files) > 1:
        remedy = f"name one of its networks, such as {shown(files[0].parent)}"
        raise InputError("is an ensemble; weights come from one network", file=shown(path), remedy=remedy)
    return files[0]


def normalizer_for(model: keras.Model, recipe: Recipe, dataset: Dataset) -> Normalizer:
    """What images go through: measured on the training images, or with official weights what these were trained on.

    With weights of a run and without `rescale`, pixels come to the range that those weights were trained on.
    """
    how, given = recipe.finetune, dataset.pixel_range
    if how is not None and is_official(how.weights):
        return official_normalizer(official_name(model.name, how.weights), given, dataset.input_shape[2])
    known = _range_of(how.weights) if how is not None else None
    return Normalizer.measure(dataset.x_train, given, recipe.preprocessing, known)


def _range_of(weights: str) -> PixelRange | None:
    """The range of the pixels that weights were trained on, if their file says."""
    path = Path(weights).expanduser()
    if path.suffix in (".h5", ".hdf5"):
        return None
    try:
        return read_inputs(_only_file(path)).normalizer.pixel_range
    except InputError:  # Keras's own file, or none; the latter is reported where the weights are loaded
        return None


def official_normalizer(name: str, pixel_range: PixelRange, channels: int) -> Normalizer:
    """The `preprocess_input` of a network's family, read off from what it does to black and to pure colours.

    For images of one channel it is the mean over the three, and three times as large: the kernels that read them are
    the mean over three channels, too, and are to answer as they would to a grey image in colours. A family whose
    networks prepare images themselves reads bytes.
    """
    preprocess: Callable[..., NDArray[np.float32]] = importlib.import_module(
        find_constructor(name).__module__
    ).preprocess_input
    black = preprocess(np.zeros((1, 1, 1, 3), np.float32)).reshape(3)
    colours = preprocess(255 * np.eye(3, dtype=np.float32).reshape(3, 1, 1, 3)).reshape(3, 3) - black
    deviation = 1 / colours.sum(axis=0)
    mean = -black * deviation
    if channels == 1:
        mean, deviation = mean.mean(keepdims=True), deviation.mean(keepdims=True)
        deviation = deviation / 3 if black.any() else deviation
    reverse = channels == 3 and bool(colours[0, 0] == 0)
    mean = mean + pixel_range.low / pixel_range.width
    return Normalizer(pixel_range.width, mean.astype(np.float32), deviation.astype(np.float32), reverse, pixel_range)


def _body(model: keras.Model, name: str, weights: str | Path) -> keras.Model:
    """The catalogue's network without its top, for the same images; from a file that holds the whole one, too."""
    build, shape = find_constructor(name), tuple(model.inputs[0].shape[1:])
    with warning_filters("ignore"):  # that the files of some families are for squares of some sizes
        try:
            return build(include_top=False, weights=weights, input_shape=shape)
        except InputError:
            if weights == OFFICIAL:
                raise
            with suppress(InputError):
                return build(weights=weights)
            raise
