"""The words and the colour of a layer in a picture: `Conv 3×3/2, 64` above `BN · ReLU`."""

from __future__ import annotations

from ..graph import ACTIVATIONS, Activation, Dense, Node, Operation, Sequential, Shape, SlidingWindow
from ..graph.activation import UNKNOWN


def is_light(node: Node) -> bool:
    """Whether a layer is written in another one's box."""
    return len(node.inputs) == 1 and node.operation.placement != "box"


def comes_before(node: Node) -> bool:
    """Whether a light layer belongs to the one that follows."""
    return node.operation.placement == "above"


def short(operation: Operation) -> str:
    """A light layer in a word: `BN`, `dropout 0.5`."""
    if isinstance(operation, Activation):
        return "" if operation.activation == "linear" else activation_word(operation.activation)
    if getattr(operation, "per_example", False):
        return "drop path"
    word = operation.diagram_word or operation.keras_class
    rate = getattr(operation, "rate", None)
    return f"{word} {rate:g}" if isinstance(rate, float) else word


def activation_word(name: str) -> str:
    """`relu` -> `ReLU`."""
    return ACTIVATIONS.get(name, UNKNOWN).written or name


def title(node: Node) -> str:
    """A layer in a few words, with what it computes from what: `Conv 3×3/2, 64`."""
    operation = main_operation(node.operation)
    word = operation.diagram_word or _spaced(operation.keras_class)
    if isinstance(operation, Dense):
        return f"{word} {operation.units}"
    return f"{word} {_window(operation)}{_filters(operation)}".strip()


def main_operation(operation: Operation) -> Operation:
    """Of a nested model the layer that is not a light one, else the operation itself."""
    if not isinstance(operation, Sequential):
        return operation
    inner = [part for _, part in operation.operations]
    return next((part for part in inner if part.placement == "box"), inner[0])


def details(operation: Operation) -> tuple[list[str], list[str]]:
    """What else is above and below in the box of a layer: the rest of a nested model, its own activation."""
    if not isinstance(operation, Sequential):
        own = operation.fused_activation
        return [], [activation_word(own)] if own else []
    inner = [part for _, part in operation.operations]
    place = inner.index(main_operation(operation))
    return [short(part) for part in inner[:place]], [short(part) for part in inner[place + 1 :]]


def colour(node: Node) -> str:
    """The family that a layer's colour shows."""
    return main_operation(node.operation).family


def shape_text(shape: Shape) -> str:
    """`28×28×64`; an unknown size is `?`."""
    return "×".join("?" if size is None else str(size) for size in shape)


def _window(operation: Operation) -> str:
    if not isinstance(operation, SlidingWindow):
        return ""
    return operation.label.partition(" ")[2].replace("x", "×")


def _filters(operation: Operation) -> str:
    """The channels of a convolution, which a depthwise one has from its input."""
    if not isinstance(operation, SlidingWindow) or getattr(operation, "is_depthwise", False):
        return ""
    filters, groups = getattr(operation, "filters", None), getattr(operation, "groups", 1)
    text = f", {filters}" if filters else ""
    return f"{text}, {groups} groups" if groups > 1 else text


def _spaced(kind: str) -> str:
    words = "".join(f" {letter.lower()}" if letter.isupper() else letter for letter in kind).strip()
    return words.replace("2 d", "").capitalize()
