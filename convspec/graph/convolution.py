"""Convolutions: plain, grouped and dilated; depthwise; depthwise-separable."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from dataclasses import KW_ONLY, dataclass
from typing import TYPE_CHECKING, Annotated

from pydantic import Field

from .activation import OwnActivation, WithActivation
from .arguments import Count, DilationRate, Filters, KernelSize, Padding, Pair, Strides, UseBias, border, pair
from .initializer import BiasInitializer, KernelInitializer
from .node import GraphError, Shape, Tensor, format_shape
from .operation import Family, Operation, ReceptiveFieldStep, Weight, feature_map
from .reshaping import ZeroPadding2D
from .window import NO_BORDER, Window, reach


class SlidingWindow(Operation):
    """A convolution or pool: its padding may be Keras's `valid` and `same`, or zeros counted by the author.

    Keras's layers know only the two words, so counted zeros become a ZeroPadding2D layer `<name>_pad` before it.
    """

    if TYPE_CHECKING:  # arguments of each operation, in its own order
        padding: Padding
        strides: int | Pair | None
    zeros = NO_BORDER
    word = "filter"
    prefix = ""
    """The prefix of `strides` and `padding` in the fields of the block that applies it, for messages."""

    @property
    def extent(self) -> Pair:
        """The window in pixels, dilation counted in."""
        raise NotImplementedError

    @property
    def stride(self) -> Pair:
        """`strides` for rows and for columns."""
        return self.extent if self.strides is None else pair(self.strides)

    @property
    def window(self) -> Window:
        """The sliding window."""
        padding = self.padding if isinstance(self.padding, str) else "valid"
        return Window(self.extent, self.stride, padding, self.zeros, self.word, self.prefix)

    @property
    def step(self) -> ReceptiveFieldStep:
        return ReceptiveFieldStep(self.extent, self.stride)

    def __call__(self, x: Tensor | Sequence[Tensor], name: str | None = None) -> Tensor:
        """Apply to a feature map, laying counted zeros around it first."""
        if isinstance(self.padding, str):
            return super().__call__(x, name)
        zeros, inner = border(self.padding), copy.copy(self)
        inner.padding = "valid"
        if zeros != NO_BORDER:
            x = ZeroPadding2D(zeros)(x, None if name is None else f"{name}_pad")
            inner.zeros = zeros
        return Operation.__call__(inner, x, name)

    def dropped(self, *shapes: Shape) -> Pair:
        return self.window.dropped(shapes[0][0], shapes[0][1])

    def out_channels(self, channels: int) -> int:
        """Channels of the output."""
        raise NotImplementedError

    def output_shape(self, *shapes: Shape) -> Shape:
        """(h, w, c) -> (rows of windows, columns of windows, channels of the output)."""
        height, width, channels = feature_map(shapes[0], self)
        return (*self.window.output(height, width), self.out_channels(channels))

    def check_fit(self, *shapes: Shape) -> None:
        """Raise `GraphError` if pixels are dropped, or the window is larger than its input."""
        height, width, channels = feature_map(shapes[0], self)
        self.window.check(height, width, self.out_channels(channels))


class Convolution(WithActivation, SlidingWindow):
    """What the convolutions share: a kernel with a dilation, and a check of strides against it."""

    if TYPE_CHECKING:
        strides: int | Pair
        kernel_size: int | Pair
        dilation_rate: int | Pair
    reorders_gradient = True

    def __post_init__(self) -> None:
        super().__post_init__()
        self.kernel_size = pair(self.kernel_size)
        self.strides = strides = pair(self.strides)
        self.dilation_rate = dilation = pair(self.dilation_rate)
        if max(strides) > 1 and max(dilation) > 1:
            raise GraphError(
                f"strides {format_shape(strides)} and dilation_rate {format_shape(dilation)} cannot both be above 1",
                field="dilation_rate",
                remedy="stride in a convolution of its own",
            )

    @property
    def extent(self) -> Pair:
        """The dilated kernel in pixels."""
        (height, width), (rows, columns) = pair(self.kernel_size), pair(self.dilation_rate)
        return reach(height, rows), reach(width, columns)

    @property
    def label(self) -> str:
        """The class with kernel and stride: `Conv2D 3x3/2`."""
        stride = "" if self.strides == (1, 1) else f"/{_short(self.stride)}"
        dilation = "" if self.dilation_rate == (1, 1) else f" dilated {_short(pair(self.dilation_rate))}"
        return f"{self.keras_class} {format_shape(pair(self.kernel_size))}{stride}{dilation}"


@dataclass(eq=False, repr=False)
class Conv2D(Convolution):
    """A convolution; `groups` splits input and output channels into that many separate ones.

    (h, w, c) -> (ceil(h / strides), ceil(w / strides), filters) with `same` padding,
    ((h + 2 * padding - kernel_size)/strides + 1, ..., filters) with counted zeros.
    """

    filters: Filters
    kernel_size: KernelSize
    strides: Strides = (1, 1)
    padding: Padding = "valid"
    _: KW_ONLY
    dilation_rate: DilationRate = (1, 1)
    groups: Annotated[Count, Field(description="separate convolutions over as many shares of the channels")] = 1
    activation: OwnActivation = None
    use_bias: UseBias = True
    kernel_initializer: KernelInitializer = "glorot_uniform"
    bias_initializer: BiasInitializer = "zeros"
    pattern_word = "CONV"
    regularizers = ("kernel_regularizer",)

    @property
    def is_depthwise(self) -> bool:
        """Whether it has as many groups as filters."""
        return self.groups > 1 and self.groups == self.filters

    @property
    def diagram_word(self) -> str:
        """`Conv`, or `Depthwise` where that is what it computes."""
        return "Depthwise" if self.is_depthwise else "Conv"

    @property
    def family(self) -> Family:
        return "depthwise" if self.is_depthwise else "conv"

    def out_channels(self, channels: int) -> int:
        return self.filters

    def output_shape(self, *shapes: Shape) -> Shape:
        """(h, w, c) -> (h', w', filters). Raises `GraphError` where the groups do not divide the channels."""
        shape = super().output_shape(*shapes)
        if self.groups > 1:
            self._check_groups(feature_map(shapes[0], self)[2], shape)
        return shape

    def _check_groups(self, channels: int, shape: Shape) -> None:
        for count, what in ((channels, "input channels"), (self.filters, "filters")):
            if count % self.groups:
                most = min(self.groups, 4096)  # a document may say 2**24, and trying them all takes seconds
                divisors = [group for group in range(1, most + 1) if channels % group + self.filters % group == 0]
                raise GraphError(
                    f"{self.groups} groups do not divide {count} {what}: {count}/{self.groups} = "
                    f"{count / self.groups:.2f}",
                    field="groups",
                    remedy=f"fits: groups {', '.join(map(str, divisors[-3:]))}",
                    assume=shape,
                )

    def weights(self, *shapes: Shape) -> tuple[Weight, ...]:
        """kernel (height, width, channels / groups, filters), bias (filters)."""
        channels = feature_map(shapes[0], self)[2]
        kernel = Weight("kernel", (*pair(self.kernel_size), channels // self.groups, self.filters))
        return (kernel, Weight("bias", (self.filters,))) if self.use_bias else (kernel,)

    def arithmetic(self, weights: Sequence[Weight], *shapes: Shape) -> str:
        """`(3*3*64 + 1)*128`."""
        height, width, channels, filters = weights[0].shape
        inner = f"{height}*{width}*{channels}"
        return f"({inner} + 1)*{filters}" if self.use_bias else f"{inner}*{filters}"


class DepthwiseFirst(Convolution):
    """A layer that begins with a depthwise convolution."""

    family = "depthwise"

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.stride[0] != self.stride[1]:  # TensorFlow's kernel has one; Keras says so when the network runs
            raise GraphError(
                f"{self.keras_class} needs equal strides, not {format_shape(self.stride)}",
                field="strides",
                remedy="stride in a conv or a pool of its own",
            )


@dataclass(eq=False, repr=False)
class DepthwiseConv2D(DepthwiseFirst):
    """One filter a channel: (h, w, c) -> (ceil(h / strides), ceil(w / strides), c * depth_multiplier)."""

    kernel_size: KernelSize
    strides: Strides = (1, 1)
    padding: Padding = "valid"
    depth_multiplier: Annotated[Count, Field(description="filters a channel")] = 1
    _: KW_ONLY
    dilation_rate: DilationRate = (1, 1)
    activation: OwnActivation = None
    use_bias: UseBias = True
    depthwise_initializer: KernelInitializer = "glorot_uniform"
    pattern_word = "DWCONV"
    diagram_word = "Depthwise"
    regularizers = ("depthwise_regularizer",)

    def out_channels(self, channels: int) -> int:
        return channels * self.depth_multiplier

    def weights(self, *shapes: Shape) -> tuple[Weight, ...]:
        """kernel (height, width, channels, multiplier), bias (channels * multiplier)."""
        channels = feature_map(shapes[0], self)[2]
        kernel = Weight("kernel", (*pair(self.kernel_size), channels, self.depth_multiplier))
        return (kernel, Weight("bias", (channels * self.depth_multiplier,))) if self.use_bias else (kernel,)

    def arithmetic(self, weights: Sequence[Weight], *shapes: Shape) -> str:
        """`(3*3 + 1)*64`."""
        height, width, channels, multiplier = weights[0].shape
        outputs = f"{channels}*{multiplier}" if multiplier > 1 else f"{channels}"
        return f"({height}*{width} + 1)*{outputs}" if self.use_bias else f"{height}*{width}*{outputs}"


@dataclass(eq=False, repr=False)
class SeparableConv2D(DepthwiseFirst):
    """A depthwise and a 1x1 convolution in one layer (Chollet 2016, Xception, arXiv:1610.02357).

    (h, w, c) -> (ceil(h / strides), ceil(w / strides), filters)
    """

    filters: Filters
    kernel_size: KernelSize
    strides: Strides = (1, 1)
    padding: Padding = "valid"
    _: KW_ONLY
    dilation_rate: DilationRate = (1, 1)
    depth_multiplier: Annotated[Count, Field(description="depthwise filters a channel")] = 1
    activation: OwnActivation = None
    use_bias: UseBias = True
    depthwise_initializer: KernelInitializer = "glorot_uniform"
    pointwise_initializer: KernelInitializer = "glorot_uniform"
    pattern_word = "SEPCONV"
    diagram_word = "Separable"
    regularizers = ("depthwise_regularizer", "pointwise_regularizer")

    def out_channels(self, channels: int) -> int:
        return self.filters

    def weights(self, *shapes: Shape) -> tuple[Weight, ...]:
        channels = feature_map(shapes[0], self)[2]
        kernels = (
            Weight("depthwise_kernel", (*pair(self.kernel_size), channels, self.depth_multiplier)),
            Weight("pointwise_kernel", (1, 1, channels * self.depth_multiplier, self.filters)),
        )
        return (*kernels, Weight("bias", (self.filters,))) if self.use_bias else kernels

    def arithmetic(self, weights: Sequence[Weight], *shapes: Shape) -> str:
        """`3*3*64 + (64 + 1)*128`."""
        depthwise, pointwise = weights[:2]
        inner = "*".join(map(str, depthwise.shape[: 3 if self.depth_multiplier == 1 else 4]))
        mixed = f"({pointwise.shape[2]} + 1)" if self.use_bias else f"{pointwise.shape[2]}"
        return f"{inner} + {mixed}*{self.filters}"


def _short(size: Pair) -> str:
    return str(size[0]) if size[0] == size[1] else format_shape(size)
