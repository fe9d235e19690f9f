"""Fully connected layers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

from pydantic import Field

from .activation import OwnActivation, WithActivation
from .arguments import Count, UseBias
from .initializer import BiasInitializer, KernelInitializer
from .node import Shape
from .operation import Weight, last_axis


@dataclass(eq=False, repr=False)
class Dense(WithActivation):
    """A fully connected layer over the last axis: (n,) -> (units,)."""

    units: Annotated[Count, Field(description="outputs")]
    activation: OwnActivation = None
    use_bias: UseBias = True
    kernel_initializer: KernelInitializer = "glorot_uniform"
    bias_initializer: BiasInitializer = "zeros"
    pattern_word = "FC"
    family = "dense"
    regularizers = ("kernel_regularizer",)

    def output_shape(self, *shapes: Shape) -> Shape:
        """(..., inputs) -> (..., units)."""
        last_axis(shapes[0], self)
        return (*shapes[0][:-1], self.units)

    def weights(self, *shapes: Shape) -> tuple[Weight, ...]:
        """kernel (inputs, units), bias (units)."""
        kernel = Weight("kernel", (last_axis(shapes[0], self), self.units))
        return (kernel, Weight("bias", (self.units,))) if self.use_bias else (kernel,)

    def arithmetic(self, weights: Sequence[Weight], *shapes: Shape) -> str:
        """`(25088 + 1)*4096`."""
        inputs = weights[0].shape[0]
        return f"({inputs} + 1)*{self.units}" if self.use_bias else f"{inputs}*{self.units}"
