"""What a graph holds: nodes, each an operation applied once, and the tensors that pass between them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from ..errors import ConvspecError

if TYPE_CHECKING:
    from .graph import Graph
    from .operation import Operation, Weight

Shape = tuple[int | None, ...]
"""Channels last, the batch left out: (height, width, channels) or (features,). None: not known before a call."""


def count_values(shape: Shape) -> int | None:
    """How many numbers an array of this shape holds; None where a size is unknown."""
    total = 1
    for size in shape:
        if size is None:
            return None
        total *= size
    return total


def add_up(values: Iterable[int | None]) -> int | None:
    """The sum; None where a value is unknown."""
    total = 0
    for value in values:
        if value is None:
            return None
        total += value
    return total


class GraphError(ConvspecError, ValueError):
    """An operation that its inputs do not allow.

    `field` names the invalid argument, and `remedy` what would be valid. `assume` is a shape to continue with, so that
    one reading of a document finds further errors, and `or_else` another that is as likely. `scopes` are the blocks
    that were being connected.
    """

    def __init__(
        self,
        message: str,
        *,
        field: str = "",
        remedy: str = "",
        assume: Shape | None = None,
        or_else: Shape | None = None,
    ) -> None:
        super().__init__(message)
        self.message, self.field, self.remedy, self.assume, self.or_else = message, field, remedy, assume, or_else
        self.scopes: tuple[Scope, ...] = ()


@dataclass(slots=True, eq=False)
class Scope:
    """A block that is being connected: the name of its layers, its kind (`bottleneck`) and its place (`body[3]`)."""

    name: str
    kind: str
    path: str = ""


class Tensor:
    """A symbolic value: its shape, and the node that computes it."""

    __slots__ = ("graph", "node", "shape")

    def __init__(self, graph: Graph, shape: Shape, node: Node) -> None:
        self.graph, self.shape, self.node = graph, shape, node

    @property
    def channels(self) -> int:
        """The size of the last axis; raises `GraphError` where it is not known."""
        if (channels := self.shape[-1]) is None:
            raise GraphError(f"the number of channels of {self.node.name!r} is not known")
        return channels

    @property
    def history(self) -> str:
        """`28x28x64 from 'conv2' (Conv2D 3x3) after 'conv1'`: what a message about shapes needs."""
        return f"{format_shape(self.shape)} from {self.node.describe()}"

    def __reduce__(self) -> tuple[Callable[[Graph, int], Tensor], tuple[Graph, int]]:
        return _tensor_of, (self.graph, self.node.index)


class Node:
    """One operation applied once. `automatic`: the name is one that Keras would have made up.

    `input_shapes` are the shapes of what goes in, in order; `variable_scopes` come first in the paths of its weights.
    """

    output: Tensor

    def __init__(
        self,
        operation: Operation,
        name: str,
        inputs: tuple[Tensor, ...],
        index: int,
        scopes: tuple[Scope, ...] = (),
        variable_scopes: tuple[str, ...] = (),
        *,
        automatic: bool = False,
    ) -> None:
        self.operation, self.name, self.inputs, self.index = operation, name, inputs, index
        self.scopes, self.variable_scopes, self.automatic = scopes, variable_scopes, automatic
        # A list inside `tuple()` takes less time than a generator; a search analyses thousands of networks.
        self.input_shapes = tuple([tensor.shape for tensor in inputs])

    @cached_property
    def weights(self) -> tuple[Weight, ...]:
        """The variables that Keras would create, in Keras's order: trainable ones first."""
        return self.operation.weights(*self.input_shapes)

    @cached_property
    def kernels(self) -> tuple[Weight, ...]:
        """Those of the weights that inputs are multiplied with."""
        return tuple([weight for weight in self.weights if weight.is_kernel])

    @property
    def parameters(self) -> int:
        """How many numbers the weights hold, as `count_params()`: batch-norm statistics included."""
        return sum(weight.size for weight in self.weights)

    @cached_property
    def macs(self) -> int | None:
        """Multiply-accumulates for one example; None where they depend on an unknown height or width."""
        return self.operation.macs(self.output.shape, self.weights, *self.input_shapes)

    def describe(self) -> str:
        """The node in a few words, with the way back to the nearest branching or input."""
        words, node = [f"{self.name!r} ({self.operation.label})"], self
        while len(node.inputs) == 1 and len(words) < 4:
            node = node.inputs[0].node
            words.append(f"{node.name!r}")
        return " after ".join(words)

    def __reduce__(self) -> tuple[Callable[[Graph, int], Node], tuple[Graph, int]]:
        return _node_of, (self.output.graph, self.index)


def _node_of(graph: Graph, index: int) -> Node:
    return graph.nodes[index]


def _tensor_of(graph: Graph, index: int) -> Tensor:
    return graph.nodes[index].output


def format_shape(shape: Sequence[int | None]) -> str:
    """`28x28x64`; an unknown size is `?`."""
    return "x".join(["?" if size is None else str(size) for size in shape])
