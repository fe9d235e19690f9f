"""The squeeze-and-excitation gate as a block of its own."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from ..graph import Tensor
from .base import Block
from .fields import ActivationName, Count
from .gate import Gate


class SqueezeExcite(Block):
    """Channels weighted by what the whole map holds (Hu et al. 2017, fig. 2, arXiv:1709.01507).

    (h, w, c) -> (h, w, c)
    """

    block: Literal["squeeze_excite"] = "squeeze_excite"
    ratio: float = Field(16, gt=0, description="how many times fewer channels the reduction has")
    channels: Count | None = Field(None, description="channels of the reduction, instead of `ratio`")
    activation: ActivationName = Field("relu", description="after the reduction")
    gate_activation: ActivationName = Field("sigmoid", description="after the expansion")
    use_bias: bool = Field(True, description="biases in both 1x1 convolutions")

    def connect(self, x: Tensor, name: str) -> Tensor:
        """`<name>_se_squeeze`, `_se_reduce`, `_se_expand`, `_se_excite`."""
        gate = Gate(
            ratio=self.ratio,
            channels=self.channels,
            activation=self.activation,
            gate_activation=self.gate_activation,
            use_bias=self.use_bias,
        )
        return gate.apply(x, name)
