"""SqueezeNet's module."""

from typing import Literal

from pydantic import Field

from ..graph import Concatenate, Conv2D, Tensor
from ..graph.activation import ActivationName
from ..graph.arguments import Count
from .base import Block


class Fire(Block):
    """A 1x1 squeeze, then 1x1 and 3x3 expansions side by side (Iandola et al. 2016, fig. 1, arXiv:1602.07360).

    (h, w, c) -> (h, w, 2 * expand)
    """

    block: Literal["fire"] = "fire"
    squeeze: Count = Field(description="filters of the 1x1 squeeze, s1x1 in the paper")
    expand: Count = Field(description="filters of each expansion, e1x1 = e3x3 in the paper")
    activation: ActivationName = Field(default="relu", description="Keras's name of the function")

    def connect(self, x: Tensor, name: str) -> Tensor:
        """`<name>_squeeze1x1`, `_expand1x1`, `_expand3x3`, `_concat`."""
        x = Conv2D(self.squeeze, 1, activation=self.activation)(x, f"{name}_squeeze1x1")
        small = Conv2D(self.expand, 1, activation=self.activation)(x, f"{name}_expand1x1")
        large = Conv2D(self.expand, 3, padding="same", activation=self.activation)(x, f"{name}_expand3x3")
        return Concatenate()([small, large], f"{name}_concat")
