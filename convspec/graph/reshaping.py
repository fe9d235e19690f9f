"""Operations that move, cut or pad values without computing any."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

from pydantic import Field

from .arguments import Count, Sides, TargetShape, border
from .node import GraphError, Shape, count_values, format_shape
from .operation import EVERYWHERE, Operation, feature_map

CroppingSides = Annotated[Sides, Field(description="pixels: one number, [vertical, horizontal] or all four sides")]


@dataclass(eq=False, repr=False)
class ZeroPadding2D(Operation):
    """Zeros around a map: (h, w, c) -> (top + h + bottom, left + w + right, c)."""

    padding: Annotated[Sides, Field(description="zeros: one number, [vertical, horizontal] or all four sides")] = (
        (1, 1),
        (1, 1),
    )
    diagram_word = "pad"
    placement = "above"
    end = "combines"
    is_feature = False

    def __post_init__(self) -> None:
        self.padding = border(self.padding)

    def output_shape(self, *shapes: Shape) -> Shape:
        height, width, channels = feature_map(shapes[0], self)
        zeros = border(self.padding)
        out = [None if size is None else size + sum(side) for size, side in zip((height, width), zeros, strict=True)]
        return (*out, channels)


@dataclass(eq=False, repr=False)
class HalvingPadding2D(Operation):
    """Zeros for a window of stride 2 if only a call shows whether height and width are even."""

    kernel_size: int
    from_package = True
    diagram_word = "pad"
    placement = "above"
    is_feature = False

    def output_shape(self, *shapes: Shape) -> Shape:
        """(h, w, c) -> (h + k - 2, ..., c) for an even h and odd k, one more for an odd h."""
        height, width, channels = feature_map(shapes[0], self)
        out = [None if size is None else size + self.kernel_size // 2 * 2 - 1 + size % 2 for size in (height, width)]
        return (*out, channels)


@dataclass(eq=False, repr=False)
class Cropping2D(Operation):
    """Rows and columns cut away: (h, w, c) -> (h - top - bottom, w - left - right, c)."""

    cropping: CroppingSides
    diagram_word = "crop"
    placement = "above"
    end = "keeps"
    is_feature = False

    def __post_init__(self) -> None:
        self.cropping = border(self.cropping)

    def output_shape(self, *shapes: Shape) -> Shape:
        height, width, channels = feature_map(shapes[0], self)
        cuts = border(self.cropping)
        out = [None if size is None else size - sum(cut) for size, cut in zip((height, width), cuts, strict=True)]
        if any(size is not None and size < 1 for size in out):
            raise GraphError(
                f"cropping {self.cropping} leaves nothing of a {format_shape(shapes[0][:2])} input",
                field="cropping",
            )
        return (*out, channels)


@dataclass(eq=False, repr=False)
class UpSampling2D(Operation):
    """Each row and column repeated: (h, w, c) -> (size * h, size * w, c)."""

    size: Annotated[Count, Field(description="how many times")] = 2
    end = "keeps"

    def output_shape(self, *shapes: Shape) -> Shape:
        height, width, channels = feature_map(shapes[0], self)
        return (*(None if size is None else size * self.size for size in (height, width)), channels)


@dataclass(eq=False, repr=False)
class Flatten(Operation):
    """A map as one row of numbers, in rows, columns, channels order: (h, w, c) -> (h * w * c,)."""

    diagram_word = "flatten"
    placement = "above"
    is_view = True
    end = "keeps"
    step = EVERYWHERE

    def output_shape(self, *shapes: Shape) -> Shape:
        """(h, w, c) -> (h * w * c,); (None,) where height or width is unknown."""
        return (count_values(shapes[0]),)


@dataclass(eq=False, repr=False)
class Reshape(Operation):
    """The same values in another shape; one size may be -1 and is then worked out."""

    target_shape: TargetShape
    diagram_word = "reshape"
    placement = "above"
    is_view = True
    end = "keeps"
    step = EVERYWHERE  # a reshape to one position sees everything; a pooled vector has nothing more to see

    def __post_init__(self) -> None:
        if any(size == 0 or size < -1 for size in self.target_shape):
            sizes = list(self.target_shape)
            raise GraphError(f"sizes must be above 0 or -1, not {sizes}", field="target_shape")

    def output_shape(self, *shapes: Shape) -> Shape:
        """`target_shape`, of as many values as the input."""
        is_open = any(size is None for size in shapes[0])
        total = math.prod(size for size in shapes[0] if size is not None)
        known = math.prod(size for size in self.target_shape if size != -1)
        free = self.target_shape.count(-1)
        if free > 1 or (not is_open and (total % known if free else total != known)):
            values = "an open number of" if is_open else f"{total:,}"
            raise GraphError(
                f"{format_shape(shapes[0])} holds {values} values, which do not reshape to "
                f"{format_shape(self.target_shape) or '[]'}",
                field="target_shape",
                remedy="one size at most is worked out for a -1" if free > 1 else "",
            )
        if is_open:
            return tuple(None if size == -1 else size for size in self.target_shape)
        return tuple(total // known if size == -1 else size for size in self.target_shape)


@dataclass(eq=False, repr=False)
class ChannelShuffle(Operation):
    """Deals the channels of each group out in turn (Zhang et al. 2017, arXiv:1707.01083): (h, w, c) -> (h, w, c)."""

    groups: Annotated[Count, Field(description="groups of channels")]
    from_package = True
    end = "keeps"

    def output_shape(self, *shapes: Shape) -> Shape:
        channels = feature_map(shapes[0], self)[2]
        if channels % self.groups:
            raise GraphError(
                f"{self.groups} groups do not divide {channels} channels: {channels}/{self.groups} = "
                f"{channels / self.groups:.2f}",
                field="groups",
                assume=shapes[0],
            )
        return shapes[0]


@dataclass(eq=False, repr=False)
class PadChannels(Operation):
    """Zero channels after the last one, up to `filters` of them (He et al. 2015, option A, arXiv:1512.03385)."""

    filters: int
    layer_class = "ZeroPadding2D"
    end = "combines"

    def output_shape(self, *shapes: Shape) -> Shape:
        """(h, w, c) -> (h, w, filters)."""
        height, width, channels = feature_map(shapes[0], self)
        if channels > self.filters:
            raise GraphError(f"{channels} channels cannot be padded to {self.filters}", field="filters")
        return (height, width, self.filters)

    def keras_arguments(self, shapes: Sequence[Shape]) -> dict[str, object]:
        """Keras pads the last two axes of what it takes to have its channels first: here width and channels."""
        more = self.filters - feature_map(shapes[0], self)[2]
        return {"padding": ((0, 0), (0, more)), "data_format": "channels_first"}
