"""The depthwise-separable unit of MobileNet."""

from typing import Literal

from pydantic import Field

from ..graph import Conv2D, DepthwiseConv2D, Tensor, ZeroPadding2D
from ..graph.activation import ActivationName
from ..graph.arguments import Count, Padding, Size, border
from .base import Block
from .common import BATCH_NORM, Norm, activate, join, rectifier_name, rectify


class DepthwiseSeparable(Block):
    """Depthwise 3x3, norm, activation, 1x1, norm, activation (Howard et al. 2017, MobileNet, arXiv:1704.04861).

    (h, w, c) -> (ceil(h / strides), ceil(w / strides), filters)
    """

    block: Literal["depthwise_separable"] = "depthwise_separable"
    filters: Count = Field(description="channels of the output")
    kernel_size: Size = Field(default=(3, 3), description="height and width of the depthwise filters")
    strides: Size = Field(default=(1, 1), description="steps of the depthwise filters")
    padding: Padding = Field(default="same", description="padding of the depthwise convolution")
    depth_multiplier: Count = Field(default=1, description="depthwise filters a channel")
    norm: Norm | None = Field(default=BATCH_NORM, description="the normalisation, or null for none")
    activation: ActivationName | None = Field(default="relu", description="Keras's name of the function")
    layout: Literal["mobilenet"] | None = Field(
        default=None,
        description="the family of keras.applications whose layers, by name and class, it has, for a block called "
        "`conv_1` such as `conv_dw_1`; values are the same",
    )

    def connect(self, x: Tensor, name: str) -> Tensor:
        """`<name>_dw_conv`, `_dw_bn`, `_dw_relu`, `<name>_pw_conv`, `_pw_bn`, `_pw_relu`, or the layout's names."""
        depthwise = DepthwiseConv2D(
            self.kernel_size, self.strides, self.padding, self.depth_multiplier, use_bias=self.norm is None
        )
        pointwise = Conv2D(self.filters, 1, 1, "same" if self.layout else "valid", use_bias=self.norm is None)
        if self.layout is None:
            x = self._finish(depthwise(x, f"{name}_dw_conv"), f"{name}_dw")
            return self._finish(pointwise(x, f"{name}_pw_conv"), f"{name}_pw")
        stem, _, number = name.rpartition("_")
        pad, dw, pw = (join(stem, part, number) for part in ("pad", "dw", "pw"))
        if not isinstance(self.padding, str):
            depthwise.padding, depthwise.zeros = "valid", border(self.padding)
            x = ZeroPadding2D(depthwise.zeros)(x, pad)
        x = self._finish(depthwise(x, dw), dw)
        return self._finish(pointwise(x, pw), pw)

    def _finish(self, x: Tensor, name: str) -> Tensor:
        x = self.norm.apply(x, f"{name}_bn") if self.norm else x
        if self.layout is None:
            return activate(x, self.activation, f"{name}_{self.activation}")
        return rectify(x, self.activation, f"{name}_{rectifier_name(self.activation)}")
