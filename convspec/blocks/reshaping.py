"""Blocks of one layer that moves, cuts or pads values."""

from typing import Literal

from pydantic import Field

from .. import graph
from ..graph import Tensor
from ..graph.convolution import border
from .base import Block
from .fields import BorderField, Count


class ZeroPadding(Block):
    """Zeros around a map: (h, w, c) -> (top + h + bottom, left + w + right, c)."""

    block: Literal["zero_padding"] = "zero_padding"
    padding: BorderField = Field(default=1, description="zeros: one number, [vertical, horizontal] or all four sides")

    def connect(self, x: Tensor, name: str) -> Tensor:
        """One layer `name`."""
        return graph.ZeroPadding2D(border(self.padding))(x, name)


class Cropping(Block):
    """Rows and columns cut away: (h, w, c) -> (h - top - bottom, w - left - right, c)."""

    block: Literal["cropping"] = "cropping"
    cropping: BorderField = Field(default=1, description="pixels: one number, [vertical, horizontal] or all four sides")

    def connect(self, x: Tensor, name: str) -> Tensor:
        """One layer `name`."""
        return graph.Cropping2D(border(self.cropping))(x, name)


class UpSampling(Block):
    """Each row and column repeated: (h, w, c) -> (size * h, size * w, c)."""

    block: Literal["up_sampling"] = "up_sampling"
    size: Count = Field(default=2, description="how many times")

    def connect(self, x: Tensor, name: str) -> Tensor:
        """One layer `name`."""
        return graph.UpSampling2D(self.size)(x, name)


class Flatten(Block):
    """A map as one row of numbers: (h, w, c) -> (h * w * c,)."""

    block: Literal["flatten"] = "flatten"

    def connect(self, x: Tensor, name: str) -> Tensor:
        """One layer `name`."""
        return graph.Flatten()(x, name)


class Reshape(Block):
    """The same values in another shape; one size may be -1."""

    block: Literal["reshape"] = "reshape"
    target_shape: list[int] = Field(description="the new shape, the batch left out")

    def connect(self, x: Tensor, name: str) -> Tensor:
        """One layer `name`."""
        if any(size == 0 or size < -1 for size in self.target_shape):
            raise graph.GraphError(f"sizes must be above 0 or -1, not {self.target_shape}", field="target_shape")
        return graph.Reshape(tuple(self.target_shape))(x, name)


class ChannelShuffle(Block):
    """Deals the channels of each group out in turn (Zhang et al. 2017, arXiv:1707.01083): (h, w, c) -> (h, w, c)."""

    block: Literal["channel_shuffle"] = "channel_shuffle"
    groups: Count = Field(description="groups of channels")

    def connect(self, x: Tensor, name: str) -> Tensor:
        """One layer `name`."""
        return graph.ChannelShuffle(self.groups)(x, name)
