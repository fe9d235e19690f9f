"""The squeeze-and-excitation gate as a block of its own."""

from typing import Literal

from ..graph import Tensor
from .base import Block
from .squeeze_excite_gate import Gate


class SqueezeExcite(Gate, Block):
    """Channels weighted by what the whole map holds (Hu et al. 2017, fig. 2, arXiv:1709.01507).

    (h, w, c) -> (h, w, c)
    """

    block: Literal["squeeze_excite"] = "squeeze_excite"

    def connect(self, x: Tensor, name: str) -> Tensor:
        """`<name>_se_squeeze`, `_se_reduce`, `_se_expand`, `_se_excite`."""
        return self.apply(x, name)
