"""A network as a graph of operations: its nodes in order, its inputs and its outputs."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from functools import cache
from typing import Literal, TypedDict

from ..hooks import notebook_html
from ..read_only import ReadOnlyDict, ReadOnlyList
from .node import GraphError, Node, Scope, Shape, Tensor
from .operation import InputLayer, Operation

DiagnosticHandler = Callable[[GraphError, tuple[Scope, ...]], None]
"""What takes an error that can be recovered from."""

Fit = Literal["floor", "strict"]
"""What a window that does not divide its input does: drop pixels, as Keras does, or be an error."""

LARGEST = 10_000
"""Layers in a graph; a slip of the keyboard asks for more, no network does."""


class _State(TypedDict):
    """A pickled graph; tensors are the indices of their nodes."""

    fit: Fit
    nodes: list[tuple[Operation, str, list[int], tuple[Scope, ...], tuple[str, ...], bool, Shape]]
    inputs: list[int]
    outputs: list[int]
    labels: dict[str, int]
    automatic: dict[str, int]
    complete: bool


class Graph:
    """Nodes in the order of their creation, with named outputs.

    `fit` says what a window does that drops pixels. `on_diagnostic` receives each `GraphError`, with its scopes,
    instead of having it raised; the graph is then of no use, but the errors of all blocks are found. What follows an
    error has a guessed shape, or with `other_guesses` another one: an error of both graphs does not depend on them.
    """

    def __init__(
        self, fit: Fit = "floor", on_diagnostic: DiagnosticHandler | None = None, *, other_guesses: bool = False
    ) -> None:
        self.fit, self.on_diagnostic, self.other_guesses = fit, on_diagnostic, other_guesses
        self.nodes: list[Node] = []
        self.inputs: list[Tensor] = []
        self.outputs: list[Tensor] = []
        self.labels: dict[str, Tensor] = {}
        self._names: dict[str, Node] = {}
        self._guesses: set[str] = set()
        self._between_shapes = False
        self._automatic: defaultdict[str, int] = defaultdict(int)
        self._scopes: tuple[Scope, ...] = ()
        self._variable_scopes: tuple[str, ...] = ()

    def _repr_html_(self) -> str | None:
        return notebook_html(self)

    def input(self, shape: Sequence[int | None], name: str | None = None) -> Tensor:
        """A new input of this shape, the batch left out."""
        tensor = self.add(InputLayer(tuple(shape)), (), name)
        self.inputs.append(tensor)
        return tensor

    def add(self, operation: Operation, inputs: Sequence[Tensor], name: str | None = None) -> Tensor:
        """Apply an operation; without a name, or with an empty one, Keras's automatic name is used.

        Raises `GraphError` where its inputs do not allow it or the name is taken.
        """
        if isinstance(self.nodes, ReadOnlyList):
            raise GraphError("the graph is a checked network's, and takes no more layers", remedy="use a new Graph")
        if len(self.nodes) >= LARGEST:
            raise GraphError(f"the network has more than {LARGEST:,} layers", remedy="repeat less")
        node = Node(
            operation, name or self.fresh_name(snake_case(operation.layer_class)), tuple(inputs), len(self.nodes),
            self._scopes, self._variable_scopes, automatic=not name,
        )  # fmt: skip
        try:
            if self.fit == "strict":
                operation.check_fit(*node.input_shapes)
            shape = operation.output_shape(*node.input_shapes)
        except GraphError as error:
            if error.field == "inputs":
                error.remedy = "; ".join(tensor.history for tensor in inputs)
            if error.assume is None or self.on_diagnostic is None:
                raise
            self.on_diagnostic(error, self._scopes)
            shape = error.assume
            if error.or_else is not None:
                self._between_shapes = True
                shape = error.or_else if self.other_guesses else shape
        if (other := self._names.setdefault(node.name, node)) is not node:
            clash = GraphError(
                f"two layers are called {node.name!r}: a {other.operation.label} and a {operation.label}",
                field="name",
                remedy="give one of them another `name`",
            )
            if not any(scope.path for scope in self._scopes):  # an author can only correct a block of the document
                clash.scopes = other.scopes
            if self.on_diagnostic is None:
                raise clash
            self.on_diagnostic(clash, clash.scopes or self._scopes)
        node.output = Tensor(self, shape, node)
        self.nodes.append(node)
        return node.output

    def recover(self, error: GraphError, name: str, x: Tensor) -> Tensor:
        """A guess at the output of the block of this name, which has an error; raises it where nothing takes it."""
        if self.on_diagnostic is None:
            raise error
        self.on_diagnostic(error, error.scopes)
        self.guess(name)
        return self.like(x)

    def like(self, x: Tensor) -> Tensor:
        """A guess at an output that is not known: `x`, or one whose sizes all differ from it."""
        if not self.other_guesses or len(self.nodes) >= LARGEST:
            return x
        return self.add(InputLayer(tuple([None if size is None else 2 * size + 1 for size in x.shape])), ())

    def guess(self, name: str) -> None:
        """Note that a block's output is a guess, and names in it are unknown; an empty name is of any blocks."""
        self._guesses.add(name)

    @property
    def guessed(self) -> bool:
        """Whether some output is a guess."""
        return bool(self._guesses) or self._between_shapes

    def may_have(self, label: str) -> bool:
        """Whether an output of this name may be in a block that is not known."""
        return any(not name or label.startswith(f"{name}_") for name in self._guesses)

    def complete(self) -> None:
        """Take no more layers, and let nobody change which there are: others refer to the network."""
        self.nodes, self.inputs = ReadOnlyList(self.nodes), ReadOnlyList(self.inputs)
        self.outputs, self.labels = ReadOnlyList(self.outputs), ReadOnlyDict(self.labels)

    def nested(self) -> Graph:
        """An empty graph for the inside of one layer of this one: names of its own, automatic ones counted on."""
        inner = Graph(self.fit)
        inner._automatic, inner._scopes = self._automatic, self._scopes
        return inner

    def scope(self, scope: Scope) -> AbstractContextManager[None]:
        """Nodes added inside belong to this block."""
        return _Inside(self, scope)

    @contextmanager
    def variable_scope(self, *names: str) -> Iterator[None]:
        """Weights of nodes added inside have these names at the front of their path, as under `keras.name_scope`."""
        outer = self._variable_scopes
        self._variable_scopes = (*outer, *names)
        try:
            yield
        finally:
            self._variable_scopes = outer

    @property
    def scopes(self) -> tuple[Scope, ...]:
        """The blocks that are being connected, outermost first."""
        return self._scopes

    def fresh_name(self, kind: str) -> str:
        """A name for a layer or a block that was given none: its kind, counted."""
        count = self._automatic[kind]
        self._automatic[kind] += 1
        return f"{kind}_{count}" if count else kind

    def find(self, name: str) -> Node:
        """The node of this name; KeyError where there is none."""
        return self._names[name]

    def layers(self) -> list[Node]:
        """The nodes that the outputs need, in the order of Keras's `model.layers`.

        Keras sorts by the longest way to an output, farthest first; ties go in the order in which a depth-first
        search from the outputs, following a merge's arguments in turn, first meets them.
        """
        postorder, met = _search(self.outputs)
        depth: dict[Node, int] = {}
        for node in reversed(postorder):
            here = depth.setdefault(node, 0)
            for tensor in node.inputs:
                depth[tensor.node] = max(depth.get(tensor.node, 0), here + 1)
        # Keras lists an input that no output needs with the last layers, before those of the same depth.
        for tensor in self.inputs:
            if tensor.node not in depth:
                depth[tensor.node], met[tensor.node] = 0, -1
        return sorted(depth, key=lambda node: (-depth[node], met[node]))

    def idle(self) -> list[Node]:
        """The nodes whose output is neither an input of another node nor an output of the graph."""
        taken = {tensor.node for node in self.nodes for tensor in node.inputs}
        taken.update([tensor.node for tensor in (*self.inputs, *self.outputs)])
        return [node for node in self.nodes if node not in taken] if len(taken) < len(self.nodes) else []

    def __getstate__(self) -> _State:
        """Nodes as a table: pickled as the web that they are, a deep network would exceed Python's recursion limit."""
        rows = [
            (
                node.operation, node.name, [tensor.node.index for tensor in node.inputs], node.scopes,
                node.variable_scopes, node.automatic, node.output.shape,
            )
            for node in self.nodes
        ]  # fmt: skip
        return {
            "fit": self.fit,
            "nodes": rows,
            "inputs": [tensor.node.index for tensor in self.inputs],
            "outputs": [tensor.node.index for tensor in self.outputs],
            "labels": {label: tensor.node.index for label, tensor in self.labels.items()},
            "automatic": dict(self._automatic),
            "complete": isinstance(self.nodes, ReadOnlyList),
        }

    def __setstate__(self, state: _State) -> None:
        Graph.__init__(self, state["fit"])
        for operation, name, inputs, scopes, variable_scopes, automatic, shape in state["nodes"]:
            tensors = tuple([self.nodes[index].output for index in inputs])
            node = Node(operation, name, tensors, len(self.nodes), scopes, variable_scopes, automatic=automatic)
            node.output = Tensor(self, shape, node)
            self.nodes.append(node)
            self._names[name] = node
        self.inputs = [self.nodes[index].output for index in state["inputs"]]
        self.outputs = [self.nodes[index].output for index in state["outputs"]]
        self.labels = {label: self.nodes[index].output for label, index in state["labels"].items()}
        self._automatic.update(state["automatic"])
        if state["complete"]:
            self.complete()


class _Inside:
    """`Graph.scope`, entered for each block of a network: a generator would take several times as long."""

    __slots__ = ("graph", "outer", "scope")

    def __init__(self, graph: Graph, scope: Scope) -> None:
        self.graph, self.scope = graph, scope
        self.outer: tuple[Scope, ...] = ()

    def __enter__(self) -> None:
        self.outer = self.graph._scopes
        self.graph._scopes = (*self.outer, self.scope)

    def __exit__(self, *error: object) -> None:
        self.graph._scopes = self.outer


def _search(outputs: Sequence[Tensor]) -> tuple[list[Node], dict[Node, int]]:
    """Depth-first from the outputs: nodes in postorder, and the order in which each was first met."""
    postorder: list[Node] = []
    met: dict[Node, int] = {}
    for output in outputs:
        if output.node in met:
            continue
        met[output.node] = len(met)
        stack = [(output.node, iter(output.node.inputs))]
        while stack:
            node, inputs = stack[-1]
            for tensor in inputs:
                following = tensor.node
                if following not in met:
                    met[following] = len(met)
                    stack.append((following, iter(following.inputs)))
                    break
            else:
                stack.pop()
                postorder.append(node)
    return postorder, met


@cache
def snake_case(name: str) -> str:
    """`BatchNormalization` -> `batch_normalization`, by Keras's own rule (`Conv2D` -> `conv2d`)."""
    name = re.sub("(.)([A-Z][a-z]+)", r"\1_\2", name)
    return re.sub("([a-z])([A-Z])", r"\1_\2", name).lower()
