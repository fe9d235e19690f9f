"""Activations: functions without weights by their Keras name, and the two that have a structure of their own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from .graph import GraphError, Shape
from .operation import Operation, Weight, last_axis

ACTIVATIONS = (
    "relu", "relu6", "leaky_relu", "elu", "selu", "tanh", "sigmoid", "silu", "swish", "gelu", "hard_sigmoid",
    "hard_silu", "hard_swish", "softmax", "softplus", "softsign", "mish", "exponential", "linear",
)  # fmt: skip
"""The names that Keras's `activation=` takes; `prelu` and `maxout` are layers of their own."""


@dataclass(eq=False, repr=False)
class Activation(Operation):
    """A function of each value, by its Keras name."""

    activation: str
    placement = "below"
    end = "keeps"  # if it is linear

    @property
    def pattern_word(self) -> str:  # type: ignore[override]
        """Its function: `RELU`."""
        return self.activation.upper()

    @property
    def fused_activation(self) -> None:
        """None: the layer computes nothing else."""
        return

    @property
    def label(self) -> str:
        """`Activation relu`."""
        return f"Activation {self.activation}"


@dataclass(eq=False, repr=False)
class ReLU(Operation):
    """max(0, x), cut off at `max_value`, with a slope below `threshold`."""

    max_value: float | None = None
    negative_slope: float = 0.0
    threshold: float = 0.0
    pattern_word = "RELU"
    diagram_word = "ReLU"
    placement = "below"

    @property
    def keras_class(self) -> str:
        """Keras's class."""
        return "ReLU"


@dataclass(eq=False, repr=False)
class LeakyReLU(Operation):
    """x, or a small multiple of it below 0 (Maas et al. 2013)."""

    negative_slope: float = 0.3
    pattern_word = "LEAKYRELU"
    diagram_word = "leaky ReLU"
    placement = "below"


@dataclass(eq=False, repr=False)
class Softmax(Operation):
    """Exponentials that sum to 1 over the last axis."""

    pattern_word = "SOFTMAX"
    diagram_word = "softmax"
    placement = "below"

    @property
    def activation_name(self) -> str:
        """Itself."""
        return "softmax"

    @property
    def fused_activation(self) -> None:
        """None: the layer computes nothing else."""
        return


@dataclass(eq=False, repr=False)
class PReLU(Operation):
    """A leaky ReLU whose slope is learnt, one a channel (He et al. 2015, arXiv:1502.01852)."""

    pattern_word = "PRELU"
    diagram_word = "PReLU"
    placement = "below"

    def weights(self, *shapes: Shape) -> tuple[Weight, ...]:
        """alpha, shared over height and width."""
        return (Weight("alpha", (*(1,) * (len(shapes[0]) - 1), last_axis(shapes[0], self))),)

    def arithmetic(self, weights: Sequence[Weight], *shapes: Shape) -> str:
        """One a channel."""
        return str(shapes[0][-1])

    def keras_arguments(self, shapes: Sequence[Shape]) -> dict[str, Any]:
        """Keras wants to be told which axes share a slope; they are all but the last."""
        return {"shared_axes": list(range(1, len(shapes[0]))) or None}


@dataclass(eq=False, repr=False)
class Maxout(Operation):
    """The largest of each `pieces` neighbouring channels (Goodfellow et al. 2013, arXiv:1302.4389)."""

    pieces: int = 2
    from_package = True
    pattern_word = "MAXOUT"
    end = "combines"

    def output_shape(self, *shapes: Shape) -> Shape:
        """(..., c) -> (..., c / pieces)."""
        channels = last_axis(shapes[0], self)
        if channels % self.pieces:
            raise GraphError(
                f"maxout takes {self.pieces} channels at a time, and {channels} do not divide: "
                f"{channels}/{self.pieces} = {channels / self.pieces:.2f}",
                field="pieces",
                assume=(*shapes[0][:-1], max(1, channels // self.pieces)),
            )
        return (*shapes[0][:-1], channels // self.pieces)
