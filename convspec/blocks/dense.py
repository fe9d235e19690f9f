"""The fully connected layer as a block."""

from typing import Literal

from .. import graph
from .layer import Layer


class Dense(Layer, graph.Dense):
    block: Literal["dense"] = "dense"
