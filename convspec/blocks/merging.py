"""Blocks of one layer over several inputs: `{block: add, from: [a, b]}`."""

from collections.abc import Sequence
from typing import ClassVar, Literal

from .. import graph
from ..graph import Tensor
from .base import Block


class Add(Block):
    """The sum of equal shapes."""

    merges: ClassVar[bool] = True
    block: Literal["add"] = "add"

    def connect(self, x: Sequence[Tensor], name: str) -> Tensor:
        """One layer `name`."""
        return graph.Add()(list(x), name)


class Average(Block):
    """The mean of equal shapes."""

    merges: ClassVar[bool] = True
    block: Literal["average"] = "average"

    def connect(self, x: Sequence[Tensor], name: str) -> Tensor:
        """One layer `name`."""
        return graph.Average()(list(x), name)


class Maximum(Block):
    """The largest of equal shapes, value by value."""

    merges: ClassVar[bool] = True
    block: Literal["maximum"] = "maximum"

    def connect(self, x: Sequence[Tensor], name: str) -> Tensor:
        """One layer `name`."""
        return graph.Maximum()(list(x), name)


class Multiply(Block):
    """The product; a gate of 1x1xc is stretched over the map."""

    merges: ClassVar[bool] = True
    block: Literal["multiply"] = "multiply"

    def connect(self, x: Sequence[Tensor], name: str) -> Tensor:
        """One layer `name`."""
        return graph.Multiply()(list(x), name)


class Concat(Block):
    """The channels of all: (h, w, c1), (h, w, c2) -> (h, w, c1 + c2)."""

    merges: ClassVar[bool] = True
    block: Literal["concat"] = "concat"

    def connect(self, x: Sequence[Tensor], name: str) -> Tensor:
        """One layer `name`."""
        return graph.Concatenate()(list(x), name)
