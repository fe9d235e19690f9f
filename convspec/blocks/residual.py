"""Residual units: basic and bottleneck, with the activation after the sum (v1) or before the branch (v2)."""

import math
from typing import ClassVar, Literal, NamedTuple

from pydantic import Field

from ..graph import Dropout, GraphError, Tensor
from ..graph.activation import ActivationName
from ..graph.arguments import Count, Pair, Rate, Size, pair
from ..graph.initializer import KernelInitializer
from .base import Block
from .common import BATCH_NORM, ZEROS_MEANING, Norm, Zeros, activate, conv_after_zeros
from .shortcuts import DOWNSAMPLE_MEANING, SHORTCUT_MEANING, Downsample, Shortcut, merge, resize


class Layer(NamedTuple):
    """One convolution of a branch."""

    filters: int
    kernel_size: int
    strides: int | Pair = (1, 1)
    groups: int = 1


class ResidualUnit(Block):
    """What basic and bottleneck units share: the shortcut, the order of normalisation, stochastic depth."""

    handles_squeeze_excite: ClassVar[bool] = True
    expansion: ClassVar[int] = 1

    filters: Count = Field(description="channels of the 3x3 convolutions")
    strides: Size = Field(default=(1, 1), description="steps of the unit; the shortcut follows")
    preactivation: bool = Field(
        default=False,
        description="v2: norm and activation before the convolutions, none after the sum (arXiv:1603.05027)",
    )
    shortcut: Shortcut = Field(default="identity", description=SHORTCUT_MEANING)
    downsample: Downsample = Field(default="projection", description=DOWNSAMPLE_MEANING)
    drop_path_rate: Rate = Field(default=0.0, description="share of examples that lose the branch in training")
    dropout: Rate = Field(default=0.0, description="share of values set to 0 in training, before the last convolution")
    norm: Norm = Field(default=BATCH_NORM, description="the normalisation")
    activation: ActivationName = Field(default="relu", description="Keras's name of the function")
    use_bias: bool = Field(default=False, description="add biases to the convolutions")
    norm_replaces_bias: bool = Field(default=False, description="but not to those that a normalisation follows")
    zeros: Zeros = Field(default="same", description=ZEROS_MEANING)
    kernel_initializer: KernelInitializer = Field(default="he_normal", description="how weights start")

    def layers(self) -> list[Layer]:
        """The convolutions of the branch, in order."""
        raise NotImplementedError(f"{type(self).__name__} does not say which convolutions it has")

    def connect(self, x: Tensor, name: str) -> Tensor:
        """`<name>_1_conv`, `_1_bn`, `_1_relu`, `_2_conv`, ..., `_0_conv` on the shortcut, `_add`, `_out`."""
        before = self._preactivate(x, name) if self.preactivation else x
        shortcut, kind = self._shortcut(x, before, name)
        branch = self._branch(before, name)
        if self.squeeze_excite is not None:
            branch = self.squeeze_excite.apply(branch, name, x.channels)
        add_name = f"{name}_out" if self.preactivation else f"{name}_add"
        x = merge(shortcut, branch, kind, name, self.norm, add_name, self.drop_path_rate)
        return x if self.preactivation else activate(x, self.activation, f"{name}_out")

    def _preactivate(self, x: Tensor, name: str) -> Tensor:
        x = self.norm.apply(x, f"{name}_preact_bn")
        return activate(x, self.activation, f"{name}_preact_{self.activation}")

    def _shortcut(self, x: Tensor, before: Tensor, name: str) -> tuple[Tensor, Shortcut]:
        """The shortcut in the size of the branch, and what is still to be done to it."""
        filters = self.filters * self.expansion
        changes = max(pair(self.strides)) > 1 or x.channels != filters
        kind, norm = self.shortcut, None if self.preactivation else self.norm
        if not changes and kind != "projection":
            return x, kind
        resized = resize(
            before if x.channels != filters else x,
            filters,
            pair(self.strides),
            self.downsample if changes else "projection",
            name,
            norm,
            zeros=self.zeros,
            use_bias=self._has_bias(norm is not None),
            kernel_initializer=self.kernel_initializer,
        )
        return resized, "identity" if kind == "projection" else kind

    def _branch(self, x: Tensor, name: str) -> Tensor:
        layers = self.layers()
        for number, layer in enumerate(layers, start=1):
            last, prefix = number == len(layers), f"{name}_{number}"
            normalized = not (last and self.preactivation)
            if last and self.dropout:
                x = Dropout(self.dropout)(x, f"{name}_dropout")
            x = conv_after_zeros(
                x,
                layer.filters,
                layer.kernel_size,
                pair(layer.strides),
                self.zeros,
                name=prefix,
                groups=layer.groups,
                use_bias=self._has_bias(normalized),
                kernel_initializer=self.kernel_initializer,
            )
            x = self.norm.apply(x, f"{prefix}_bn") if normalized else x
            x = x if last else activate(x, self.activation, f"{prefix}_{self.activation}")
        return x

    def _has_bias(self, normalized: bool) -> bool:
        return self.use_bias and not (normalized and self.norm_replaces_bias)


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

    The 3x3 has filters * width_per_group / 64 channels a group: `filters` of them by default, twice as many with
    `width_per_group: 128` (wide nets), and 32 groups of 4, 8, 16, 32 in the stages of ResNeXt 32x4d.
    """

    expansion: ClassVar[int] = 4
    block: Literal["bottleneck"] = "bottleneck"
    groups: Count = Field(default=1, description="groups of the 3x3 (ResNeXt's cardinality)")
    width_per_group: Count = Field(default=64, description="channels of a group of the 3x3 where `filters` is 64")
    first_share: float = Field(
        default=1.0, gt=0, le=1, description="channels of the first 1x1, as a share of the 3x3's"
    )
    stride_on: Literal["first", "middle"] = Field(
        default="first", description="which convolution strides: the `first` 1x1, or the 3x3 in the `middle`"
    )

    def layers(self) -> list[Layer]:
        """1x1 to the width, 3x3 in groups, 1x1 to four times the filters. Raises `GraphError` for a width of 0."""
        width = self.filters * self.width_per_group // 64 * self.groups
        if width == 0:
            raise GraphError(
                f"the 3x3 has no channels: filters * width_per_group / 64 = {self.filters} * {self.width_per_group} / "
                f"64 = {self.filters * self.width_per_group / 64:.2f}",
                field="width_per_group",
                remedy=f"fits: width_per_group {-(-64 // self.filters)} or more",
            )
        first, middle = (self.strides, (1, 1)) if self.stride_on == "first" else ((1, 1), self.strides)
        return [
            Layer(max(1, math.trunc(width * self.first_share)), 1, first),
            Layer(width, 3, middle, self.groups),
            Layer(self.filters * self.expansion, 1),
        ]
