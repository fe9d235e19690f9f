"""What can be said of a network without building it: one record a layer, and the totals."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from functools import cached_property
from typing import Any, NamedTuple

from ..graph import Graph, Node, Scope, Shape, add_up, count_values
from ..hooks import notebook_html
from ..language import InputError, Spec, load
from ..language.arguments import checked
from ..language.loading import Network
from ..process import without_collecting
from ..read_only import ReadOnlyList
from .receptive import receptive_field, receptive_fields, ungated
from .structure import block_of, pattern_of
from .table import render

BYTES = {"float16": 2, "bfloat16": 2, "float32": 4, "float64": 8}


class LayerRecord(NamedTuple):
    """One layer. Counts are for one example; None where they depend on an unknown height or width.

    `parameters` is Keras's `count_params()`; `arithmetic` says how it comes about. `receptive_field` is the larger
    of height and width in input pixels. `dropped` counts rows and columns that no window covers.
    """

    name: str
    operation: str
    label: str
    output_shape: Shape
    activations: int | None
    parameters: int
    trainable_parameters: int
    arithmetic: str
    macs: int | None
    receptive_field: int | None
    receptive_field_hw: tuple[int | None, int | None]
    kernel_shape: tuple[int, ...] | None
    groups: int
    dropped: tuple[int, int]
    inputs: tuple[str, ...]
    block: str
    block_kind: str

    @property
    def drops_pixels(self) -> bool:
        """Whether a window does not divide the input."""
        return any(self.dropped)


class Totals(NamedTuple):
    """Sums over the layers. Bytes are for a whole batch of this dtype; `depth` counts kernels on the longest way."""

    parameters: int
    trainable_parameters: int
    macs: int | None
    activation_bytes: int | None
    weight_bytes: int
    depth: int
    batch: int
    dtype: str


class _Counts(NamedTuple):
    """How many numbers the output of a layer has, and its weights."""

    activations: int | None
    parameters: int
    trainable: int


@dataclass(frozen=True, eq=False, repr=False)
class Analysis:
    """A network's figures. `layers` are in the order of Keras's `model.layers`.

    Two analyses are equal if all their figures are. An analysis can be pickled.
    """

    name: str
    graph: Graph
    batch: int = 1
    dtype: str = "float32"
    spec: Spec | None = None

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Analysis) and self._figures == other._figures

    def __hash__(self) -> int:
        return hash((self.name, self.fingerprint, self.totals))

    def __getstate__(self) -> dict[str, object]:
        """The fields alone: the figures are worked out again."""
        return {field.name: getattr(self, field.name) for field in fields(self)}

    @property
    def _figures(self) -> tuple[object, ...]:
        return self.name, self.fingerprint, self.totals, self.layers

    def __repr__(self) -> str:
        return f"Analysis({self.name!r})"

    def __str__(self) -> str:
        return render(self)

    def _repr_html_(self) -> str | None:
        return notebook_html(self)

    @property
    def fingerprint(self) -> str | None:
        """The spec's fingerprint; None for a bare graph."""
        return None if self.spec is None else self.spec.fingerprint

    @cached_property
    def pattern(self) -> str:
        """The pattern that the network follows."""
        return pattern_of(self.graph)

    @cached_property
    def receptive_field(self) -> int | None:
        """Input pixels that a value of the last map before global pooling depends on, along the longer side."""
        return receptive_field(self.graph)

    @cached_property
    def nodes(self) -> list[Node]:
        """The layers' nodes; bare functions of the graph are no layers."""
        layers = self.graph.layers() if self.spec is None else self.spec.layers
        return ReadOnlyList([node for node in layers if not node.operation.bare])

    @cached_property
    def layers(self) -> list[LayerRecord]:
        """One record a layer."""
        fields = receptive_fields(self.graph.nodes)
        return ReadOnlyList(
            _record(node, counts, (fields[node][0].size, fields[node][1].size))
            for node, counts in zip(self.nodes, self._counts, strict=True)
        )

    @cached_property
    def totals(self) -> Totals:
        """The sums; cheaper than all the records."""
        nodes, counts = self.nodes, self._counts
        parameters = sum([count.parameters for count in counts])
        size = BYTES[self.dtype]
        stored = [
            count.activations
            for node, count in zip(nodes, counts, strict=True)
            if not (node.operation.is_view or node.operation.training_only)
        ]
        activations = add_up(stored)
        return Totals(
            parameters=parameters,
            trainable_parameters=sum([count.trainable for count in counts]),
            macs=add_up([node.macs for node in nodes]),
            activation_bytes=None if activations is None else activations * size * self.batch,
            weight_bytes=parameters * size,
            depth=_depth(self.graph),
            batch=self.batch,
            dtype=self.dtype,
        )

    @cached_property
    def _counts(self) -> list[_Counts]:
        return [_count(node) for node in self.nodes]

    def to_dict(self) -> dict[str, Any]:
        """What `convspec inspect --json` prints; `docs/json.md` describes it."""
        totals = self.totals
        return {
            "name": self.name,
            "fingerprint": self.fingerprint,
            "pattern": self.pattern,
            "receptive_field": self.receptive_field,
            "totals": totals._asdict(),
            "layers": [_layer_dict(layer) for layer in self.layers],
        }


@checked
def analyze(
    source: Network | Graph,
    *,
    batch: int = 1,
    dtype: str = "float32",
    variant: str | None = None,
    overrides: Mapping[str, object] | None = None,
    input_shape: Sequence[int | None] | None = None,
) -> Analysis:
    """The figures of a network: a name, a file, a mapping or a `Spec`, as `load` takes them; or of a graph.

    Raises `InputError` for an invalid spec, an unknown dtype or a batch below 1.
    """
    if dtype not in BYTES:
        raise InputError(f"no dtype is called {dtype!r}; there are {', '.join(BYTES)}")
    if batch < 1:
        raise InputError(f"a batch has at least one example, not {batch}")
    if isinstance(source, Graph):
        given = {"--variant": variant, "--set": overrides or None, "--input": input_shape}
        if without_use := " and ".join(name for name, value in given.items() if value is not None):
            message = f"{without_use}: no effect on a Graph, which is one network already"
            raise InputError(message, remedy="analyze the spec that it comes from")
        return Analysis("graph", source, batch, dtype)
    with without_collecting():
        spec = load(source, variant=variant, overrides=overrides, input_shape=input_shape)
    return Analysis(spec.name, spec.graph, batch, dtype, spec)


def _count(node: Node) -> _Counts:
    parameters = trainable = 0
    for weight in node.weights:
        size = weight.size
        parameters += size
        trainable += size if weight.trainable else 0
    return _Counts(count_values(node.output.shape), parameters, trainable)


def _record(node: Node, counts: _Counts, field: tuple[int | None, int | None]) -> LayerRecord:
    operation, shapes, (height, width) = node.operation, node.input_shapes, field
    weights = node.weights
    index = block_of(node)
    scope = node.scopes[index] if index is not None else None
    return LayerRecord(  # in order, which is faster than by name where there are thousands
        node.name,
        operation.keras_class,
        operation.label,
        node.output.shape,
        *counts,
        operation.arithmetic(weights, *shapes) if weights else "",
        node.macs,
        None if height is None or width is None else max(height, width),
        field,
        node.kernels[0].shape if node.kernels else None,
        getattr(operation, "groups", 1),
        operation.dropped(*shapes),
        tuple([tensor.node.name for tensor in node.inputs]),
        (scope.name or _first_in(scope, node).name) if scope else "",
        scope.kind if scope else "",
    )


def _first_in(scope: Scope, node: Node) -> Node:
    """The first layer of a block, whose name replaces that of a block without one."""
    nodes = node.output.graph.nodes
    while node.index and scope in nodes[node.index - 1].scopes:
        node = nodes[node.index - 1]
    return node


def _layer_dict(layer: LayerRecord) -> dict[str, object]:
    return {
        "name": layer.name,
        "operation": layer.operation,
        "output_shape": list(layer.output_shape),
        "parameters": layer.parameters,
        "trainable_parameters": layer.trainable_parameters,
        "macs": layer.macs,
        "receptive_field": layer.receptive_field,
        "receptive_field_hw": list(layer.receptive_field_hw),
        "kernel_shape": None if layer.kernel_shape is None else list(layer.kernel_shape),
        "groups": layer.groups,
        "drops_pixels": layer.drops_pixels,
        "dropped_pixels": list(layer.dropped),
        "inputs": list(layer.inputs),
        "block": layer.block,
    }


def _depth(graph: Graph) -> int:
    depth: dict[Node, int] = {}
    for node in graph.nodes:
        depth[node] = depth_of(node, depth)
    return depth[graph.outputs[0].node]


def depth_of(node: Node, depth: Mapping[Node, int]) -> int:
    """Kernels on the longest way from the input to a node: ResNet-50 has 50, and so has SE-ResNet-50.

    A gate is beside the way, not on it: a factor that is stretched over the map does not count.
    """
    ways = ungated(node)
    below = depth[ways[0].node] if len(ways) == 1 else max([depth[tensor.node] for tensor in ways], default=0)
    return below + len(node.kernels)
