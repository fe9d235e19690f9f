"""The squeeze-and-excitation gate, which any block can carry."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field

from ..graph import Conv2D, GlobalAveragePooling2D, Multiply, Tensor
from .fields import ActivationName, Count


class Gate(BaseModel):
    """Channels weighted by what the whole map holds (Hu et al. 2017, fig. 2, arXiv:1709.01507).

    (h, w, c) -> (h, w, c): squeeze to 1x1xc, reduce to c / ratio, expand to c, multiply.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, defer_build=True)

    ratio: float = Field(16, gt=0, description="how many times fewer channels the reduction has")
    channels: Count | None = Field(None, description="channels of the reduction, instead of `ratio`")
    activation: ActivationName = Field("relu", description="after the reduction")
    gate_activation: ActivationName = Field("sigmoid", description="after the expansion")
    use_bias: bool = Field(True, description="biases in both 1x1 convolutions")

    def apply(self, x: Tensor, name: str) -> Tensor:
        """`<name>_se_squeeze`, `_se_reduce`, `_se_expand`, `_se_excite`."""
        reduced = self.channels or max(1, int(x.channels / self.ratio))
        gate = GlobalAveragePooling2D(keepdims=True)(x, f"{name}_se_squeeze")
        gate = Conv2D(reduced, 1, activation=self.activation, use_bias=self.use_bias)(gate, f"{name}_se_reduce")
        gate = Conv2D(x.channels, 1, activation=self.gate_activation, use_bias=self.use_bias)(gate, f"{name}_se_expand")
        return Multiply()([x, gate], f"{name}_se_excite")
