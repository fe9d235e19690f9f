"""Blocks inside one layer of the model."""

from itertools import pairwise
from typing import Literal

from pydantic import Field

from ..graph import GraphError, Node, Operation, Sequential, Tensor
from .base import Block, Item
from .connect import run


class Nested(Block):
    """Blocks one after another as one layer, Keras's Sequential inside a model: ConvNeXt's stem.

    Names inside are their own and carry no prefix; only a chain of layers can be nested. The shape is the last one's.
    """

    block: Literal["nested"] = "nested"
    body: list[Item] = Field(min_length=1, description="the blocks, in order")

    def connect(self, x: Tensor, name: str) -> Tensor:
        """One layer `name`."""
        inside = x.graph.nested()
        first = inside.input(x.shape)
        run(self.body, first, "")
        if len(inside.nodes) == 1:
            raise GraphError("nested layers must be one or more, and its blocks have none", field="body")
        return Sequential(tuple(_operations(inside.nodes)))(x, name)


def _operations(nodes: list[Node]) -> list[tuple[str | None, Operation]]:
    """Name and operation of each node after the input, in a chain."""
    for before, node in pairwise(nodes):
        if node.operation.bare or [tensor.node for tensor in node.inputs] != [before]:
            raise GraphError(
                f"nested layers must follow one another, and {node.name!r} does not take {before.name!r} alone",
                field="body",
                remedy="use `sequence`, which takes any blocks",
            )
    return [(None if node.automatic else node.name, node.operation) for node in nodes[1:]]
