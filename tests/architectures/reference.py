"""Comparing a model of ours with keras.applications' own, which is built on the spot and never read from a file.

ours = fresh(lambda: convspec.build(convspec.load("resnet50")))
theirs = fresh(lambda: keras.applications.ResNet50(weights=None))
assert_twin(ours, theirs)                  # layers, weights and graph; nothing is computed
assert_same_outputs(ours, theirs)          # needs models built with allocate=True
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import nullcontext
from inspect import signature
from itertools import zip_longest
from typing import Any

import keras
import numpy as np
from keras.src.applications.convnext import StochasticDepth

IRRELEVANT = ("name", "trainable", "dtype", "seed", "module", "registered_name", "build_config")
"""Keys of a layer's configuration that differ without any difference in meaning, or are compared elsewhere."""

Row = tuple[Any, ...]


def fresh(make: Callable[[], keras.Model], *, allocate: bool = False) -> keras.Model:
    """The model that `make` builds in a fresh Keras session, so that automatic names count from the start.

    Without `allocate` the weights have shapes but no values: any network is built in a second or two and little
    memory, and cannot be run.
    """
    keras.backend.clear_session(free_memory=allocate)
    try:
        with nullcontext() if allocate else keras.StatelessScope(initialize_variables=False):
            return make()
    finally:
        keras.backend.clear_session(free_memory=False)  # forgets the variables that wait for values


def layer_table(model: keras.Model) -> list[Row]:
    """(name, class with its module) of each layer, in the order of `model.layers`."""
    return [(layer.name, _class_of(layer)) for layer in model.layers]


def weight_table(model: keras.Model) -> list[Row]:
    """(path, shape, trainable) of each weight, in the order in which a legacy `.h5` file is loaded."""
    return [
        (weight.path, tuple(weight.shape), trainable)
        for layer in model.layers
        for trainable, weights in ((True, layer.trainable_weights), (False, layer.non_trainable_weights))
        for weight in weights
    ]


def graph_table(model: keras.Model) -> list[Row]:
    """(name, class, arguments, configuration) of each operation, bare functions included.

    The arguments are the names of the operations that the inputs come from, in the order of the call, and constants
    as they are. A nested Sequential adds a row for each of its layers.
    """
    return [row for operation in model.operations for row in _rows(operation)]


def assert_twin(ours: keras.Model, theirs: keras.Model) -> None:
    """Fail with the first difference in layers, weights, graph, outputs."""
    _assert_same_rows("layer", layer_table(ours), layer_table(theirs))
    _assert_same_rows("weight", weight_table(ours), weight_table(theirs))
    _assert_same_rows("operation", graph_table(ours), graph_table(theirs))
    _assert_same_rows("output", _output_table(ours), _output_table(theirs))


def calibrated(model: keras.Model, images: np.ndarray | None = None, seed: int = 0) -> keras.Model:
    """The model with random weights under which every layer matters.

    Kernels are drawn for unit variance, then the statistics of batch normalisation are taken from one training pass:
    with Keras's own initial weights a missing layer can move the outputs by 1e-10 and go unnoticed.
    """
    random = np.random.default_rng(seed)
    for layer in _inner_layers(model):
        layer.set_weights([_random_weight(weight, random) for weight in layer.weights])
        _finish(layer)
    images = random_images(model) if images is None else images
    norms = [layer for layer in _inner_layers(model) if isinstance(layer, keras.layers.BatchNormalization)]
    momenta = [norm.momentum for norm in norms]
    for norm in norms:
        norm.momentum = 0.0
    model(images, training=True)
    for norm, momentum in zip(norms, momenta, strict=True):
        norm.momentum = momentum
    return model


def random_images(model: keras.Model, size: int = 64, count: int = 2, seed: int = 1) -> np.ndarray:
    """Noise of 0 to 255 in the model's input shape; `size` where height and width are open."""
    shape = [size if axis is None else axis for axis in model.input_shape[1:]]
    return np.random.default_rng(seed).uniform(0, 255, (count, *shape)).astype("float32")


def relative_difference(ours: keras.Model, theirs: keras.Model, images: np.ndarray) -> float:
    """The largest difference of the outputs over the largest output."""
    expected, found = np.asarray(theirs(images, training=False)), np.asarray(ours(images, training=False))
    assert np.isfinite(expected).all()
    assert np.ptp(expected, axis=0).max() > 1e-3 * np.abs(expected).max(), "outputs that ignore the input prove nothing"
    return float(np.abs(found - expected).max() / np.abs(expected).max())


def assert_same_outputs(
    ours: keras.Model, theirs: keras.Model, images: np.ndarray | None = None, tolerance: float = 0.0
) -> None:
    """Calibrate Keras's model, copy its weights by position, and fail where the outputs differ."""
    images = random_images(theirs) if images is None else images
    ours.set_weights(calibrated(theirs, images).get_weights())
    for layer in _inner_layers(ours):
        _finish(layer)
    difference = relative_difference(ours, theirs, images)
    assert difference <= tolerance, f"outputs differ by {difference:.1e} of the largest, more than {tolerance:.0e}"


def _rows(operation: Any, prefix: str = "") -> Iterator[Row]:
    name = prefix + operation.name
    yield name, _class_of(operation), _arguments(operation), _configuration(operation)
    if isinstance(operation, keras.Sequential):
        for layer in operation.layers:
            yield from _rows(layer, f"{name}/")


def _class_of(operation: Any) -> str:
    """The very class that a file names, so that a file of ours loads wherever Keras's does.

    Keras's StochasticDepth is not registered for loading; ours is the dropout that does the same.
    """
    operation = keras.layers.Dropout if isinstance(operation, StochasticDepth) else type(operation)
    return f"{operation.__module__}.{operation.__qualname__}"


def _arguments(operation: Any) -> tuple[Any, ...]:
    """What the operation was called with, in order, keywords by their names; those that a layer fills in are left out."""
    if not operation._inbound_nodes:
        return ()
    arguments = operation._inbound_nodes[-1].arguments
    defaults = {key: given.default for key, given in signature(operation.call).parameters.items()}
    keywords = {
        key: _plain(value)
        for key, value in arguments.kwargs.items()
        if value is not None and value is not defaults.get(key)
    }
    return (*_plain(arguments.args), *keywords.items())


def _configuration(operation: Any) -> Any:
    """The configuration without what does not matter; axes counted from the front."""
    if not isinstance(operation, keras.Layer) or isinstance(operation, keras.Sequential):
        return {}
    config = _plain(operation.get_config())
    nodes = operation._inbound_nodes
    if isinstance(operation, StochasticDepth):
        rank = len(nodes[-1].input_tensors[0].shape)
        config = {"rate": config["drop_path_rate"], "noise_shape": (None, *(1,) * (rank - 1))}
    axes = config.get("axis")
    if axes is not None and nodes and nodes[-1].input_tensors:
        rank = len(nodes[-1].input_tensors[0].shape)
        config["axis"] = tuple(axis % rank for axis in (axes if isinstance(axes, tuple) else (axes,)))
    return config


def _plain(value: Any) -> Any:
    """Tensors as the names of their operations, lists as tuples, irrelevant keys left out."""
    if isinstance(value, keras.KerasTensor):
        return value._keras_history.operation.name
    if isinstance(value, dict):
        return {key: _plain(inner) for key, inner in value.items() if key not in IRRELEVANT}
    if isinstance(value, (list, tuple)):
        return tuple(_plain(inner) for inner in value)
    return value


def _output_table(model: keras.Model) -> list[Row]:
    return [(tensor._keras_history.operation.name, tuple(tensor.shape)) for tensor in model.outputs]


def _inner_layers(model: keras.Model) -> Iterator[keras.Layer]:
    """The layers that own weights, those of nested Sequentials included."""
    for layer in model.layers:
        if isinstance(layer, keras.Sequential):
            yield from _inner_layers(layer)
        else:
            yield layer


def _finish(layer: keras.Layer) -> None:
    """Have a Normalization layer use the values that were put into its weights, as Keras's loading of files does."""
    if hasattr(layer, "finalize_state") and layer.weights:
        layer.finalize_state()


def _random_weight(weight: Any, random: np.random.Generator) -> np.ndarray:
    shape, kind = tuple(weight.shape), weight.name
    if kind in ("moving_variance", "variance", "gamma"):
        return random.uniform(0.5, 1.5, shape)
    if kind == "count":
        return np.zeros(shape)
    if len(shape) < 2:
        return random.normal(0.0, 0.1, shape)
    inputs = np.prod(shape[:-2]) if kind == "depthwise_kernel" else np.prod(shape[:-1])
    return random.normal(0.0, np.sqrt(2.0 / inputs), shape)


def _assert_same_rows(kind: str, ours: list[Row], theirs: list[Row]) -> None:
    """Fail with the first row that differs, the one before it, and where within the row."""
    for index, (mine, expected) in enumerate(zip_longest(ours, theirs)):
        if mine == expected:
            continue
        lines = [f"{kind} {index} of {len(theirs)}:", f"  ours  {mine}", f"  Keras {expected}"]
        if mine and expected:
            lines += [f"  {detail}" for detail in _differences(mine, expected)]
        if index:
            lines.append(f"  after {theirs[index - 1][:2]}")
        raise AssertionError("\n".join(lines))


def _differences(mine: Row, expected: Row) -> Iterator[str]:
    for first, second in zip(mine, expected, strict=True):
        if isinstance(first, dict) and isinstance(second, dict):
            for key in sorted(first.keys() | second.keys()):
                if first.get(key) != second.get(key):
                    yield f"{key}: ours {first.get(key)!r}, Keras {second.get(key)!r}"
