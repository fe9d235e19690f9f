"""Named features for detection and segmentation: the last layer of each resolution, found in the graph."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

from ..analysis.receptive import Field, receptive_fields
from ..graph import Graph, Node

if TYPE_CHECKING:
    import keras

SILENT = ("InputLayer", "ZeroPadding2D", "Cropping2D", "Dropout")
"""Layers that compute nothing that a feature could be."""
MERGES = ("Add", "Concatenate", "Average", "Maximum")


class Feature(NamedTuple):
    """A layer's output: `stride` input pixels lie between neighbours; height and width are None where open."""

    name: str
    stride: int
    channels: int
    shape: tuple[int | None, ...]


def find_features(graph: Graph) -> list[Feature]:
    """The features of a body without its head, finest first."""
    fields = receptive_fields(graph.nodes)
    return [
        Feature(node.name, _stride(fields[node]), node.output.channels, node.output.shape)
        for node in _feature_nodes(graph, fields)
    ]


def feature_model(model: keras.Model, graph: Graph) -> keras.Model:
    """A model over the same layers as a model of this graph, with the features as its outputs."""
    import keras

    nodes = graph.layers()
    wanted = [nodes.index(node) for node in _feature_nodes(graph, receptive_fields(graph.nodes))]
    operations = model.operations[-len(nodes) :]  # in the order of the graph, behind what an input tensor comes from
    return keras.Model(model.inputs, [operations[index].output for index in wanted], name=model.name)


def _feature_nodes(graph: Graph, fields: dict[Node, tuple[Field, Field]]) -> list[Node]:
    """For each stride the last layer that everything passes through, or the last merge where nothing does."""
    chosen: dict[int, Node] = {}
    nodes = graph.layers()
    for node in (*_merges(nodes), *_waists(nodes)):
        height = fields[node][0]
        is_map = len(node.output.shape) == 3 and node.operation.keras_class not in SILENT
        if is_map and height.size != 1 and height.jump is not None:
            chosen[_stride(fields[node])] = node
    return [chosen[stride] for stride in sorted(chosen)]


def _stride(field: tuple[Field, Field]) -> int:
    return int(field[0].jump or 0)


def _merges(nodes: Sequence[Node]) -> Iterator[Node]:
    return (node for node in nodes if node.operation.keras_class in MERGES and len(node.inputs) > 1)


def _waists(nodes: Sequence[Node]) -> Iterator[Node]:
    """The nodes that every way from the input to the output passes through. `nodes`: inputs before their users."""
    position = {node: index for index, node in enumerate(nodes)}
    reach = [0] * len(nodes)
    for node in nodes:
        for tensor in node.inputs:
            source = position[tensor.node]
            reach[source] = max(reach[source], position[node])
    farthest = 0
    for index, node in enumerate(nodes):
        if farthest <= index:
            yield node
        farthest = max(farthest, reach[index])
