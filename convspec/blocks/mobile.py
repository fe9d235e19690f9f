"""The inverted residual of MobileNetV2, MobileNetV3 and EfficientNet, with a depthwise or a fused convolution."""

import math
from typing import Annotated, ClassVar, Literal, NamedTuple

from pydantic import BeforeValidator, Field

from ..graph import (
    Add,
    Conv2D,
    DepthwiseConv2D,
    Dropout,
    GlobalAveragePooling2D,
    Multiply,
    ReLU,
    Reshape,
    Tensor,
    ZeroPadding2D,
)
from ..graph.activation import ActivationName
from ..graph.arguments import Count, Rate, Size, pair
from ..graph.initializer import KernelInitializer
from ..graph.merging import AddConstant, MultiplyConstant
from .base import Block
from .common import BATCH_NORM, ConvOptions, Norm, activate, divisible, rectifier_name, rectify, stride2_zeros
from .registry import current_name
from .squeeze_excite_gate import Gate


class Layout(NamedTuple):
    """What keras.applications calls the layers of a unit, after `<name>_`; None: Keras's automatic name."""

    expand: str = "expand_conv"
    expand_norm: str = "expand_bn"
    expand_activation: str | None = "expand_activation"
    pad: str = "dwconv_pad"
    depthwise: str = "dwconv"
    depthwise_norm: str = "bn"
    depthwise_activation: str | None = "activation"
    project: str = "project_conv"
    project_norm: str = "project_bn"
    mobile: bool = False  # rectifiers are ReLU layers; the sum takes the shortcut first


LAYOUTS = {
    "efficientnet": Layout(),
    "efficientnet_v2": Layout(depthwise="dwconv2"),
    "mobilenet_v2": Layout(
        "expand", "expand_BN", "expand_relu", "pad", "depthwise", "depthwise_BN", "depthwise_relu",
        "project", "project_BN", mobile=True,
    ),
    "mobilenet_v3": Layout(
        "expand", "expand_bn", None, "depthwise_pad", "depthwise", "depthwise_bn", None,
        "project", "project_bn", mobile=True,
    ),
}  # fmt: skip


class InvertedResidual(Block):
    """Expand, filter each channel, project; add the input where the shape stays (MBConv).

    Sandler et al. 2018, MobileNetV2, fig. 3, arXiv:1801.04381; fused: Tan & Le 2021, fig. 2, arXiv:2104.00298.
    (h, w, c) -> (ceil(h / strides), ceil(w / strides), filters)

    An `expansion` of 1 leaves the 1x1 expansion out; fused, the one convolution then projects, and is followed by
    the activation. `squeeze_excite` gates the expanded channels.
    """

    handles_squeeze_excite: ClassVar[bool] = True
    block: Literal["inverted_residual"] = "inverted_residual"
    filters: Count = Field(description="channels of the output")
    kernel_size: Size = Field(default=(3, 3), description="height and width of the filters")
    strides: Size = Field(default=(1, 1), description="steps of the filters")
    expansion: float = Field(default=6, gt=0, description="how many times wider the middle is than the input")
    divisor: Count = Field(default=1, description="the channels of the middle are rounded to a multiple of this")
    fused: bool = Field(
        default=False, description="one full convolution instead of 1x1 expansion and depthwise convolution"
    )
    drop_path_rate: Rate = Field(default=0.0, description="share of examples that lose the branch in training")
    norm: Norm = Field(default=BATCH_NORM, description="the normalisation")
    activation: ActivationName = Field(default="relu6", description="Keras's name of the function")
    kernel_initializer: KernelInitializer = Field(default="he_normal", description="how weights start")
    counted_zeros: bool = Field(
        default=False,
        description="lay the zeros of a stride of 2 in a layer of their own; a size that is open counts as even",
    )
    layout: Literal["efficientnet", "efficientnet_v2", "mobilenet_v2", "mobilenet_v3"] = Field(
        default="efficientnet",
        description="the family of keras.applications whose layers, by name and class, it has; values are the same",
    )

    def connect(self, x: Tensor, name: str) -> Tensor:
        """`<name>_expand_conv`, `_dwconv`, `_se_reduce`, `_project_conv`, `_add`, ..., or the layout's names."""
        shortcut, names = x, LAYOUTS[self.layout]
        single = self.fused and self.expansion == 1
        if self.expansion != 1:
            x = self._expand(x, name, names)
        if not self.fused:
            x = self._depthwise(x, name, names)
        if self.squeeze_excite is not None:
            x = self._gate(self.squeeze_excite, x, name, shortcut.channels)
        kernel_size, strides = (self.kernel_size, self.strides) if single else ((1, 1), (1, 1))
        x = self._conv(x, self.filters, kernel_size, strides, f"{name}_{names.project}")
        x = self.norm.apply(x, f"{name}_{names.project_norm}")
        x = self._activate(x, f"{name}_project_activation") if single else x
        if max(pair(self.strides)) > 1 or shortcut.channels != self.filters:
            return x
        if self.drop_path_rate:
            x = Dropout(self.drop_path_rate, per_example=True)(x, f"{name}_drop")
        return Add()([shortcut, x] if names.mobile else [x, shortcut], f"{name}_add")

    def _expand(self, x: Tensor, name: str, names: Layout) -> Tensor:
        channels = x.channels * self.expansion
        filters = divisible(channels, self.divisor) if self.divisor > 1 else math.trunc(channels)
        kernel_size, strides = (self.kernel_size, self.strides) if self.fused else ((1, 1), (1, 1))
        x = self._conv(x, filters, kernel_size, strides, f"{name}_{names.expand}")
        x = self.norm.apply(x, f"{name}_{names.expand_norm}")
        return self._activate(x, names.expand_activation and f"{name}_{names.expand_activation}")

    def _depthwise(self, x: Tensor, name: str, names: Layout) -> Tensor:
        operation = DepthwiseConv2D(
            self.kernel_size, self.strides, "same", use_bias=False, depthwise_initializer=self.kernel_initializer
        )
        if self.counted_zeros and self.strides == (2, 2):
            operation.padding, operation.zeros = "valid", stride2_zeros(x, self.kernel_size)
            x = ZeroPadding2D(operation.zeros)(x, f"{name}_{names.pad}")
        x = operation(x, f"{name}_{names.depthwise}")
        x = self.norm.apply(x, f"{name}_{names.depthwise_norm}")
        return self._activate(x, names.depthwise_activation and f"{name}_{names.depthwise_activation}")

    def _conv(self, x: Tensor, filters: int, kernel_size: Size, strides: Size, name: str) -> Tensor:
        return Conv2D(
            filters, kernel_size, strides, "same", use_bias=False, kernel_initializer=self.kernel_initializer
        )(x, name)

    def _activate(self, x: Tensor, name: str | None) -> Tensor:
        return (rectify if LAYOUTS[self.layout].mobile else activate)(x, self.activation, name)

    def _gate(self, gate: Gate, x: Tensor, name: str, input_channels: int) -> Tensor:
        reduced = gate.reduced(x.channels, input_channels)
        if self.layout == "mobilenet_v3":
            return _mobile_gate(gate, x, reduced, f"{name}_squeeze_excite")
        options: ConvOptions = {"use_bias": gate.use_bias, "kernel_initializer": self.kernel_initializer}
        weights = GlobalAveragePooling2D()(x, f"{name}_se_squeeze")
        weights = Reshape((1, 1, x.channels))(weights, f"{name}_se_reshape")
        weights = Conv2D(reduced, 1, 1, "same", activation=gate.activation, **options)(weights, f"{name}_se_reduce")
        weights = Conv2D(x.channels, 1, 1, "same", activation=gate.gate_activation, **options)(
            weights, f"{name}_se_expand"
        )
        return Multiply()([x, weights], f"{name}_se_excite")


def _mobile_gate(gate: Gate, x: Tensor, reduced: int, name: str) -> Tensor:
    """MobileNetV3's gate, layer by layer as keras.applications has it: a hard sigmoid is relu6(x + 3) * (1 / 6)."""
    weights = GlobalAveragePooling2D(keepdims=True)(x, f"{name}_avg_pool")
    weights = Conv2D(reduced, 1, 1, "same", use_bias=gate.use_bias)(weights, f"{name}_conv")
    weights = rectify(weights, gate.activation, f"{name}_{rectifier_name(gate.activation)}")
    weights = Conv2D(x.channels, 1, 1, "same", use_bias=gate.use_bias)(weights, f"{name}_conv_1")
    if gate.gate_activation == "hard_sigmoid":
        weights = MultiplyConstant(1 / 6)(ReLU(6.0)(AddConstant(3.0)(weights)))
    else:
        weights = activate(weights, gate.gate_activation, f"{name}_{gate.gate_activation}")
    return Multiply()([x, weights], f"{name}_mul")


class Stride2Padding(Block):
    """Zeros for a convolution of stride 2 that has no padding of its own, laid where Keras's `same` would lay them.

    (h, w, c) -> (h + kernel_size - 2 + h % 2, w + kernel_size - 2 + w % 2, c); an open size counts as even.
    """

    block: Annotated[Literal["stride2_padding"], BeforeValidator(current_name)] = "stride2_padding"
    kernel_size: Size = Field(default=(3, 3), description="height and width of the filters that follow")

    def connect(self, x: Tensor, name: str) -> Tensor:
        """One layer `name`."""
        return ZeroPadding2D(stride2_zeros(x, self.kernel_size))(x, name)
