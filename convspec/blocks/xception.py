"""Xception's module: separable convolutions beside a shortcut."""

from typing import Literal

from pydantic import Field

from ..graph import Activation, Add, BatchNormalization, Conv2D, MaxPooling2D, SeparableConv2D, Tensor
from ..graph.arguments import Count
from .base import Block


class XceptionModule(Block):
    """Separable 3x3 convolutions, each after its activation, beside a shortcut (Chollet 2016, arXiv:1610.02357).

    (h, w, c) -> (ceil(h / 2), ceil(w / 2), filters[-1]), or (h, w, c) where it keeps the size

    Layers of the shortcut, and the sum, have Keras's automatic names, as in keras.applications.
    """

    block: Literal["xception_module"] = "xception_module"
    filters: list[Count] = Field(min_length=1, description="channels of each separable convolution, in order")
    pool: bool = Field(
        default=True, description="halve the size: a 3x3 max pool, and a 1x1 convolution on the shortcut"
    )
    activate_first: bool = Field(default=True, description="a ReLU before the first convolution too")

    def connect(self, x: Tensor, name: str) -> Tensor:
        """`<name>_sepconv1_act`, `_sepconv1`, `_sepconv1_bn`, `_sepconv2_act`, ..., `<name>_pool`."""
        shortcut = self._project(x) if self.pool else x
        for number, filters in enumerate(self.filters, start=1):
            prefix = f"{name}_sepconv{number}"
            if number > 1 or self.activate_first:
                x = Activation("relu")(x, f"{prefix}_act")
            x = SeparableConv2D(filters, 3, padding="same", use_bias=False)(x, prefix)
            x = BatchNormalization()(x, f"{prefix}_bn")
        x = MaxPooling2D(3, 2, "same")(x, f"{name}_pool") if self.pool else x
        return Add()([x, shortcut])

    def _project(self, x: Tensor) -> Tensor:
        x = Conv2D(self.filters[-1], 1, 2, "same", use_bias=False)(x)
        return BatchNormalization()(x)
