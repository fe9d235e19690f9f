"""What a network ends in: probabilities, logits, or values that are neither; told by its layers, not by numbers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Literal, NamedTuple, TypeVar

from .graph import Tensor
from .nested import Sequential

T = TypeVar("T")

MOVING = frozenset({
    "Activation", "Average", "AveragePooling2D", "ChannelShuffle", "Cropping2D", "Dropout", "Flatten",
    "GlobalAveragePooling2D", "Identity", "Permute", "Reshape", "SpatialDropout2D", "StochasticDepth", "UpSampling2D",
})  # fmt: skip
"""Layers behind which probabilities are probabilities and logits logits: they move values, or take means.

`Activation` is the linear one; others are functions of their own.
"""

COMBINING = frozenset({
    "Add", "Concatenate", "CustomScaleLayer", "GlobalMaxPooling2D", "LayerScale", "MaxPooling2D", "Maximum", "Maxout",
    "PadChannels", "Scale", "Subtract", "ZeroPadding2D",
})  # fmt: skip
"""Layers behind which logits are still logits, but probabilities no longer sum to 1."""

AFFINE = frozenset({"BatchNormalization", "LayerNormalization", "Normalization", "Rescaling"})
"""Layers without an activation that give any number, whatever comes in."""


class Layer(NamedTuple):
    """What the rule looks at: a layer's name, its Keras class, its activation, and the tensors that come to it.

    `activation` is `linear` for none, and empty where the layer has no such argument.
    """

    name: str
    kind: str
    activation: str
    inputs: Sequence[Any]


class End(NamedTuple):
    """What the values of an output are; `described` says what makes them that: `relu of 'fc10'`."""

    kind: Literal["probabilities", "logits", "other"]
    described: str

    @property
    def logits(self) -> bool:
        """Whether a softmax makes probabilities of them."""
        return self.kind == "logits"


def end_of(tensor: Tensor) -> End:
    """What a tensor of a graph holds."""
    return find_end(tensor, _layer_of)


def find_end(output: T, layer_of: Callable[[T], Layer]) -> End:
    """What an output holds: back from it to the layers that decide. `layer_of` gives the layer that makes a tensor."""
    combined = ""
    found: list[End] = []
    waiting, met = [output], {id(output)}
    while waiting:
        layer = layer_of(waiting.pop())
        onwards = [tensor for tensor in layer.inputs if id(tensor) not in met]
        if layer.kind in MOVING and layer.activation in ("", "linear"):
            waiting += onwards
        elif layer.kind in COMBINING or (layer.kind == "Multiply" and len(layer.inputs) == 1):
            combined = combined or f"{layer.kind} {layer.name!r}"
            waiting += onwards
        else:
            onwards = []
            found.append(_decided(layer))
        met.update(map(id, onwards))
    other = next((end for end in found if end.kind != "logits"), found[0])
    if other.kind == "probabilities" and (combined or any(end.logits for end in found)):
        return End("other", f"{combined or 'a mean'} behind {other.described}")
    return other


def _decided(layer: Layer) -> End:
    """What a layer gives that is no function of what its inputs are."""
    function = "softmax" if layer.kind == "Softmax" else layer.activation
    if function == "softmax":
        return End("probabilities", f"softmax of {layer.name!r}")
    if function == "linear" or layer.kind in AFFINE:
        return End("logits", f"linear {layer.name!r}")
    return End("other", f"{function or layer.kind} of {layer.name!r}")


def _layer_of(tensor: Tensor) -> Layer:
    node = tensor.node
    operation = node.operation
    if isinstance(operation, Sequential):
        operation = operation.operations[-1][1]
    activation = (operation.activation or "linear") if hasattr(operation, "activation") else ""
    return Layer(node.name, operation.keras_class, activation, node.inputs)
