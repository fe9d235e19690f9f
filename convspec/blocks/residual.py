"""Residual units: basic and bottleneck, with the activation after the sum (v1) or before the branch (v2)."""

from __future__ import annotations

from typing import ClassVar, Literal, NamedTuple

from pydantic import Field

from ..graph import Conv2D, Tensor
from .base import Block
from .fields import ActivationName, Count, InitializerField, Rate, Size
from .parts import BATCH_NORM, Norm, activate
from .shortcuts import Downsample, Shortcut, merge, resize


class Layer(NamedTuple):
    """One convolution of a branch."""

    filters: int
    kernel_size: int
    strides: tuple[int, int] = (1, 1)
    groups: int = 1


class ResidualUnit(Block):
    """What basic and bottleneck units share: the shortcut, the order of normalisation, stochastic depth."""

    gates_itself: ClassVar[bool] = True
    expansion: ClassVar[int] = 1

    filters: Count = Field(description="channels of the 3x3 convolutions")
    strides: Size = Field((1, 1), description="steps of the unit; the shortcut follows")
    preactivation: bool = Field(
        False, description="v2: norm and activation before the convolutions, none after the sum"
    )
    shortcut: Shortcut = Field("identity", description="what runs beside the branch where the size stays")
    downsample: Downsample = Field("projection", description="what runs beside the branch where the size changes")
    drop_path_rate: Rate = Field(0.0, description="share of examples that lose the branch in training")
    norm: Norm = Field(BATCH_NORM, description="the normalisation")
    activation: ActivationName = Field("relu", description="Keras's name of the function")
    use_bias: bool = Field(False, description="add biases to the convolutions")
    kernel_initializer: InitializerField = Field("he_normal", description="how weights start")

    def layers(self) -> list[Layer]:
        """The convolutions of the branch, in order."""
        raise NotImplementedError(f"{type(self).__name__} does not say which convolutions it has")

    def connect(self, x: Tensor, name: str) -> Tensor:
        """`<name>_1_conv`, `_1_bn`, `_1_relu`, `_2_conv`, ..., `_0_conv` on the shortcut, `_add`, `_out`."""
        out_channels = self.filters * self.expansion
        changes = max(self.strides) > 1 or x.channels != out_channels
        before = self._preactivate(x, name) if self.preactivation else x
        shortcut = before if self.preactivation and changes else x
        if changes:
            norm = None if self.preactivation else self.norm
            shortcut = resize(shortcut, out_channels, self.strides, self.downsample, name, norm, self.use_bias)
        branch = self._branch(before, name)
        if self.squeeze_excite is not None:
            branch = self.squeeze_excite.apply(branch, name)
        add_name = f"{name}_out" if self.preactivation else f"{name}_add"
        kind: Shortcut = "identity" if changes else self.shortcut
        x = merge(shortcut, branch, kind, name, self.norm, add_name, self.drop_path_rate)
        return x if self.preactivation else activate(x, self.activation, f"{name}_out")

    def _preactivate(self, x: Tensor, name: str) -> Tensor:
        x = self.norm.apply(x, f"{name}_preact_bn")
        return activate(x, self.activation, f"{name}_preact_{self.activation}")

    def _branch(self, x: Tensor, name: str) -> Tensor:
        layers = self.layers()
        for number, layer in enumerate(layers, start=1):
            last, prefix = number == len(layers), f"{name}_{number}"
            x = Conv2D(
                layer.filters,
                layer.kernel_size,
                layer.strides,
                "same",
                groups=layer.groups,
                use_bias=self.use_bias,
                kernel_initializer=self.kernel_initializer,
            )(x, f"{prefix}_conv")
            if not (last and self.preactivation):
                x = self.norm.apply(x, f"{prefix}_bn")
            if not last:
                x = activate(x, self.activation, f"{prefix}_{self.activation}")
        return x


class Basic(ResidualUnit):
    """Two 3x3 convolutions beside a shortcut (He et al. 2015, fig. 5 left, arXiv:1512.03385).

    (h, w, c) -> (ceil(h / strides), ceil(w / strides), filters)
    """

    block: Literal["basic"] = "basic"

    def layers(self) -> list[Layer]:
        """3x3, 3x3; the stride is on the first."""
        return [Layer(self.filters, 3, self.strides), Layer(self.filters, 3)]


class Bottleneck(ResidualUnit):
    """1x1, 3x3, 1x1 convolutions beside a shortcut (He et al. 2015, fig. 5 right, arXiv:1512.03385).

    (h, w, c) -> (ceil(h / strides), ceil(w / strides), 4 * filters)

    The stride is on the first 1x1, as in the paper and keras.applications; torchvision has it on the 3x3
    (`stride_on: middle`). Parameters agree, MACs do not (ResNet-50: 3.9 against 4.1 G).
    """

    expansion: ClassVar[int] = 4
    block: Literal["bottleneck"] = "bottleneck"
    width: Count | None = Field(None, description="channels of the 3x3, where it is not `filters` (ResNeXt, wide nets)")
    groups: Count = Field(1, description="groups of the 3x3 (ResNeXt's cardinality)")
    stride_on: Literal["first", "middle"] = Field("first", description="which convolution strides: first 1x1 or 3x3")

    def layers(self) -> list[Layer]:
        """1x1 to the width, 3x3 in groups, 1x1 to four times the filters."""
        width = self.width or self.filters
        first, middle = (self.strides, (1, 1)) if self.stride_on == "first" else ((1, 1), self.strides)
        return [
            Layer(width, 1, first),
            Layer(width, 3, middle, self.groups),
            Layer(self.filters * self.expansion, 1),
        ]
