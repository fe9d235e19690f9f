"""Blocks of one pooling layer."""

from typing import Literal

from pydantic import Field

from .. import graph
from ..graph import Tensor
from .base import Block
from .fields import PaddingField, Size


class MaxPool(Block):
    """The largest value in each window: (h, w, c) -> ((h - pool_size)/strides + 1, ..., c)."""

    block: Literal["max_pool"] = "max_pool"
    pool_size: Size = Field(default=(2, 2), description="height and width of the window")
    strides: Size | None = Field(default=None, description="steps of the window; by default the window itself")
    padding: PaddingField = Field(default="valid", description="valid, same, or zeros laid around the input")

    def connect(self, x: Tensor, name: str) -> Tensor:
        """One layer `name`, with `<name>_pad` before it for counted zeros."""
        return graph.MaxPooling2D(self.pool_size, self.strides, self.padding)(x, name)


class AvgPool(Block):
    """The mean of each window: (h, w, c) -> ((h - pool_size)/strides + 1, ..., c)."""

    block: Literal["avg_pool"] = "avg_pool"
    pool_size: Size = Field(default=(2, 2), description="height and width of the window")
    strides: Size | None = Field(default=None, description="steps of the window; by default the window itself")
    padding: PaddingField = Field(default="valid", description="valid, same, or zeros laid around the input")

    def connect(self, x: Tensor, name: str) -> Tensor:
        """One layer `name`, with `<name>_pad` before it for counted zeros."""
        return graph.AveragePooling2D(self.pool_size, self.strides, self.padding)(x, name)


class GlobalAvgPool(Block):
    """The mean over height and width: (h, w, c) -> (c,)."""

    block: Literal["global_avg_pool"] = "global_avg_pool"
    keepdims: bool = Field(default=False, description="keep height and width, as 1x1")

    def connect(self, x: Tensor, name: str) -> Tensor:
        """One layer `name`."""
        return graph.GlobalAveragePooling2D(self.keepdims)(x, name)


class GlobalMaxPool(Block):
    """The maximum over height and width: (h, w, c) -> (c,)."""

    block: Literal["global_max_pool"] = "global_max_pool"
    keepdims: bool = Field(default=False, description="keep height and width, as 1x1")

    def connect(self, x: Tensor, name: str) -> Tensor:
        """One layer `name`."""
        return graph.GlobalMaxPooling2D(self.keepdims)(x, name)
