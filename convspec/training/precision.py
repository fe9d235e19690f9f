"""A network that computes in float32, for programs and formats that know no other number format of Keras's."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np

from ..language.diagnostics import InputError
from ..printing import first_line
from ..private_names import inner_layers
from ..process import random_states_kept

POLICIES = ("float16", "bfloat16", "float64", "mixed_float16", "mixed_bfloat16")
"""Names of policies, and of types of numbers, that become float32."""


def in_float32(model: keras.Model) -> keras.Model:
    """The model itself where all of it computes in float32, else a copy that does, with its weights cast.

    Layers keep their names; quantized ones keep their policies. Raises `InputError` for a model that Keras cannot copy.
    """
    if not any(layer.dtype_policy.name in POLICIES for layer in [model, *inner_layers(model)]):
        return model
    try:
        content = _float32(keras.saving.serialize_keras_object(model))
        content.pop("compile_config", None)
        with random_states_kept():  # the copy samples first weights
            copy = keras.saving.deserialize_keras_object(content)
        for own, its in zip(copy.weights, model.weights, strict=True):
            numbers = keras.ops.convert_to_numpy(its)
            own.assign(numbers.astype(np.float32) if own.dtype == "float32" else numbers)
    except Exception as error:  # layers of anybody's may be in it, and raise anything
        message = f"computes in another number format than float32, and cannot be copied: {first_line(error)}"
        remedy = "give its layers get_config() and from_config(), or --format saved_model, which takes it as it is"
        raise InputError(message, file=model.name, remedy=remedy) from error
    return copy


def _float32(value: Any) -> Any:
    """A configuration with float32 for each other number format."""
    if isinstance(value, (list, tuple)):
        return type(value)(map(_float32, value))
    if not isinstance(value, dict):
        return value
    return {key: _format(inner) if key == "dtype" else _float32(inner) for key, inner in value.items()}


def _format(dtype: Any) -> Any:
    """A `dtype` of a configuration: a name, or a policy with its own configuration."""
    if isinstance(dtype, dict) and dtype.get("class_name") == "DTypePolicy":
        return {**dtype, "config": {**dtype["config"], "name": _format(dtype["config"]["name"])}}
    return "float32" if isinstance(dtype, str) and dtype in POLICIES else _float32(dtype)
