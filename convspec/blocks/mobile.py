"""The inverted residual of MobileNetV2 and EfficientNet, with a depthwise or a fused convolution."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field

from ..graph import Add, Conv2D, DepthwiseConv2D, StochasticDepth, Tensor
from .base import Block
from .fields import ActivationName, Count, InitializerField, Rate, Size
from .parts import BATCH_NORM, Norm, activate, conv_norm, conv_norm_act


class InvertedResidual(Block):
    """Expand, filter each channel, project; add the input where the shape stays (MBConv).

    Sandler et al. 2018, MobileNetV2, fig. 3, arXiv:1801.04381; fused: Tan & Le 2021, fig. 2, arXiv:2104.00298.
    (h, w, c) -> (ceil(h / strides), ceil(w / strides), filters)

    An `expansion` of 1 leaves the 1x1 expansion out; `squeeze_excite` gates the expanded channels.
    """

    gates_itself: ClassVar[bool] = True
    block: Literal["inverted_residual"] = "inverted_residual"
    filters: Count = Field(description="channels of the output")
    kernel_size: Size = Field((3, 3), description="height and width of the filters")
    strides: Size = Field((1, 1), description="steps of the filters")
    expansion: float = Field(6, gt=0, description="how many times wider the middle is than the input")
    fused: bool = Field(False, description="one full convolution instead of 1x1 expansion and depthwise convolution")
    drop_path_rate: Rate = Field(0.0, description="share of examples that lose the branch in training")
    norm: Norm = Field(BATCH_NORM, description="the normalisation")
    activation: ActivationName = Field("relu6", description="Keras's name of the function")
    kernel_initializer: InitializerField = Field("he_normal", description="how weights start")

    def connect(self, x: Tensor, name: str) -> Tensor:
        """`<name>_expand_*`, `<name>_dw_*`, `<name>_se_*`, `<name>_project_*`, `<name>_add`."""
        shortcut, channels = x, x.channels
        x = self._fused(x, name) if self.fused else self._depthwise(x, name)
        if not self.fused or self.expansion != 1:
            x = conv_norm(
                x, self.filters, 1, name=f"{name}_project", norm=self.norm, kernel_initializer=self.kernel_initializer
            )
        if max(self.strides) > 1 or channels != self.filters:
            return x
        x = StochasticDepth(self.drop_path_rate)(x, f"{name}_drop") if self.drop_path_rate else x
        return Add()([shortcut, x], f"{name}_add")

    def _fused(self, x: Tensor, name: str) -> Tensor:
        only = self.expansion == 1
        x = conv_norm_act(
            x,
            self.filters if only else int(x.channels * self.expansion),
            self.kernel_size,
            self.strides,
            name=f"{name}_project" if only else f"{name}_expand",
            norm=self.norm,
            activation=self.activation,
            kernel_initializer=self.kernel_initializer,
        )
        return self.squeeze_excite.apply(x, name) if self.squeeze_excite else x

    def _depthwise(self, x: Tensor, name: str) -> Tensor:
        if self.expansion != 1:
            x = Conv2D(int(x.channels * self.expansion), 1, use_bias=False, kernel_initializer=self.kernel_initializer)(
                x, f"{name}_expand_conv"
            )
            x = self._finish(x, f"{name}_expand")
        x = DepthwiseConv2D(
            self.kernel_size, self.strides, "same", use_bias=False, depthwise_initializer=self.kernel_initializer
        )(x, f"{name}_dw_conv")
        x = self._finish(x, f"{name}_dw")
        return self.squeeze_excite.apply(x, name) if self.squeeze_excite else x

    def _finish(self, x: Tensor, name: str) -> Tensor:
        return activate(self.norm.apply(x, f"{name}_bn"), self.activation, f"{name}_{self.activation}")
