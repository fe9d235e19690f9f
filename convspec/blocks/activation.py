"""Activations as blocks."""

from typing import Literal

from .. import graph
from ..graph import Tensor
from ..graph.activation import OwnActivation
from .base import Block
from .common import activate
from .layer import Layer


class Activation(Block):
    """A function of each value: (h, w, c) -> (h, w, c)."""

    block: Literal["activation"] = "activation"
    activation: OwnActivation = "relu"

    def connect(self, x: Tensor, name: str) -> Tensor:
        """One layer `name`, even for `linear`, which passes its input on."""
        if self.activation in (None, "linear"):
            return graph.Activation("linear")(x, name)
        return activate(x, self.activation, name)


class Relu(Layer, graph.ReLU):
    block: Literal["relu"] = "relu"


class Maxout(Layer, graph.Maxout):
    block: Literal["maxout"] = "maxout"
