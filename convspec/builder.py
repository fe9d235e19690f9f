"""From the graph to a Keras model: one layer a node, in the order in which the blocks made them."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from contextlib import ExitStack, contextmanager, nullcontext
from typing import TYPE_CHECKING

import keras

from . import layers
from .graph import Graph, Node, Operation, Sequential, Shape, Tensor, format_shape
from .keras_import import compute_silently
from .keras_model import SpecModel, carry_spec
from .language.diagnostics import InputError
from .process import without_collecting
from .variable_names import short_variable_names

if TYPE_CHECKING:
    from .blocks.base import Block
    from .language import Spec

Values = dict[Tensor, keras.KerasTensor]

SAMPLED = ("kernel_initializer", "depthwise_initializer", "pointwise_initializer")
"""What draws a layer's first values; all other weights start as constants."""


def check_keras_settings() -> None:
    """Raise `InputError` for a setting of Keras under which the layers would compute something else.

    Policies and `floatx` are honoured: every layer takes its types from them.
    """
    if keras.config.image_data_format() != "channels_last":
        message = "convspec builds networks with channels last, and Keras is set to channels_first"
        remedy = "keras.config.set_image_data_format('channels_last')"
        raise InputError(message, path="image_data_format", remedy=remedy)
    policy = keras.config.dtype_policy()
    if getattr(policy, "quantization_mode", None) is not None:
        message = f"convspec builds networks in floating point, and Keras's dtype policy is {policy.name}"
        remedy = "build and train under another policy, then model.quantize(...)"
        raise InputError(message, path="dtype_policy", remedy=remedy)


def build(
    spec: Spec,
    *,
    kernel_regularizer: keras.Regularizer | None = None,
    name: str | None = None,
    input_tensor: keras.KerasTensor | None = None,
    zero_kernels: Collection[str] = (),
) -> keras.Model:
    """The Keras model of a spec: outputs in the order of the spec, the main one first.

    `kernel_regularizer` goes to every kernel; `input_tensor` is a Keras tensor of the spec's input shape to build upon.
    `zero_kernels` names layers that weights will be loaded into: their kernels start as zeros, since sampling first
    values takes time, most of it for a VGG16. Saving the model writes the spec and its fingerprint into the file; so
    does saving a clone, or the model as loaded from a file.

    Types are those of Keras's dtype policy. With a mixed one the outputs are float32 all the same, so that losses and
    probabilities keep their precision.

    Raises ValueError for an `input_tensor` of another shape, except heights and widths that either leaves open, and
    for layers in `zero_kernels` that the network has not; `InputError` where Keras is set to channels_first.
    """
    model = build_graph(spec.graph, name or spec.name, kernel_regularizer, input_tensor, zero_kernels)
    return carry_spec(model, spec)


def build_graph(
    graph: Graph,
    name: str | None = None,
    kernel_regularizer: keras.Regularizer | None = None,
    input_tensor: keras.KerasTensor | None = None,
    zero_kernels: Collection[str] = (),
) -> keras.Model:
    """The Keras model of a graph, on inputs of its own or on a Keras tensor and whatever that one comes from.

    Raises ValueError for a tensor of another shape than the graph's input, and for layers in `zero_kernels` that the
    graph has not; `InputError` where Keras is set to channels_first.
    """
    check_keras_settings()
    if unknown := sorted(set(zero_kernels) - {node.name for node in graph.nodes}):
        raise ValueError(f"zero_kernels has layers that the network has not: {', '.join(unknown)}")
    compute_silently()
    if input_tensor is None:
        starts = [keras.Input(tensor.shape, name=_given_name(tensor.node)) for tensor in graph.inputs]
        inputs = starts if len(starts) > 1 else starts[0]
    else:
        _check_shape(tuple(input_tensor.shape[1:]), graph.inputs[0].shape)
        starts, inputs = [input_tensor], keras.utils.get_source_inputs(input_tensor)
    with without_collecting(), short_variable_names():
        values = _connect(graph, dict(zip(graph.inputs, starts, strict=True)), kernel_regularizer, zero_kernels)
        outputs = [values[tensor] for tensor in graph.outputs]
        return SpecModel(inputs, outputs if len(outputs) > 1 else outputs[0], name=name)


def _check_shape(given: Shape, wanted: Shape) -> None:
    """Raise ValueError where a tensor is not what a network reads; height and width may be open in either."""
    is_image = len(given) == len(wanted) and given[-1] is not None
    sizes = zip(given[:-1], wanted[:-1], strict=False)
    if is_image and given[-1] == wanted[-1] and all(None in pair or pair[0] == pair[1] for pair in sizes):
        return
    remedy = f"; load(..., input_shape={given}) gives the network for such a tensor" if is_image else ""
    raise ValueError(f"input_tensor is {format_shape(given)}, but the network reads {format_shape(wanted)}{remedy}")


def apply_block(
    block: Block, x: keras.KerasTensor | Sequence[keras.KerasTensor], name: str | None = None
) -> keras.KerasTensor:
    """Connect a block to an ordinary Keras tensor, or to a list of them.

    Raises `GraphError` for shapes, `InputError` where Keras is set to channels_first.
    """
    check_keras_settings()
    tensors: Sequence[keras.KerasTensor] = x if isinstance(x, (list, tuple)) else [x]
    if name is None:
        count = keras.backend.get_uid(block.kind) - 1
        name = f"{block.kind}_{count}" if count else block.kind
    graph = Graph()
    inputs = [graph.input(tuple(tensor.shape[1:])) for tensor in tensors]
    output = block(inputs if block.merges else inputs[0], name)
    with short_variable_names():
        return _connect(graph, dict(zip(inputs, tensors, strict=True)))[output]


def _connect(
    graph: Graph,
    values: dict[Tensor, keras.KerasTensor],
    kernel_regularizer: keras.Regularizer | None = None,
    zero_kernels: Collection[str] = (),
) -> dict[Tensor, keras.KerasTensor]:
    """Compute every tensor of the graph from the given ones."""
    zero_kernels = frozenset(zero_kernels)
    final = {tensor.node for tensor in graph.outputs}
    policy = keras.config.dtype_policy()
    mixed = policy.compute_dtype != policy.variable_dtype
    for node in graph.nodes:
        if node.output not in values:
            arguments = [values[tensor] for tensor in node.inputs]
            dtype = "float32" if mixed and node in final else None
            with ExitStack() as stack:
                for scope in node.variable_scopes:
                    stack.enter_context(keras.name_scope(scope))
                values[node.output] = _call(node, arguments, kernel_regularizer, dtype, node.name not in zero_kernels)
    return values


def _call(
    node: Node,
    inputs: list[keras.KerasTensor],
    kernel_regularizer: keras.Regularizer | None,
    dtype: str | None,
    sampled: bool,
) -> keras.KerasTensor:
    operation = node.operation
    if operation.bare:
        return operation.compute(inputs)
    layer = _layer(operation, node.input_shapes, _given_name(node), kernel_regularizer, dtype)
    with nullcontext() if sampled else _nothing_sampled(layer):
        return layer(inputs if len(inputs) > 1 else inputs[0])


@contextmanager
def _nothing_sampled(layer: keras.Layer) -> Iterator[None]:
    """A layer that is built inside starts with kernels of zeros; afterwards it has its own initializers again."""
    parts = getattr(layer, "layers", [layer])  # of a Sequential
    own = [(part, name, getattr(part, name)) for part in parts for name in SAMPLED if hasattr(part, name)]
    for part, name, _ in own:
        setattr(part, name, keras.initializers.Zeros())
    try:
        yield
    finally:
        for part, name, initializer in own:
            setattr(part, name, initializer)


def _layer(
    operation: Operation,
    shapes: Sequence[Shape],
    name: str | None,
    kernel_regularizer: keras.Regularizer | None,
    dtype: str | None,
) -> keras.Layer:
    if isinstance(operation, Sequential):
        inner = operation.inside(shapes[0])
        return keras.Sequential(
            [_layer(one.operation, [one.shape], one.name, kernel_regularizer, dtype) for one in inner], name=name
        )
    layer_class = getattr(layers if operation.from_package else keras.layers, operation.layer_class)
    options = operation.keras_arguments(shapes)
    if kernel_regularizer is not None:
        options |= dict.fromkeys(operation.regularizers, kernel_regularizer)
    if dtype is not None:
        options["dtype"] = dtype
    return layer_class(**options, name=name)


def _given_name(node: Node) -> str | None:
    return None if node.automatic else node.name
