"""Receptive fields: how many input pixels one output value depends on, along height and width.

A window of F pixels over values that lie `jump` input pixels apart widens the field by (F - 1) * jump; a stride
multiplies the jump (Araujo et al. 2019, doi:10.23915/distill.00021). Of several inputs the widest counts. A gate, the
factor of a squeeze-and-excitation block, weights channels and moves no pixels: it does not count.

The receptive field of a network is that of its last map before global pooling, or before the map is flattened: the
whole of the sliding windows on the way. A layer after it sees all of that map.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

from ..graph import EVERYWHERE, POINT, Graph, Multiply, Node, ReceptiveFieldStep, Tensor, UpSampling2D


class Field(NamedTuple):
    """Size of the field and distance of neighbouring fields in input pixels, along one axis; None: unknown."""

    size: int | None
    jump: float | None


ONE = Field(1, 1)


def receptive_field(graph: Graph) -> int | None:
    """The network's receptive field in input pixels, the larger of height and width; None where it is unknown."""
    height, width = receptive_fields(graph.nodes, sliding_only=True)[graph.outputs[0].node]
    return None if height.size is None or width.size is None else max(height.size, width.size)


def receptive_fields(nodes: list[Node], *, sliding_only: bool = False) -> dict[Node, tuple[Field, Field]]:
    """The fields (height, width) of each node. `nodes` in an order in which inputs come first.

    With `sliding_only`, what sees a whole map at once, a global pool or a flatten, leaves the field as it is.
    """
    fields: dict[Node, tuple[Field, Field]] = {}
    for node in nodes:
        before = [fields[tensor.node] for tensor in ungated(node)] or [(ONE, ONE)]
        if len(before) == 1:
            (height, width) = before[0]
        else:
            height, width = _widest([pair[0] for pair in before]), _widest([pair[1] for pair in before])
        step = node.operation.step
        unmoved = (step == POINT and not isinstance(node.operation, UpSampling2D)) or (
            sliding_only and step is EVERYWHERE
        )
        if unmoved:
            fields[node] = (height, width)
        else:
            fields[node] = (_along(node, step, 0, height), _along(node, step, 1, width))
    return fields


def ungated(node: Node) -> Sequence[Tensor]:
    """The inputs of a node, those left out that are stretched over the map which they gate."""
    if not isinstance(node.operation, Multiply):
        return node.inputs
    return tuple(tensor for tensor in node.inputs if tensor.shape == node.output.shape) or node.inputs


def _along(node: Node, step: ReceptiveFieldStep, axis: int, field: Field) -> Field:
    """The field after a node, from the field before it."""
    if isinstance(node.operation, UpSampling2D):
        return Field(field.size, None if field.jump is None else field.jump / node.operation.size)
    if field.size is None or field.jump is None:
        return field
    # Sizes are truncated below: after upsampling a jump may be a fraction of a pixel.
    if step is EVERYWHERE:
        shape = node.input_shapes[0]
        if len(shape) < 3:
            return field
        count = shape[axis]
        return Field(None if count is None else math.trunc(field.size + (count - 1) * field.jump), field.jump)
    return Field(math.trunc(field.size + (step.size[axis] - 1) * field.jump), field.jump * step.stride[axis])


def _widest(fields: list[Field]) -> Field:
    sizes = [field.size for field in fields]
    jumps = [field.jump for field in fields]
    size = None if None in sizes else max(size for size in sizes if size is not None)
    jump = None if None in jumps else max(jump for jump in jumps if jump is not None)
    return Field(size, jump)
