"""Convolutions: alone, with normalisation and activation, repeated before a pool, separable."""

from typing import Literal, Self

from pydantic import Field, model_validator

from .. import graph
from ..graph import Tensor
from ..graph.activation import ActivationName, OwnActivation
from ..graph.arguments import Count, KernelSize, Padding, Rate, Size
from ..graph.initializer import KernelInitializer
from ..printing import counted
from .base import Block
from .common import BATCH_NORM, Norm, activate
from .layer import Layer


class Conv(Layer, graph.Conv2D):
    """A convolution and its activation, CONV-RELU: `conv3-64` in VGG's table.

    (h, w, c) -> (ceil(h / strides), ceil(w / strides), filters) with `same` padding,
    ((h + 2 * padding - kernel_size)/strides + 1, ..., filters) with counted zeros.
    """

    block: Literal["conv"] = "conv"
    kernel_size: KernelSize = (3, 3)
    padding: Padding = "same"
    activation: OwnActivation = "relu"


class DepthwiseConv(Layer, graph.DepthwiseConv2D):
    block: Literal["depthwise_conv"] = "depthwise_conv"
    kernel_size: KernelSize = (3, 3)
    padding: Padding = "same"
    activation: OwnActivation = "relu"


class SeparableConv(Layer, graph.SeparableConv2D):
    block: Literal["separable_conv"] = "separable_conv"
    kernel_size: KernelSize = (3, 3)
    padding: Padding = "same"
    activation: OwnActivation = "relu"


class ConvNormAct(Block):
    """A convolution without bias, its normalisation and its activation, in three layers.

    (h, w, c) -> (ceil(h / strides), ceil(w / strides), filters)
    """

    block: Literal["conv_norm_act"] = "conv_norm_act"
    filters: Count = Field(description="channels of the output")
    kernel_size: Size = Field(default=(3, 3), description="height and width of the filters")
    strides: Size = Field(default=(1, 1), description="steps of the filters")
    padding: Padding = Field(default="same", description="valid, same, or zeros laid around the input")
    dilation_rate: Size = Field(default=(1, 1), description="distance between the taps of a filter")
    groups: Count = Field(default=1, description="separate convolutions over as many shares of the channels")
    use_bias: bool = Field(default=False, description="add a bias to the convolution")
    norm: Norm | None = Field(default=BATCH_NORM, description="the normalisation, or null for none")
    activation: ActivationName | None = Field(default="relu", description="Keras's name of the function")
    kernel_initializer: KernelInitializer = Field(default="glorot_uniform", description="how weights start")

    def connect(self, x: Tensor, name: str) -> Tensor:
        """`<name>_conv`, `<name>_bn`, `<name>_<activation>`."""
        x = graph.Conv2D(
            self.filters,
            self.kernel_size,
            self.strides,
            self.padding,
            dilation_rate=self.dilation_rate,
            groups=self.groups,
            use_bias=self.use_bias,
            kernel_initializer=self.kernel_initializer,
        )(x, f"{name}_conv")
        x = self.norm.apply(x, f"{name}_bn") if self.norm else x
        return activate(x, self.activation, f"{name}_{self.activation}")


class ConvReluPool(Block):
    """[(CONV-RELU)*N-POOL], the lectures' unit and VGG's stage (Simonyan & Zisserman 2014, arXiv:1409.1556).

    (h, w, c) -> ((h - pool_size)/pool_strides + 1, ..., filters) with `same` convolutions
    """

    block: Literal["conv_relu_pool"] = "conv_relu_pool"
    convs: Count = Field(default=1, description="N, the convolutions before the pool")
    filters: Count = Field(description="channels of each convolution")
    kernel_size: Size = Field(default=(3, 3), description="height and width of the filters")
    kernel_sizes: list[Size] | None = Field(
        default=None, description="one size a convolution, instead of `kernel_size`"
    )
    strides: Size = Field(default=(1, 1), description="steps of the first convolution")
    padding: Padding = Field(default="same", description="valid, same, or zeros laid around the input")
    activation: ActivationName | None = Field(default="relu", description="Keras's name of the function")
    use_bias: bool = Field(default=True, description="add a bias to the convolutions")
    norm: Norm | None = Field(default=None, description="normalise between convolution and activation")
    lrn: bool = Field(
        default=False, description="local response normalisation before the pool, with the block lrn's defaults"
    )
    pool: Literal["avg", "max"] | None = Field(default="max", description="the kind of pool, or null for none")
    pool_size: Size = Field(default=(2, 2), description="height and width of the pool's window")
    pool_strides: Size | None = Field(default=None, description="steps of the pool; by default its window")
    pool_padding: Padding = Field(default="valid", description="padding of the pool")
    dropout: Rate = Field(default=0.0, description="share of values set to 0 in training, after the pool")
    kernel_initializer: KernelInitializer = Field(default="glorot_uniform", description="how weights start")

    @model_validator(mode="after")
    def _check(self) -> Self:
        if self.kernel_sizes is not None and len(self.kernel_sizes) != self.convs:
            raise ValueError(f"kernel_sizes has {counted(len(self.kernel_sizes), 'size')} for convs: {self.convs}")
        return self

    def connect(self, x: Tensor, name: str) -> Tensor:
        """`<name>_conv1`, `<name>_conv2`, ..., `<name>_pool`."""
        for index in range(self.convs):
            x = self._conv(x, index, name)
        x = graph.LocalResponseNormalization()(x, f"{name}_lrn") if self.lrn else x
        if self.pool:
            kind = graph.MaxPooling2D if self.pool == "max" else graph.AveragePooling2D
            pool = kind(self.pool_size, self.pool_strides, self.pool_padding)
            pool.prefix = "pool_"
            x = pool(x, f"{name}_pool")
        return graph.Dropout(self.dropout)(x, f"{name}_dropout") if self.dropout else x

    def _conv(self, x: Tensor, index: int, name: str) -> Tensor:
        kernel_size = self.kernel_sizes[index] if self.kernel_sizes else self.kernel_size
        x = graph.Conv2D(
            self.filters,
            kernel_size,
            self.strides if index == 0 else 1,
            self.padding,
            activation=None if self.norm else self.activation,
            use_bias=self.use_bias,
            kernel_initializer=self.kernel_initializer,
        )(x, f"{name}_conv{index + 1}")
        if self.norm is None:
            return x
        x = self.norm.apply(x, f"{name}_bn{index + 1}")
        return activate(x, self.activation, f"{name}_{self.activation}{index + 1}")
