"""Functions that the blocks share: a convolution with its normalisation and activation, named as Keras names them."""

import copy
import math
from typing import Literal, TypedDict, Unpack

from pydantic import Field

from ..graph import (
    ACTIVATIONS,
    Activation,
    BatchNormalization,
    Conv2D,
    Initializer,
    LayerNormalization,
    Tensor,
    ZeroPadding2D,
)
from ..graph.arguments import Border, Padding, Pair, border, pair
from .pydantic_model import Model

Zeros = Literal["same", "strided", "always"]
ZEROS_MEANING = (
    "where a layer of its own lays the zeros of a 3x3, one on each side: `same`, nowhere: Keras pads, an even map that "
    "is strided over at its far edge alone; `strided`, where it strides, as PyTorch and Caffe pad; `always`, as in "
    "keras.applications' ResNetV2"
)


class Norm(Model):
    """Batch or layer normalisation with Keras's argument names and defaults."""

    kind: Literal["batch", "layer"] = Field(
        default="batch", description="over the batch, or over the channels of a position"
    )
    momentum: float = Field(default=0.99, ge=0, le=1, description="of the moving statistics (batch only)")
    epsilon: float = Field(default=1e-3, gt=0, description="added to the variance")
    scale: bool = Field(default=True, description="learn a factor, gamma")
    center: bool = Field(default=True, description="learn an offset, beta")

    def apply(self, x: Tensor, name: str | None) -> Tensor:
        """Normalise."""
        if self.kind == "layer":
            return LayerNormalization(self.epsilon, center=self.center, scale=self.scale)(x, name)
        return BatchNormalization(self.momentum, self.epsilon, center=self.center, scale=self.scale)(x, name)


BATCH_NORM = Norm()


def divisible(value: float, divisor: int = 8, minimum: int | None = None) -> int:
    """The nearest multiple of `divisor`, but not below nine tenths of `value` (MobileNetV2's rule for channels)."""
    rounded = max(minimum or divisor, math.trunc(value + divisor / 2) // divisor * divisor)
    return rounded + divisor if rounded < 0.9 * value else rounded


def join(*names: str | None) -> str:
    """Names joined by `_`, empty ones left out."""
    return "_".join(name for name in names if name)


def activate(x: Tensor, activation: str | None, name: str | None) -> Tensor:
    """An activation as a layer of its own; None and `linear` add nothing."""
    if activation in (None, "linear"):
        return x
    layer = ACTIVATIONS[activation].layer
    return layer()(x, name) if layer else Activation(activation)(x, name)


def rectify(x: Tensor, activation: str | None, name: str | None) -> Tensor:
    """An activation as a layer of its own, rectifiers as `ReLU` layers: MobileNets have them so."""
    rectifier = ACTIVATIONS[activation or "linear"].rectifier
    return copy.copy(rectifier)(x, name) if rectifier else activate(x, activation, name)


def rectifier_name(activation: str | None) -> str | None:
    """`relu` for relu6, too; other activations have their own names."""
    return "relu" if ACTIVATIONS[activation or "linear"].rectifier else activation


class ConvOptions(TypedDict, total=False):
    """Arguments of a convolution that the functions here pass on."""

    groups: int
    use_bias: bool
    kernel_initializer: Initializer


def conv_after_zeros(
    x: Tensor, filters: int, kernel_size: int, strides: Pair, zeros: Zeros, *, name: str, **options: Unpack[ConvOptions]
) -> Tensor:
    """`<name>_pad` where the zeros are counted, `<name>_conv`: (h, w, c) -> (ceil(h / strides), ..., filters)."""
    if kernel_size == 1 or zeros == "same" or (zeros == "strided" and max(strides) == 1):
        padding: Padding = "valid" if kernel_size == 1 else "same"
        return Conv2D(filters, kernel_size, strides, padding, **options)(x, f"{name}_conv")
    operation = Conv2D(filters, kernel_size, strides, **options)
    operation.zeros = border(kernel_size // 2)
    return operation(ZeroPadding2D(operation.zeros)(x, f"{name}_pad"), f"{name}_conv")


def stride2_zeros(x: Tensor, kernel_size: int | Pair) -> Border:
    """Zeros for a convolution of stride 2 without padding of its own: where `same` would lay them, and countable.

    keras.applications' `correct_pad`; where a size is not known, both are taken to be even.
    """
    # For an input that is no feature map the padding layer itself reports the error.
    sizes = (0, 0) if None in x.shape[:2] or len(x.shape) < 3 else x.shape[:2]
    height, width = (
        max(0, length - 2 + (size or 0) % 2) for length, size in zip(pair(kernel_size), sizes, strict=True)
    )
    return (height // 2, height - height // 2), (width // 2, width - width // 2)
