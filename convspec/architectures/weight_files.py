"""Weights from a file: legacy `.h5` by position, as keras.applications' files are meant, or Keras 3's own formats."""

from __future__ import annotations

import re
import warnings
import zipfile
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import h5py
import keras
import numpy as np

from ..language.diagnostics import InputError
from ..printing import counted
from ..process import warning_filters


class SavedLayer(NamedTuple):
    """A layer with weights in a file; `values` are read when indexed."""

    name: str
    values: tuple[h5py.Dataset, ...]

    @property
    def shapes(self) -> tuple[tuple[int, ...], ...]:
        """The shapes of its weights."""
        return tuple(tuple(value.shape) for value in self.values)


NOT_LOADED = re.compile(r"A total of \d+ objects could not be loaded|Skipping nested container")
"""How Keras's warnings begin after which a layer has its first weights (seen in Keras 3.8 to 3.14)."""


def load_weight_file(
    model: keras.Model,
    path: Path,
    *,
    count: int | None = None,
    average_channels: bool = False,
    front: Collection[keras.Layer] = (),
    beyond: int | None = None,
) -> None:
    """Load a `.weights.h5`, `.keras` or legacy `.h5` file.

    `front` are layers before the network, which a legacy file leaves as they are unless it holds theirs, too. `beyond`
    is the number of weights of the network with its top, which other files may hold for one without.

    A legacy file is loaded by position, never by name: into the first `count` layers that have weights, or all. With
    `average_channels` the first kernels, made for three channels, are averaged for one. Raises `InputError` with the
    first difference; the model is then unchanged where the file is a legacy one.
    """
    if path.name.endswith((".keras", ".weights.h5")):
        _load_keras_file(model, path, beyond)
    elif path.suffix in (".h5", ".hdf5"):
        _load_legacy_file(model, path, count, average_channels, front)
    else:
        remedy = "a file of weights ends in .weights.h5, .keras, or .h5 for the legacy format"
        raise InputError(f"{path.suffix or 'no suffix'} tells no format", file=str(path), remedy=remedy)


def _load_keras_file(model: keras.Model, path: Path, beyond: int | None) -> None:
    """Keras checks shapes, but passes over layers that only the file has."""
    try:
        saved = _count_saved(path)
        with warning_filters("record") as found:
            model.load_weights(path)
    except (ValueError, KeyError, OSError, zipfile.BadZipFile) as error:
        reason = " ".join(str(error).split()) or type(error).__name__
        raise InputError(f"does not fit {model.name}: {reason}", file=str(path), remedy=_REMEDY) from None
    if saved not in (len(model.weights), beyond):
        message = f"does not fit {model.name}: it holds {saved} weights, the network has {len(model.weights)}"
        raise InputError(message, file=str(path), remedy=_REMEDY)
    for warning in found or ():
        if NOT_LOADED.match(str(warning.message)):
            raise InputError(f"does not fit {model.name}: {warning.message}", file=str(path), remedy=_REMEDY)
    for warning in found or ():  # of a layer, or of Python: nothing to do with what was loaded
        warnings.warn_explicit(warning.message, warning.category, warning.filename, warning.lineno)


def _count_saved(path: Path) -> int:
    """How many weights of layers a file in Keras 3's formats holds; the state of random generators is none."""
    if path.suffix == ".keras":
        with zipfile.ZipFile(path) as archive, archive.open("model.weights.h5") as inner, h5py.File(inner) as file:
            return _count_in(file)
    with h5py.File(path) as file:
        return _count_in(file)


def _count_in(file: h5py.Group) -> int:
    names: list[str] = []
    file["layers"].visititems(lambda name, value: names.append(name) if isinstance(value, h5py.Dataset) else None)
    return sum("seed_generator" not in name for name in names)


def _load_legacy_file(
    model: keras.Model, path: Path, count: int | None, average_channels: bool, front: Collection[keras.Layer]
) -> None:
    try:
        file = h5py.File(path)
    except OSError as error:
        raise InputError(f"is no HDF5 file: {error}", file=str(path)) from None
    with file:
        saved = list(_saved_layers(file, path))
        layers = [layer for layer in model.layers if layer.weights]
        if len(saved) != len(layers):
            layers = [layer for layer in layers if layer not in front]
        layers = layers if count is None else layers[:count]
        _compare(saved, layers, path, average_channels)
        for number, (source, layer) in enumerate(zip(saved, layers, strict=True)):
            for value, weight in zip(source.values, _weights(layer), strict=True):
                weight.assign(_fitted(np.asarray(value), weight.shape, average_channels, number))
            if hasattr(layer, "finalize_state"):
                layer.finalize_state()


def _saved_layers(file: h5py.Group, path: Path) -> Iterator[SavedLayer]:
    group = file.get("model_weights", file)
    names = _attribute(group, "layer_names")
    if names is None:
        remedy = "a Keras 3 file of weights ends in .weights.h5"
        raise InputError("holds no weights in the legacy format", file=str(path), remedy=remedy)
    for name in names:
        weights = _attribute(group[name], "weight_names")
        if weights:
            yield SavedLayer(name, tuple(group[name][weight] for weight in weights))


def _attribute(group: h5py.Group, name: str) -> list[str] | None:
    """A list of names; HDF5 holds long lists in pieces, `layer_names0`, `layer_names1`, ..."""
    pieces = [name] if name in group.attrs else []
    while f"{name}{len(pieces)}" in group.attrs and name not in group.attrs:
        pieces.append(f"{name}{len(pieces)}")
    if not pieces:
        return None
    values = [value for piece in pieces for value in group.attrs[piece]]
    return [value.decode() if isinstance(value, bytes) else str(value) for value in values]


def _compare(saved: Sequence[SavedLayer], layers: Sequence[keras.Layer], path: Path, average_channels: bool) -> None:
    for number, (source, layer) in enumerate(zip(saved, layers, strict=False)):
        shapes = tuple(tuple(weight.shape) for weight in _weights(layer))
        if len(shapes) == len(source.shapes) and all(
            _fits(found, wanted, average_channels, number) for found, wanted in zip(source.shapes, shapes, strict=True)
        ):
            continue
        message = (
            f"layer {number + 1} of those with weights differs: the file's {source.name!r} holds "
            f"{_list(source.shapes)}, the network's {layer.name!r} {_list(shapes)}"
        )
        raise InputError(message, file=str(path), remedy=_REMEDY)
    if len(saved) != len(layers):
        longer = saved if len(saved) > len(layers) else layers
        first = longer[min(len(saved), len(layers))].name
        has = counted(len(saved), "layer")
        message = f"holds {has} with weights, the network has {len(layers)}; the first too many: {first!r}"
        raise InputError(message, file=str(path), remedy=_REMEDY)


def _fits(found: tuple[int, ...], wanted: tuple[int, ...], average_channels: bool, number: int) -> bool:
    return found == wanted or (average_channels and _channels(found, wanted, number) is not None)


def _channels(found: tuple[int, ...], wanted: tuple[int, ...], number: int) -> int | None:
    """The axis of the input's channels, where the file has three and the network one: of a kernel, or of statistics.

    Only at the beginning of the network, where the input is a picture.
    """
    axis = {4: 2, 1: 0}.get(len(wanted))
    if number > 1 or axis is None or len(found) != len(wanted):
        return None
    single = (*found[:axis], 1, *found[axis + 1 :])
    return axis if found[axis] == 3 and single == wanted else None


def _fitted(value: np.ndarray, wanted: tuple[int, ...], average_channels: bool, number: int) -> np.ndarray:
    axis = _channels(value.shape, tuple(wanted), number) if average_channels else None
    return value if axis is None else value.mean(axis=axis, keepdims=True)


def _weights(layer: keras.Layer) -> list[keras.Variable]:
    """In the order of legacy files."""
    return [*layer.trainable_weights, *layer.non_trainable_weights]


def _list(shapes: Sequence[tuple[int, ...]]) -> str:
    return ", ".join("x".join(map(str, shape)) or "a number" for shape in shapes) or "nothing"


_REMEDY = "is it the file of this network, with or without its top as here?"
