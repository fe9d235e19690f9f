"""The words and the colour of a layer in a picture: `Conv 3×3/2, 64` above `BN · ReLU`."""

from __future__ import annotations

from ..graph import Node, Operation, Sequential, Shape

BEFORE = {
    "ZeroPadding2D": "pad",
    "HalvingPadding2D": "pad",
    "Cropping2D": "crop",
    "Flatten": "flatten",
    "Reshape": "reshape",
    "Rescaling": "rescale",
    "Normalization": "normalize",
}
"""Layers that prepare the next one's input: they are written above it, in its box."""

AFTER = {
    "BatchNormalization": "BN",
    "LayerNormalization": "LN",
    "LocalResponseNormalization": "LRN",
    "ReLU": "ReLU",
    "LeakyReLU": "leaky ReLU",
    "PReLU": "PReLU",
    "Softmax": "softmax",
    "Activation": "",
    "Dropout": "dropout",
    "SpatialDropout2D": "spatial dropout",
    "StochasticDepth": "stochastic depth",
    "LayerScale": "layer scale",
    "Scale": "scale",
    "MultiplyConstant": "times a constant",
    "AddConstant": "plus a constant",
    "Complement": "1 − x",
}
"""Layers that change the values of the one before: they are written below it, in its box."""

MERGES = {"Add": "+", "BareAdd": "+", "Multiply": "×", "Concatenate": "concat", "Average": "mean", "Maximum": "max"}
CONVOLUTIONS = {"Conv2D": "Conv", "DepthwiseConv2D": "Depthwise", "SeparableConv2D": "Separable"}
POOLS = {
    "MaxPooling2D": "Max pool",
    "AveragePooling2D": "Avg pool",
    "GlobalAveragePooling2D": "Global avg pool",
    "GlobalMaxPooling2D": "Global max pool",
}
ACTIVATIONS = {"relu": "ReLU", "relu6": "ReLU6", "gelu": "GELU", "selu": "SELU", "elu": "ELU"}


def is_light(node: Node) -> bool:
    """Whether a layer is written in another one's box."""
    return len(node.inputs) == 1 and (node.operation.keras_class in BEFORE or node.operation.keras_class in AFTER)


def comes_before(node: Node) -> bool:
    """Whether a light layer belongs to the one that follows."""
    return node.operation.keras_class in BEFORE


def short(operation: Operation) -> str:
    """A light layer in a word: `BN`, `dropout 0.5`."""
    kind = operation.keras_class
    if kind == "Activation":
        name = str(getattr(operation, "activation", ""))
        return "" if name == "linear" else activation_word(name)
    if getattr(operation, "per_example", False):
        return "drop path"
    word = BEFORE.get(kind) or AFTER.get(kind) or kind
    rate = getattr(operation, "rate", None)
    return f"{word} {rate:g}" if isinstance(rate, float) else word


def activation_word(name: str) -> str:
    """`relu` -> `ReLU`."""
    return ACTIVATIONS.get(name, name)


def own_activation(operation: Operation) -> str:
    """The word of an activation that is an argument of the layer itself; empty where it is linear."""
    name = getattr(operation, "activation", None)
    return activation_word(name) if isinstance(name, str) and name != "linear" else ""


def title(node: Node) -> str:
    """A layer in a few words, with what it computes from what: `Conv 3×3/2, 64`."""
    operation = main_operation(node.operation)
    kind = operation.keras_class
    if kind == "InputLayer":
        return "input"
    if kind in MERGES:
        return MERGES[kind]
    if kind == "Conv2D" and is_depthwise(operation):
        return f"Depthwise {_window(operation)}"
    if kind in CONVOLUTIONS:
        return f"{CONVOLUTIONS[kind]} {_window(operation)}{_filters(operation)}"
    if kind == "Dense":
        return f"Dense {getattr(operation, 'units', '')}"
    if kind in POOLS:
        return f"{POOLS[kind]} {_window(operation)}".strip()
    return _spaced(kind)


def main_operation(operation: Operation) -> Operation:
    """Of a nested model the layer that is not a light one, else the operation itself."""
    if not isinstance(operation, Sequential):
        return operation
    inner = [part for _, part in operation.operations]
    return next((part for part in inner if part.keras_class not in BEFORE and part.keras_class not in AFTER), inner[0])


def details(operation: Operation) -> tuple[list[str], list[str]]:
    """What else stands above and below in the box of a layer: the rest of a nested model, its own activation."""
    own = own_activation(operation)
    if not isinstance(operation, Sequential):
        return [], [own] if own else []
    inner = [part for _, part in operation.operations]
    place = inner.index(main_operation(operation))
    return [short(part) for part in inner[:place]], [short(part) for part in inner[place + 1 :]]


def is_depthwise(operation: Operation) -> bool:
    """Whether a convolution has as many groups as filters."""
    groups = getattr(operation, "groups", 1)
    return bool(groups > 1 and groups == getattr(operation, "filters", 0))


def colour(node: Node) -> str:
    """The family that a layer's colour shows."""
    operation = main_operation(node.operation)
    kind = operation.keras_class
    if kind == "InputLayer":
        return "input"
    if kind in MERGES:
        return "merge"
    if kind in ("DepthwiseConv2D", "SeparableConv2D") or is_depthwise(operation):
        return "depthwise"
    if kind == "Conv2D":
        return "conv"
    if kind in POOLS:
        return "pool"
    return "dense" if kind == "Dense" else "other"


def shape_text(shape: Shape) -> str:
    """`28×28×64`; an unknown size is `?`."""
    return "×".join("?" if size is None else str(size) for size in shape)


def plain_kind(kind: str) -> str:
    """`inverted_residual` -> `inverted residual`."""
    return kind.replace("_", " ")


def _window(operation: Operation) -> str:
    parts = operation.label.split(" ", 1)
    return parts[1].replace("x", "×") if len(parts) > 1 else ""


def _filters(operation: Operation) -> str:
    filters, groups = getattr(operation, "filters", None), getattr(operation, "groups", 1)
    text = f", {filters}" if filters else ""
    return f"{text}, {groups} groups" if groups > 1 else text


def _spaced(kind: str) -> str:
    words = "".join(f" {letter.lower()}" if letter.isupper() else letter for letter in kind).strip()
    return words.replace("2 d", "").capitalize()
