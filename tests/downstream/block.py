"""A block of one's own, on a graph and on Keras's tensors."""

from typing import Literal

from pydantic import Field

from convspec.blocks import Block, Conv, ConvNormAct
from convspec.graph import Add, Conv2D, Graph, Tensor


class Shortcut(Block):
    """Two convolutions beside a shortcut: (h, w, c) -> (h, w, c)."""

    block: Literal["downstream_shortcut"] = "downstream_shortcut"
    kernel_size: int = Field(default=3, description="of both convolutions", gt=0)

    def connect(self, x: Tensor, name: str) -> Tensor:
        """Add the layers."""
        channels = x.shape[-1]
        assert channels is not None
        y = ConvNormAct(filters=channels, kernel_size=self.kernel_size)(x, f"{name}_1")
        y = Conv2D(channels, self.kernel_size, padding="same")(y, f"{name}_2")
        return Add()([x, y], f"{name}_add")


def parameters(channels: int) -> int:
    """The weights of a block behind a convolution."""
    graph = Graph()
    x: Tensor = Conv(filters=channels)(graph.input((8, 8, 3)), "conv")
    y: Tensor = Shortcut(kernel_size=1)(x, "shortcut")
    return sum(weight.size for node in y.graph.nodes for weight in node.weights)
