"""Whether a Keras model ends in probabilities or in logits, and probabilities in either case."""

from __future__ import annotations

from collections.abc import Sequence

import keras
import numpy as np
from numpy.typing import NDArray

from .. import graph
from ..graph.output_kind import End, Layer, find_end
from ..language.diagnostics import InputError
from ..language.trainable import end_diagnostic
from ..private_names import inputs_of, layer_of, place_of

WITHOUT_OPERATION = {"Identity": "keeps", "Permute": "keeps", "Subtract": "combines"}
"""Layers of Keras that no operation of ours is named for."""


def ends_of(model: keras.Model) -> list[End]:
    """What each output of a model holds, by the rule for graphs."""
    return [find_end(output, _layer_of) for output in model.outputs]


def as_probabilities(model: keras.Model, prediction: keras.KerasTensor) -> NDArray[np.float32]:
    """The model's prediction, its softmax where it is logits. Raises `InputError` where it is neither."""
    end = ends_of(model)[0]
    if end.kind == "other":
        raise InputError(end_diagnostic(model.name, end, prediction.shape[-1]))
    probabilities: NDArray[np.float32] = keras.ops.convert_to_numpy(
        keras.ops.softmax(prediction) if end.logits else prediction
    )
    return probabilities


def _layer_of(tensor: keras.KerasTensor) -> Layer[keras.KerasTensor]:
    """The layer that makes a Keras tensor; of a model within the model, its last one."""
    layer = layer_of(tensor)
    if isinstance(layer, keras.Model):
        return _layer_of(layer.outputs[place_of(tensor)])
    function = getattr(layer, "activation", None)
    activation = getattr(function, "__name__", type(function).__name__) if function is not None else ""
    kind, inputs = type(layer).__name__, inputs_of(tensor)
    return Layer(layer.name, kind, effect_of(kind, inputs), "softmax" if kind == "Softmax" else activation, inputs)


def effect_of(kind: str, inputs: Sequence[keras.KerasTensor]) -> str:
    """What a layer of Keras makes of probabilities and logits: what our operation of the same name does."""
    if kind == "Multiply" and len(inputs) == 1:
        return graph.MultiplyConstant.end  # Keras's operator with a number
    operation = getattr(graph, kind, None)
    if isinstance(operation, type) and issubclass(operation, graph.Operation):
        return operation.end
    return WITHOUT_OPERATION.get(kind, "other")
