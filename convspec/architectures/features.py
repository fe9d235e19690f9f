"""Named features for detection and segmentation: the last layer of each resolution, found in the graph."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

from ..graph import EVERYWHERE, Graph, Node

if TYPE_CHECKING:
    import keras


class Feature(NamedTuple):
    """A layer's output: `stride` input pixels lie between neighbours; height and width are None where open."""

    name: str
    stride: int
    channels: int
    shape: tuple[int | None, ...]


def find_features(graph: Graph) -> list[Feature]:
    """The features of a body without its head, finest first."""
    return [
        Feature(node.name, stride, node.output.channels, node.output.shape)
        for stride, node in sorted(_last_of_each_stride(graph).items())
    ]


def feature_model(model: keras.Model, graph: Graph) -> keras.Model:
    """A model over the same layers as a model of this graph, with the features as its outputs."""
    import keras

    nodes = graph.layers()
    wanted = [nodes.index(node) for _, node in sorted(_last_of_each_stride(graph).items())]
    operations = model.operations[-len(nodes) :]  # in the order of the graph, behind what an input tensor comes from
    return keras.Model(model.input, [operations[index].output for index in wanted], name=model.name)


def _last_of_each_stride(graph: Graph) -> dict[int, Node]:
    """The last layer that everything passes through; where nothing does, the last of the widest merges."""
    nodes = graph.layers()
    strides = _strides(nodes)
    maps = {node for node in nodes if len(node.output.shape) == 3 and node.operation.is_feature}
    merges = [node for node in maps if node.operation.joins_branches]
    chosen: dict[int, Node] = {}
    for node in sorted(merges, key=lambda node: (node.output.channels, nodes.index(node))):
        chosen[strides[node]] = node
    for node in _waists(nodes):
        if node in maps and strides[node]:
            chosen[strides[node]] = node
    return chosen


def _strides(nodes: Sequence[Node]) -> dict[Node, int]:
    """Input pixels between neighbours, along the height; 0 before the first kernel, where only pixels are prepared."""
    pixels: dict[Node, int] = {}
    started: set[Node] = set()
    for node in nodes:
        step = node.operation.step
        below = max((pixels[tensor.node] for tensor in node.inputs), default=1)
        pixels[node] = below if step is EVERYWHERE else below * step.stride[0]
        has_kernel = any(len(weight.shape) > 1 for weight in node.weights)
        if has_kernel or any(tensor.node in started for tensor in node.inputs):
            started.add(node)
    return {node: pixels[node] if node in started else 0 for node in nodes}


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
