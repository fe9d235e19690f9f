"""Blocks of one layer that acts in training only."""

from typing import Literal

from pydantic import Field

from .. import graph
from ..graph import Tensor
from ..graph.arguments import Rate
from ..graph.regularization import DroppedChannels, DroppedValues
from .base import Block
from .layer import Layer


class Dropout(Layer, graph.Dropout):
    block: Literal["dropout"] = "dropout"
    rate: DroppedValues = 0.5


class SpatialDropout(Layer, graph.SpatialDropout2D):
    block: Literal["spatial_dropout"] = "spatial_dropout"
    rate: DroppedChannels = 0.5


class StochasticDepth(Block):
    """Drops its whole input for a share of the examples in training (Huang et al. 2016, arXiv:1603.09382).

    The shape stays.
    """

    block: Literal["stochastic_depth"] = "stochastic_depth"
    rate: Rate = Field(description="share of examples that lose the branch")

    def connect(self, x: Tensor, name: str) -> Tensor:
        """One layer `name`."""
        return graph.StochasticDepth(self.rate)(x, name)
