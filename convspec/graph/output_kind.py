"""What a network ends in: probabilities, logits, or values that are neither, as its layers (not its numbers) say."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Generic, Literal, NamedTuple, TypeVar

from .nested import Sequential
from .node import Tensor

T = TypeVar("T")


class Layer(NamedTuple, Generic[T]):
    """What the rule depends on: a layer's name and Keras class, its effect, its activation, and its input tensors.

    `effect` is `Operation.end`; `activation` is `linear` for none, and empty where the layer has no such argument.
    """

    name: str
    kind: str
    effect: str
    activation: str
    inputs: Sequence[T]


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


def find_end(output: T, layer_of: Callable[[T], Layer[T]]) -> End:
    """What an output holds: back from it to the layers that decide. `layer_of` gives the layer that makes a tensor."""
    combined = ""
    found: list[End] = []
    waiting, met = [output], {id(output)}
    while waiting:
        layer = layer_of(waiting.pop())
        onwards = [tensor for tensor in layer.inputs if id(tensor) not in met]
        if layer.effect == "keeps" and layer.activation in ("", "linear"):
            waiting += onwards
        elif layer.effect == "combines":
            combined = combined or f"{layer.kind} {layer.name!r}"
            waiting += onwards
        else:
            onwards = []
            found.append(_decided(layer))
        met.update(map(id, onwards))
    other = next((end for end in found if end.kind != "logits"), found[0])
    if other.kind == "probabilities" and (combined or any(end.logits for end in found)):
        return End("other", f"{combined or 'a mean'} after {other.described}")
    return other


def _decided(layer: Layer[T]) -> End:
    """What a layer gives whatever its inputs are."""
    function = layer.activation
    if function == "softmax":
        return End("probabilities", f"softmax of {layer.name!r}")
    if function == "linear" or layer.effect == "affine":
        return End("logits", f"linear {layer.name!r}")
    return End("other", f"{function or layer.kind} of {layer.name!r}")


def _layer_of(tensor: Tensor) -> Layer[Tensor]:
    node = tensor.node
    operation = node.operation
    if isinstance(operation, Sequential):
        operation = operation.operations[-1][1]
    return Layer(node.name, operation.keras_class, operation.end, operation.activation_name, node.inputs)
