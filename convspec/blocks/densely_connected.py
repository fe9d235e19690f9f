"""DenseNet's two blocks."""

import math
from typing import Literal

from pydantic import Field

from ..graph import AveragePooling2D, Concatenate, Conv2D, Dropout, Tensor
from ..graph.activation import ActivationName
from ..graph.arguments import Count, Padding, Rate
from ..graph.initializer import KernelInitializer
from .base import Block
from .common import BATCH_NORM, Norm, activate


class DenseBlock(Block):
    """Layers that each see the outputs of all before them (Huang et al. 2016, fig. 1, arXiv:1608.06993).

    (h, w, c) -> (h, w, c + layers * growth_rate)

    A layer is norm, activation, 1x1 convolution to `bottleneck * growth_rate` channels, norm, activation, 3x3
    convolution (DenseNet-B); `bottleneck: null` leaves the 1x1 out.
    """

    block: Literal["dense_block"] = "dense_block"
    layers: Count = Field(description="layers, each adding its channels")
    growth_rate: Count = Field(default=32, description="channels that each layer adds, k in the paper")
    bottleneck: Count | None = Field(default=4, description="channels of the 1x1, in growth rates; null for none")
    dropout: Rate = Field(default=0.0, description="share of values set to 0 in training, after each convolution")
    activation: ActivationName = Field(default="relu", description="Keras's name of the function")
    norm: Norm = Field(default=BATCH_NORM, description="the normalisation")
    kernel_initializer: KernelInitializer = Field(default="glorot_uniform", description="how weights start")

    def connect(self, x: Tensor, name: str) -> Tensor:
        """`<name>_block1_0_bn`, `_0_relu`, `_1_conv`, `_1_bn`, `_1_relu`, `_2_conv`, `_concat`, `<name>_block2_...`."""
        for index in range(self.layers):
            x = Concatenate()([x, self._layer(x, f"{name}_block{index + 1}")], f"{name}_block{index + 1}_concat")
        return x

    def _layer(self, x: Tensor, name: str) -> Tensor:
        x = activate(self.norm.apply(x, f"{name}_0_bn"), self.activation, f"{name}_0_{self.activation}")
        if self.bottleneck:
            x = self._conv(x, self.bottleneck * self.growth_rate, 1, f"{name}_1")
            x = activate(self.norm.apply(x, f"{name}_1_bn"), self.activation, f"{name}_1_{self.activation}")
        return self._conv(x, self.growth_rate, 3, f"{name}_2")

    def _conv(self, x: Tensor, filters: int, kernel_size: int, name: str) -> Tensor:
        padding: Padding = "same" if kernel_size > 1 else "valid"
        initializer = self.kernel_initializer
        x = Conv2D(filters, kernel_size, padding=padding, use_bias=False, kernel_initializer=initializer)(
            x, f"{name}_conv"
        )
        return Dropout(self.dropout)(x, f"{name}_dropout") if self.dropout else x


class Transition(Block):
    """Norm, activation, 1x1 convolution, 2x2 average pool between dense blocks (arXiv:1608.06993, section 3).

    (h, w, c) -> (floor(h / 2), floor(w / 2), int(c * compression))
    """

    block: Literal["transition"] = "transition"
    compression: float = Field(
        default=0.5, gt=0, le=1, description="share of the channels that is kept, theta in the paper"
    )
    dropout: Rate = Field(default=0.0, description="share of values set to 0 in training, after the convolution")
    activation: ActivationName = Field(default="relu", description="Keras's name of the function")
    norm: Norm = Field(default=BATCH_NORM, description="the normalisation")
    kernel_initializer: KernelInitializer = Field(default="glorot_uniform", description="how weights start")

    def connect(self, x: Tensor, name: str) -> Tensor:
        """`<name>_bn`, `<name>_relu`, `<name>_conv`, `<name>_pool`."""
        channels = max(1, math.trunc(x.channels * self.compression))
        x = activate(self.norm.apply(x, f"{name}_bn"), self.activation, f"{name}_{self.activation}")
        x = Conv2D(channels, 1, use_bias=False, kernel_initializer=self.kernel_initializer)(x, f"{name}_conv")
        x = Dropout(self.dropout)(x, f"{name}_dropout") if self.dropout else x
        return AveragePooling2D(2, 2)(x, f"{name}_pool")
