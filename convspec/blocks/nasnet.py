"""NASNet-A: the normal and the reduction cell, and the stack that they make (Zoph et al. 2017, arXiv:1707.07012).

Names of layers, scopes of their variables, and order are those of keras.applications, its slips included.
"""

from typing import Literal, NamedTuple, Self

from pydantic import Field, model_validator

from ..graph import (
    Activation,
    Add,
    AveragePooling2D,
    Concatenate,
    Conv2D,
    Cropping2D,
    HalvingPadding2D,
    MaxPooling2D,
    SeparableConv2D,
    Tensor,
    ZeroPadding2D,
)
from ..graph.arguments import Count, Padding
from .base import Block
from .common import Norm, stride2_zeros

NORM = Norm(momentum=0.9997)


class Output(NamedTuple):
    """A cell's output and how many times its size was halved; the size itself may be unknown."""

    tensor: Tensor
    halvings: int


class NasnetCells(Block):
    """NASNet-A (N @ P) after its stem's convolution: two reduction cells, then three stages of N normal cells.

    (h, w, c) -> (ceil(h / 16), ceil(w / 16), 6 * filter_multiplier ** 2 * filters)
    """

    block: Literal["nasnet_cells"] = "nasnet_cells"
    filters: Count = Field(description="channels of a branch in the first stage: P/24 for a multiplier of 2")
    num_blocks: Count = Field(description="N, normal cells in each stage")
    filter_multiplier: Count = Field(default=2, description="how many times wider each stage is than the one before")
    skip_reduction: bool = Field(
        default=False, description="feed the first cell of a stage with the output before the reduction cell's input"
    )

    @model_validator(mode="after")
    def _check(self) -> Self:
        square = self.filter_multiplier**2
        if self.filters % square:
            raise ValueError(
                f"the first stem cell has filters/filter_multiplier**2 channels, and {self.filters}/{square} is no "
                f"whole number: take a multiple of {square}"
            )
        return self

    def connect(self, x: Tensor, name: str) -> Tensor:
        """`stem_1`, `stem_2`, `0`, ..., `reduce_<N>`, `<N + 1>`, ... at the end of each layer's name."""
        width, count = self.filter_multiplier, self.num_blocks
        before: Output | None = None
        last = Output(x, 0)
        before, last = last, reduction_cell(last, before, self.filters // width**2, "stem_1")
        before, last = last, reduction_cell(last, before, self.filters // width, "stem_2")
        for stage in range(3):
            filters = self.filters * width**stage
            if stage:
                reduced = reduction_cell(last, before, filters, f"reduce_{stage * count}")
                before, last = before if self.skip_reduction else last, reduced
            first = stage * count + min(stage, 1)
            for number in range(first, first + count):
                before, last = last, normal_cell(last, before, filters, str(number))
        return Activation("relu")(last.tensor)


def normal_cell(last: Output, before: Output | None, filters: int, name: str) -> Output:
    """Five sums over the outputs of the last two cells (figure 4 left): (h, w, c) -> (h, w, 6 * filters)."""

    def separable(x: Tensor, size: int, branch: str) -> Tensor:
        return _separable(x, filters, size, f"normal_{branch}_{name}", f"block_{branch[-1]}")

    def pool(x: Tensor, branch: str) -> Tensor:
        return AveragePooling2D(3, 1, "same")(x, f"normal_{branch}_{name}")

    with last.tensor.graph.variable_scope(f"normal_A_block_{name}"):
        p = _adjust(before, last, filters, name)
        h = _squeeze(last.tensor, filters, f"normal_{{}}_1_{name}")
        pairs = [
            [separable(h, 5, "left1"), separable(p, 3, "right1")],
            [separable(p, 5, "left2"), separable(p, 3, "right2")],
            [pool(h, "left3"), p],
            [pool(p, "left4"), pool(p, "right4")],
            [separable(h, 3, "left5"), h],
        ]
    sums = [Add()(pair, f"normal_add_{number}_{name}") for number, pair in enumerate(pairs, start=1)]
    return Output(Concatenate()([p, *sums], f"normal_concat_{name}"), last.halvings)


def reduction_cell(last: Output, before: Output | None, filters: int, name: str) -> Output:
    """Five sums at half the size (figure 4 right): (h, w, c) -> (ceil(h / 2), ceil(w / 2), 4 * filters)."""

    def separable(x: Tensor, size: int, branch: str, block: int, strides: int = 2) -> Tensor:
        return _separable(x, filters, size, f"reduction_{branch}_{name}", f"block_{block}", strides)

    # keras.applications calls the sums `add_1`, `add_2`, `add3`, `add4`, and leaves the fourth of five without a name.
    def add(pair: list[Tensor], number: str) -> Tensor:
        return Add()(pair, f"reduction_add{number}_{name}")

    with last.tensor.graph.variable_scope(f"reduction_A_block_{name}"):
        p = _adjust(before, last, filters, name)
        h = _squeeze(last.tensor, filters, f"reduction_{{}}_1_{name}")
        padded = _pad(h, 3, f"reduction_pad_1_{name}")
        first = add([separable(h, 5, "left1", 1), separable(p, 7, "right1", 1)], "_1")
        pooled = MaxPooling2D(3, 2)(padded, f"reduction_left2_{name}")
        second = add([pooled, separable(p, 7, "right2", 2)], "_2")
        pooled = AveragePooling2D(3, 2)(padded, f"reduction_left3_{name}")
        third = add([pooled, separable(p, 5, "right3", 3)], "3")
        fourth = Add()([second, AveragePooling2D(3, 1, "same")(first, f"reduction_left4_{name}")])
        pooled = MaxPooling2D(3, 2)(padded, f"reduction_right5_{name}")
        fifth = add([separable(first, 3, "left4", 5, strides=1), pooled], "4")
    return Output(Concatenate()([second, third, fourth, fifth], f"reduction_concat_{name}"), last.halvings + 1)


def _adjust(before: Output | None, last: Output, filters: int, name: str) -> Tensor:
    """The output of the cell before the last, brought to the last one's size and to `filters` channels."""
    if before is None:
        return last.tensor
    x = before.tensor
    if before.halvings != last.halvings:
        with x.graph.variable_scope("adjust_block", f"adjust_reduction_block_{name}"):
            return _halve(x, filters, name)
    if x.channels == filters:
        return x
    with x.graph.variable_scope("adjust_block", f"adjust_projection_block_{name}"):
        return _squeeze(x, filters, f"adjust_{{}}_{name}", "conv_projection")


def _halve(x: Tensor, filters: int, name: str) -> Tensor:
    """Every second pixel, and every second one shifted by one, each through a 1x1 convolution to half the filters."""
    x = Activation("relu")(x, f"adjust_relu_1_{name}")
    halves = []
    for number in (1, 2):
        if number == 2:
            x = Cropping2D(((1, 0), (1, 0)))(ZeroPadding2D(((0, 1), (0, 1)))(x))
        half = AveragePooling2D(1, 2)(x, f"adjust_avg_pool_{number}_{name}")
        halves.append(_pointwise(half, filters // 2, f"adjust_conv_{number}_{name}"))
    return NORM.apply(Concatenate()(halves), f"adjust_bn_{name}")


def _squeeze(x: Tensor, filters: int, name: str, conv: str = "conv") -> Tensor:
    """ReLU, 1x1 convolution, normalisation; `name` has a place for `conv` and `bn`."""
    x = _pointwise(Activation("relu")(x), filters, name.format(conv))
    return NORM.apply(x, name.format("bn"))


def _pointwise(x: Tensor, filters: int, name: str) -> Tensor:
    return Conv2D(filters, 1, padding="same", use_bias=False, kernel_initializer="he_normal")(x, name)


def _separable(x: Tensor, filters: int, size: int, name: str, scope: str, strides: int = 1) -> Tensor:
    """ReLU, separable convolution, normalisation, twice; the first one strides."""
    with x.graph.variable_scope(scope, f"separable_conv_block_{name}"):
        for number, stride in ((1, strides), (2, 1)):
            x = Activation("relu")(x)
            if stride > 1:
                x = _pad(x, size, f"separable_conv_{number}_pad_{name}")
            padding: Padding = "valid" if stride > 1 else "same"
            x = SeparableConv2D(filters, size, stride, padding, use_bias=False)(x, f"separable_conv_{number}_{name}")
            x = NORM.apply(x, f"separable_conv_{number}_bn_{name}")
    return x


def _pad(x: Tensor, size: int, name: str) -> Tensor:
    """Zeros before a window that strides. Keras takes an open size to be even, and its own network then fails."""
    if None in x.shape[:2]:
        return HalvingPadding2D(size)(x, name)
    return ZeroPadding2D(stride2_zeros(x, size))(x, name)
