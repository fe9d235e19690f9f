"""GoogLeNet's module, naive and with bottlenecks."""

from typing import Literal, Self

from pydantic import Field, model_validator

from ..graph import Concatenate, Conv2D, MaxPooling2D, Tensor
from ..graph.activation import ActivationName
from ..graph.arguments import Count
from .base import Block
from .common import Norm, activate


class Inception(Block):
    """1x1, 3x3, 5x5 convolutions and a pool side by side (Szegedy et al. 2014, fig. 2, arXiv:1409.4842).

    (h, w, c) -> (h, w, conv1x1 + conv3x3 + conv5x5 + pool_proj), with c for `pool_proj` in the naive module.

    A branch whose filters are left out does not exist; `reduce3x3`, `reduce5x5` and `pool_proj` are the bottlenecks.
    Any other branches: the block `parallel`.
    """

    block: Literal["inception"] = "inception"
    conv1x1: Count | None = Field(default=None, description="#1x1")
    reduce3x3: Count | None = Field(default=None, description="#3x3 reduce, a 1x1 bottleneck before the 3x3")
    conv3x3: Count | None = Field(default=None, description="#3x3")
    reduce5x5: Count | None = Field(default=None, description="#5x5 reduce, a 1x1 bottleneck before the 5x5")
    conv5x5: Count | None = Field(default=None, description="#5x5")
    pool: bool = Field(default=True, description="a branch with a 3x3 max pool of stride 1")
    pool_proj: Count | None = Field(default=None, description="pool proj, a 1x1 bottleneck after the pool")
    activation: ActivationName = Field(default="relu", description="Keras's name of the function")
    norm: Norm | None = Field(default=None, description="normalise between convolution and activation")

    @model_validator(mode="after")
    def _has_branch(self) -> Self:
        if not (self.conv1x1 or self.conv3x3 or self.conv5x5 or self.pool):
            raise ValueError("needs a branch: conv1x1, conv3x3, conv5x5 or pool")
        return self

    @model_validator(mode="after")
    def _reduces_for_3x3(self) -> Self:
        return self._reduces_for(3, self.reduce3x3, self.conv3x3)

    @model_validator(mode="after")
    def _reduces_for_5x5(self) -> Self:
        return self._reduces_for(5, self.reduce5x5, self.conv5x5)

    def _reduces_for(self, size: int, reduced: int | None, filters: int | None) -> Self:
        if reduced and not filters:
            raise ValueError(f"reduce{size}x{size} without conv{size}x{size} has nothing to reduce for")
        return self

    def connect(self, x: Tensor, name: str) -> Tensor:
        """`<name>_1x1`, `_3x3_reduce`, `_3x3`, `_5x5_reduce`, `_5x5`, `_pool`, `_pool_proj`, `_concat`."""
        branches = [self._conv(x, self.conv1x1, 1, f"{name}_1x1")] if self.conv1x1 else []
        for size, reduced, filters in ((3, self.reduce3x3, self.conv3x3), (5, self.reduce5x5, self.conv5x5)):
            if filters:
                branch = self._conv(x, reduced, 1, f"{name}_{size}x{size}_reduce") if reduced else x
                branches.append(self._conv(branch, filters, size, f"{name}_{size}x{size}"))
        if self.pool:
            branch = MaxPooling2D(3, 1, "same")(x, f"{name}_pool")
            branches.append(self._conv(branch, self.pool_proj, 1, f"{name}_pool_proj") if self.pool_proj else branch)
        return Concatenate()(branches, f"{name}_concat") if len(branches) > 1 else branches[0]

    def _conv(self, x: Tensor, filters: int, size: int, name: str) -> Tensor:
        if self.norm is None:
            return Conv2D(filters, size, padding="same", activation=self.activation)(x, name)
        x = Conv2D(filters, size, padding="same", use_bias=False)(x, name)
        return activate(self.norm.apply(x, f"{name}_bn"), self.activation, f"{name}_{self.activation}")
