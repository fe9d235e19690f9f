"""The squeeze-and-excitation gate, which any block can carry."""

from __future__ import annotations

import math
from typing import Literal

from pydantic import Field

from ..graph import Conv2D, GlobalAveragePooling2D, Multiply, Tensor
from ..graph.activation import ActivationName
from ..graph.arguments import Count
from .common import divisible
from .pydantic_model import Model


class Gate(Model):
    """Channels weighted by what the whole map holds (Hu et al. 2017, fig. 2, arXiv:1709.01507).

    (h, w, c) -> (h, w, c): squeeze to 1x1xc, reduce to c / ratio, expand to c, multiply.
    """

    ratio: float = Field(default=16, gt=0, description="how many times fewer channels the reduction has")
    relative_to: Literal["map", "input"] = Field(
        default="map",
        description="what the ratio counts from: channels of the gated map, or of the block's input (MBConv)",
    )
    divisor: Count = Field(default=1, description="the channels of the reduction are rounded to a multiple of this")
    channels: Count | None = Field(default=None, description="channels of the reduction, instead of `ratio`")
    activation: ActivationName = Field(default="relu", description="after the reduction")
    gate_activation: ActivationName = Field(default="sigmoid", description="after the expansion")
    use_bias: bool = Field(default=True, description="biases in both 1x1 convolutions")

    def reduced(self, channels: int, input_channels: int) -> int:
        """Channels of the reduction, for a map of `channels` in a block whose input has `input_channels`."""
        if self.channels:
            return self.channels
        wanted = (input_channels if self.relative_to == "input" else channels) / self.ratio
        return divisible(wanted, self.divisor) if self.divisor > 1 else max(1, math.trunc(wanted))

    def apply(self, x: Tensor, name: str, input_channels: int | None = None) -> Tensor:
        """`<name>_se_squeeze`, `_se_reduce`, `_se_expand`, `_se_excite`."""
        reduced = self.reduced(x.channels, input_channels or x.channels)
        gate = GlobalAveragePooling2D(keepdims=True)(x, f"{name}_se_squeeze")
        gate = Conv2D(reduced, 1, activation=self.activation, use_bias=self.use_bias)(gate, f"{name}_se_reduce")
        gate = Conv2D(x.channels, 1, activation=self.gate_activation, use_bias=self.use_bias)(gate, f"{name}_se_expand")
        return Multiply()([x, gate], f"{name}_se_excite")
