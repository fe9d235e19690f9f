"""Activations: functions without weights by their Keras name, and the two that have a structure of their own."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, NamedTuple

from pydantic import AfterValidator, Field, WithJsonSchema

from ..printing import quote
from ..suggestions import did_you_mean, meant, spelled
from .arguments import Count
from .node import GraphError, Shape, Tensor
from .operation import Operation, Weight, last_axis


@dataclass(eq=False, repr=False)
class Activation(Operation):
    """A function of each value, by its Keras name."""

    activation: str
    placement = "below"
    end = "keeps"  # if it is linear
    fused_activation = None  # the layer computes nothing else

    @property
    def pattern_word(self) -> str:
        """Its function: `RELU`."""
        return self.activation.upper()

    @property
    def label(self) -> str:
        """`Activation relu`."""
        return f"Activation {self.activation}"


@dataclass(eq=False, repr=False)
class ReLU(Operation):
    """max(0, x), cut off at `max_value`, as Keras's ReLU layer: (h, w, c) -> (h, w, c)."""

    max_value: Annotated[float | None, Field(gt=0, description="the largest output, such as 6; null for none")] = None
    negative_slope: Annotated[float, Field(ge=0, description="factor of values below the threshold")] = 0.0
    threshold: Annotated[float, Field(ge=0, description="smallest value that passes unchanged")] = 0.0
    pattern_word = "RELU"
    diagram_word = "ReLU"
    placement = "below"


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
    activation_name = "softmax"
    fused_activation = None  # the layer computes nothing else


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
        return str(shapes[0][-1])

    def keras_arguments(self, shapes: Sequence[Shape]) -> dict[str, object]:
        """The axes that share a slope: all but the last."""
        return {"shared_axes": list(range(1, len(shapes[0]))) or None}


@dataclass(eq=False, repr=False)
class Maxout(Operation):
    """The largest of each `pieces` neighbouring channels (Goodfellow et al. 2013, arXiv:1302.4389).

    (h, w, c) -> (h, w, c / pieces)
    """

    pieces: Annotated[Count, Field(description="channels that compete")] = 2
    from_package = True
    pattern_word = "MAXOUT"
    end = "combines"

    def output_shape(self, *shapes: Shape) -> Shape:
        channels = last_axis(shapes[0], self)
        if channels % self.pieces:
            raise GraphError(
                f"maxout takes {self.pieces} channels at a time, and {channels} do not divide: "
                f"{channels}/{self.pieces} = {channels / self.pieces:.2f}",
                field="pieces",
                assume=(*shapes[0][:-1], max(1, channels // self.pieces)),
            )
        return (*shapes[0][:-1], channels // self.pieces)


class Function(NamedTuple):
    """What `activation` can name: one of Keras's functions, or a layer of its own."""

    written: str = ""
    """As papers write it, if not by its name."""
    aliases: tuple[str, ...] = ()
    """Its names in other tools and papers."""
    gradient_needs_sigmoid: bool = False
    """Whether the gradient needs a sigmoid that the layer computed on its way."""
    layer: type[Operation] | None = None
    """The operation that it is, if Keras has no function of that name."""
    rectifier: ReLU | None = None
    """The ReLU layer that computes it."""


ACTIVATIONS = {
    "relu": Function("ReLU", ("rectifier",), rectifier=ReLU()),
    "relu6": Function("ReLU6", rectifier=ReLU(6.0)),
    "leaky_relu": Function(aliases=("lrelu",)),
    "elu": Function("ELU"),
    "selu": Function("SELU"),
    "tanh": Function(),
    "sigmoid": Function(aliases=("logistic",)),
    "silu": Function(gradient_needs_sigmoid=True),
    "swish": Function(gradient_needs_sigmoid=True),
    "gelu": Function("GELU"),
    "hard_sigmoid": Function(aliases=("hsigmoid",)),
    "hard_silu": Function(aliases=("hsilu",)),
    "hard_swish": Function(aliases=("hswish",)),
    "softmax": Function(),
    "softplus": Function(),
    "softsign": Function(),
    "mish": Function(),
    "exponential": Function(aliases=("exp",)),
    "linear": Function(),
    "prelu": Function(aliases=("parametric_relu",), layer=PReLU),
    "maxout": Function(layer=Maxout),
}

ALIASES = {alias: name for name, function in ACTIVATIONS.items() for alias in function.aliases}
UNKNOWN = Function()
"""What is known of a function of the user's own."""


def activation_meant(name: str) -> str:
    """The activation that another tool's name, or another spelling, means; empty if there is none."""
    return meant(name, ACTIVATIONS, ALIASES)


def _activation(value: str) -> str:
    if value in ACTIVATIONS:
        return value
    if spelled(value) in ("none", "identity", "null", "logits"):
        near = "; linear leaves values as they are"
    elif name := activation_meant(value):
        near = f"; did you mean {name!r}?"
    else:
        near = did_you_mean(value, ACTIVATIONS) or f"; there are {', '.join(ACTIVATIONS)}"
    raise ValueError(f"no activation is called {quote(value)}{near}")


ActivationName = Annotated[str, AfterValidator(_activation), WithJsonSchema({"enum": list(ACTIVATIONS)})]
OwnActivation = Annotated[ActivationName | None, Field(description="Keras's name of the function; null for none")]


class WithActivation(Operation):
    """A layer that applies an activation to what it computes.

    If Keras has no such function, a layer `<name>_<activation>` follows.
    """

    if TYPE_CHECKING:
        activation: str | None

    def __post_init__(self) -> None:
        self.activation = None if self.activation == "linear" else self.activation

    def __call__(self, x: Tensor | Sequence[Tensor], name: str | None = None) -> Tensor:
        layer = ACTIVATIONS.get(self.activation or "linear", UNKNOWN).layer
        if layer is None:
            return super().__call__(x, name)
        bare = copy.copy(self)
        bare.activation = None
        return layer()(bare(x, name), None if name is None else f"{name}_{self.activation}")
