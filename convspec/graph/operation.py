"""What every primitive operation states: output shape, weights, MACs, receptive-field step, Keras arguments."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, ClassVar, NamedTuple, TypeVar

from .graph import GraphError, Shape, Tensor, format_shape
from .record import record

Pair = tuple[int, int]


class Weight(NamedTuple):
    """One variable of a layer, under Keras's name for it."""

    name: str
    shape: tuple[int, ...]
    trainable: bool = True

    @property
    def size(self) -> int:
        """How many numbers it holds."""
        return math.prod(self.shape)

    @property
    def is_kernel(self) -> bool:
        """Whether inputs are multiplied with it: a layer's kernel, or one of two."""
        return self.name.endswith("kernel")


class Step(NamedTuple):
    """How an operation widens the receptive field: the input positions an output sees, and how far apart two are."""

    size: Pair = (1, 1)
    stride: Pair = (1, 1)


POINT = Step()
"""The step of an operation that looks at one position at a time and leaves the field as it is."""

EVERYWHERE = Step((0, 0), (0, 0))
"""The step of an operation whose every output sees the whole input."""


class Operation:
    """One primitive operation, named and parametrised as the Keras layer that computes it.

    A subclass is a record whose fields are the layer's constructor arguments. `from_package`: the layer is one that
    `convspec.layers` names, not one of `keras.layers`. `bare`: not a layer at all but a function of `keras.ops` in the
    functional graph, which Keras keeps out of `model.layers`.
    """

    fields: ClassVar[tuple[str, ...]] = ()
    from_package: ClassVar[bool] = False
    bare: ClassVar[bool] = False

    @property
    def keras_class(self) -> str:
        """The name of the Keras class."""
        return type(self).__name__

    @property
    def layer_class(self) -> str:
        """The class of the layer in a Keras model, where a more general one of Keras computes the operation."""
        return self.keras_class

    @property
    def label(self) -> str:
        """The operation in one or two words, for tables and messages: `Conv2D 3x3/2`."""
        return self.keras_class

    def __call__(self, x: Tensor | Sequence[Tensor], name: str | None = None) -> Tensor:
        """Apply to a tensor, or to a list of them, of one graph; without a name Keras's automatic one is used."""
        inputs = (x,) if isinstance(x, Tensor) else tuple(x)
        return inputs[0].graph.add(self, inputs, name)

    def output_shape(self, *shapes: Shape) -> Shape:
        """The shape of the output. Raises `GraphError` where there is none."""
        return shapes[0]

    def weights(self, *shapes: Shape) -> tuple[Weight, ...]:
        """The variables, trainable ones first, as `layer.weights` lists them."""
        return ()

    def macs(self, output: Shape, weights: Sequence[Weight], *shapes: Shape) -> int | None:
        """Multiply-accumulates, kernels times output positions: those of convolutions and dense layers alone."""
        kernels = [weight.size for weight in weights if weight.is_kernel]
        if not kernels:
            return 0
        places = positions(output)
        return None if places is None else sum(kernels) * places

    def arithmetic(self, weights: Sequence[Weight], *shapes: Shape) -> str:
        """How the number of parameters comes about: `(3*3*64 + 1)*128`."""
        return " + ".join(["*".join(map(str, weight.shape)) for weight in weights])

    def dropped(self, *shapes: Shape) -> Pair:
        """Rows and columns at the bottom and right edge that no window covers."""
        return (0, 0)

    def check_fit(self, *shapes: Shape) -> None:
        """Raise `GraphError` where pixels are dropped: the lectures' rule that a filter must fit."""

    @property
    def step(self) -> Step:
        """The receptive-field step."""
        return POINT

    def arguments(self) -> dict[str, Any]:
        """The Keras layer's constructor arguments."""
        return {name: getattr(self, name) for name in self.fields}

    def keras_arguments(self, shapes: Sequence[Shape]) -> dict[str, Any]:
        """The same, for inputs of these shapes, where Keras wants to be told something of them."""
        return self.arguments()

    def __repr__(self) -> str:
        inner = ", ".join(f"{name}={value!r}" for name, value in self.arguments().items())
        return f"{type(self).__name__}({inner})"


@record()
class InputLayer(Operation):
    """Where an example enters."""

    shape: Shape

    def output_shape(self, *shapes: Shape) -> Shape:
        """The declared shape."""
        return self.shape


T = TypeVar("T")


def pair(value: T | Sequence[T]) -> tuple[T, T]:
    """`3` -> `(3, 3)`; a sequence of two stays as it is."""
    if isinstance(value, (tuple, list)):
        first, second = value
        return (first, second)
    return (value, value)  # type: ignore[return-value]


def feature_map(shape: Shape, operation: Operation) -> tuple[int | None, int | None, int]:
    """(height, width, channels), or a `GraphError` where the input is not a feature map."""
    if len(shape) != 3 or shape[2] is None:
        raise GraphError(
            f"{operation.label} needs a feature map (height, width, channels), not {format_shape(shape)}",
            remedy="put it before the flatten or pooling that removed height and width",
        )
    return shape[0], shape[1], shape[2]


def last_axis(shape: Shape, operation: Operation) -> int:
    """The size of the last axis, or a `GraphError` where it is not known before a call."""
    if not shape or shape[-1] is None:
        raise GraphError(
            f"{operation.label} needs to know the number of its inputs, and {format_shape(shape)} leaves it open",
            remedy="give the input a height and width, or pool globally instead of flattening",
        )
    return shape[-1]


def positions(shape: Shape) -> int | None:
    """How many places a map has, all axes but the last; None where one is unknown."""
    total = 1
    for size in shape[:-1]:
        if size is None:
            return None
        total *= size
    return total
