"""Fully connected layers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from .convolution import Initializer
from .graph import Shape
from .operation import Operation, Weight, last_axis


@dataclass(eq=False, repr=False)
class Dense(Operation):
    """A fully connected layer over the last axis."""

    units: int
    activation: str | None = None
    use_bias: bool = True
    kernel_initializer: Initializer = "glorot_uniform"
    bias_initializer: Initializer = "zeros"
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
