"""Blocks of one layer that normalises or scales."""

from typing import Literal

from pydantic import Field

from .. import graph
from ..graph import Tensor
from .base import Block
from .layer import Layer


class BatchNorm(Layer, graph.BatchNormalization):
    block: Literal["batch_norm"] = "batch_norm"


class LayerNorm(Layer, graph.LayerNormalization):
    block: Literal["layer_norm"] = "layer_norm"


class Lrn(Layer, graph.LocalResponseNormalization):
    block: Literal["lrn"] = "lrn"


class Normalization(Layer, graph.Normalization):
    block: Literal["normalization"] = "normalization"


class Rescaling(Layer, graph.Rescaling):
    block: Literal["rescaling"] = "rescaling"


class Scale(Layer, graph.Scale):
    block: Literal["scale"] = "scale"


class LayerScale(Block):
    """A learnt factor a channel, small at first (Touvron et al. 2021, arXiv:2103.17239): (h, w, c) -> (h, w, c)."""

    block: Literal["layer_scale"] = "layer_scale"
    init_values: float = Field(default=1e-6, description="the factors at the start")

    def connect(self, x: Tensor, name: str) -> Tensor:
        """One layer `name`, as wide as its input."""
        return graph.LayerScale(self.init_values, x.channels)(x, name)
