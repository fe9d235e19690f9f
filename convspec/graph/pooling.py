"""Pooling: the size rule of a convolution without padding, the depth kept, no parameters."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from pydantic import Field

from .arguments import Padding, Pair, Size, pair
from .convolution import SlidingWindow
from .node import Shape, format_shape
from .operation import EVERYWHERE, Operation, feature_map


@dataclass(eq=False, repr=False)
class Pooling(SlidingWindow):
    """A window that keeps one value a channel; `strides` default to the window itself."""

    pool_size: Annotated[Size, Field(description="height and width of the window")] = (2, 2)
    strides: Annotated[Size | None, Field(description="steps of the window; by default the window itself")] = None
    padding: Padding = "valid"
    word = "window"
    family = "pool"

    def __post_init__(self) -> None:
        self.pool_size = pair(self.pool_size)
        self.strides = self.pool_size if self.strides is None else pair(self.strides)

    @property
    def extent(self) -> Pair:
        return pair(self.pool_size)

    @property
    def label(self) -> str:
        """The class with window and stride: `MaxPooling2D 3x3/2`."""
        height, width = self.stride
        stride = height if height == width else format_shape(self.stride)
        return f"{self.keras_class} {format_shape(self.extent)}/{stride}"

    def out_channels(self, channels: int) -> int:
        return channels


class MaxPooling2D(Pooling):
    """The largest value in each window: (h, w, c) -> ((h - pool_size)/strides + 1, ..., c)."""

    pattern_word = "POOL"
    diagram_word = "Max pool"
    end = "combines"


class AveragePooling2D(Pooling):
    """The mean of each window: (h, w, c) -> ((h - pool_size)/strides + 1, ..., c).

    Zeros that `same` adds are not counted in.
    """

    pattern_word = "POOL"
    diagram_word = "Avg pool"
    end = "keeps"


@dataclass(eq=False, repr=False)
class GlobalPooling(Operation):
    """One value a channel, over the whole map."""

    keepdims: Annotated[bool, Field(description="keep height and width, as 1x1")] = False
    family = "pool"
    step = EVERYWHERE

    def output_shape(self, *shapes: Shape) -> Shape:
        """(h, w, c) -> (c,), or (1, 1, c) with `keepdims`."""
        channels = feature_map(shapes[0], self)[2]
        return (1, 1, channels) if self.keepdims else (channels,)


class GlobalAveragePooling2D(GlobalPooling):
    """The mean over height and width: (h, w, c) -> (c,)."""

    pattern_word = "GAP"
    diagram_word = "Global avg pool"
    end = "keeps"


class GlobalMaxPooling2D(GlobalPooling):
    """The maximum over height and width: (h, w, c) -> (c,)."""

    pattern_word = "GMP"
    diagram_word = "Global max pool"
    end = "combines"
