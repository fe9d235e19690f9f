"""A network's first weights from a seed: one way to draw them, for training and for the trials of a search."""

from __future__ import annotations

import hashlib
from collections.abc import Collection

import keras
import numpy as np
from numpy.typing import NDArray

from ..builder import build
from ..language import Spec
from ..private_names import inner_layers

Values = dict[str, NDArray[np.generic]]


def new_model(spec: Spec) -> keras.Model:
    """The model of a spec as its training begins: with the recipe's L2 penalty, and weights drawn from its seed.

    Build it inside `reproducible(spec.train)`, which sets the number format. A trial of a search begins with the same
    weights and the same random states, so that training its spec again gives the same history.
    """
    recipe = spec.train
    model = build(spec, kernel_regularizer=keras.regularizers.L2(recipe.l2) if recipe.l2 else None)
    drawn = first_values(model, recipe.seed)
    for variable in model.variables:
        if variable.path in drawn:
            variable.assign(drawn[variable.path])
    return model


def first_values(model: keras.Model, seed: int, fresh: Collection[str] | None = None) -> Values:
    """What the variables that start at random begin with, by their paths; the others keep what they were built with.

    Each value is a function of the seed and the layer's own name, so that neither the order of building nor what was
    built before matters. `fresh` names the layers that start from random weights, all unless given; layers that draw
    random numbers in training begin anew in any case.
    """
    values: Values = {}
    for layer in inner_layers(model):
        values |= _random_states(layer, seed)
        if fresh is None or layer.name in fresh:
            values |= _weights(layer, seed)
    return values


def _weights(layer: keras.Layer, seed: int) -> Values:
    values: Values = {}
    for attribute, initializer in vars(layer).items():
        if not attribute.endswith("_initializer") or not isinstance(initializer, keras.initializers.Initializer):
            continue
        config = initializer.get_config()
        variable = _variable_of(layer, attribute.removesuffix("_initializer"))
        if variable is None or "seed" not in config:
            continue
        own = type(initializer).from_config({**config, "seed": _number(seed, layer.name, attribute)})
        values[variable.path] = np.asarray(keras.ops.convert_to_numpy(own(tuple(variable.shape), "float32")))
    return values


def _random_states(layer: keras.Layer, seed: int) -> Values:
    states = [value.state for value in vars(layer).values() if isinstance(value, keras.random.SeedGenerator)]
    return {
        state.path: np.array([_number(seed, layer.name, "random"), 0], dtype=np.dtype(state.dtype)) for state in states
    }


def _variable_of(layer: keras.Layer, stem: str) -> keras.Variable | None:
    for name in (stem, f"{stem}_kernel", "kernel"):
        found = getattr(layer, name, None)
        if isinstance(found, keras.Variable):
            return found
    return None


def _number(seed: int, *key: str) -> int:
    digest = hashlib.sha256("\x1f".join([str(seed), *key]).encode()).digest()
    # 31 bits: TensorFlow's seeds are signed.
    return int.from_bytes(digest[:4], "big") >> 1
