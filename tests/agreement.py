"""How an analysis is held against the Keras model built from the same graph.

Everything on the Keras side is read off the built layers, and MACs and dropped pixels are counted here once more.
"""

from __future__ import annotations

import ast
import math
import operator
import re
from typing import Any, NamedTuple

import keras

from convspec.analysis import Analysis

Shape = tuple[int | None, ...]


class Row(NamedTuple):
    """What is compared of a layer."""

    name: str
    kind: str
    shape: Shape
    activations: int | None
    parameters: int
    trainable_parameters: int
    weights: list[tuple[str, Shape, bool]]
    macs: int | None
    kernel: Shape | None
    groups: int
    dropped: tuple[int, int]


def keras_row(layer: keras.Layer) -> Row:
    """A layer of a built model."""
    # Keras counts weights without a name of their own: `variable`, `variable_1`
    weights = [
        (re.sub(r"^variable_\d+$", "variable", weight.name), tuple(weight.shape), weight.trainable)
        for weight in layer.weights
    ]
    shape = tuple(layer.output.shape[1:])
    kernels = [weight for name, weight, _ in weights if name in KERNELS]
    return Row(
        layer.name,
        type(layer).__name__,
        shape,
        None if None in shape else math.prod(shape),
        layer.count_params(),
        sum(math.prod(weight) for _, weight, trainable in weights if trainable),
        weights,
        _macs(layer),
        kernels[0] if kernels else None,
        getattr(layer, "groups", 1),
        _dropped(layer),
    )


def analysis_rows(analysis: Analysis) -> list[Row]:
    """The same, by the analysis."""
    return [
        Row(
            record.name,
            node.operation.layer_class,
            tuple(record.output_shape),
            record.activations,
            record.parameters,
            record.trainable_parameters,
            [(weight.name, tuple(weight.shape), weight.trainable) for weight in node.weights],
            record.macs,
            record.kernel_shape,
            record.groups,
            record.dropped,
        )
        for record, node in zip(analysis.layers, analysis.nodes, strict=True)
    ]


def assert_agreement(analysis: Analysis, model: keras.Model) -> None:
    """Every layer's record is equal to what Keras made, in order; so are the sums, the arithmetic and the inputs."""
    assert analysis_rows(analysis) == [keras_row(layer) for layer in model.layers]
    for record in analysis.layers:
        assert (evaluate(record.arithmetic) if record.arithmetic else 0) == record.parameters, record
    totals = analysis.totals
    assert totals.parameters == model.count_params()
    assert totals.trainable_parameters == sum(math.prod(weight.shape) for weight in model.trainable_weights)


KERNELS = ("kernel", "depthwise_kernel", "pointwise_kernel")


def _macs(layer: keras.Layer) -> int | None:
    """Multiply-accumulates of convolutions and dense layers: each weight of a kernel once at each output position."""
    if isinstance(layer, keras.Sequential):
        inner = [_macs(one) for one in layer.layers]
        return None if None in inner else sum(inner)
    sizes = {weight.name: math.prod(weight.shape) for weight in layer.weights if weight.name in KERNELS}
    places = list(layer.output.shape[1:-1])
    if not sizes:
        return 0
    return None if None in places else sum(sizes.values()) * math.prod(places)


def _dropped(layer: keras.Layer) -> tuple[int, int]:
    """Rows and columns at the far edges that no window of a convolution or pool without padding covers.

    Of a Sequential: those of its layers together, in pixels of its own input.
    """
    rows = columns = 0
    scale = (1, 1)
    for one in getattr(layer, "layers", [layer]):
        window = getattr(one, "kernel_size", None) or getattr(one, "pool_size", None)
        if window is None:
            continue
        strides = one.strides if isinstance(one.strides, tuple) else (one.strides,) * 2
        if one.padding == "valid":
            dilation = getattr(one, "dilation_rate", (1, 1))
            sizes = zip(one.input.shape[1:3], window, dilation, strides, strict=True)
            left = [(size - (taps - 1) * gap - 1) % stride if size else 0 for size, taps, gap, stride in sizes]
            rows, columns = rows + left[0] * scale[0], columns + left[1] * scale[1]
        scale = (scale[0] * strides[0], scale[1] * strides[1])
    return rows, columns


OPERATORS: dict[type, Any] = {
    ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul, ast.Div: operator.truediv,
}  # fmt: skip


def evaluate(arithmetic: str) -> int:
    """What `(3*3*64 + 1)*128` comes to."""

    def value(node: ast.expr) -> Any:
        if isinstance(node, ast.BinOp):
            return OPERATORS[type(node.op)](value(node.left), value(node.right))
        assert isinstance(node, ast.Constant)
        return node.value

    return value(ast.parse(arithmetic, mode="eval").body)  # type: ignore[no-any-return]
