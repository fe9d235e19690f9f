"""What every primitive operation states: output shape, weights, MACs, receptive-field step, Keras arguments."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, fields
from functools import cache
from typing import ClassVar, Literal, NamedTuple, Protocol, Self

from .arguments import Pair
from .node import GraphError, Shape, Tensor, count_values, format_shape


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


class ReceptiveFieldStep(NamedTuple):
    """How an operation widens the receptive field: the input positions an output sees, and how far apart two are."""

    size: Pair = (1, 1)
    stride: Pair = (1, 1)


POINT = ReceptiveFieldStep()
"""The step of an operation on each position by itself, which leaves the field as it is."""

EVERYWHERE = ReceptiveFieldStep((0, 0), (0, 0))
"""The step of an operation whose every output sees the whole input."""


class Computable(Protocol):
    """What functions in Keras's functional graph need of a tensor."""

    def __add__(self, other: object, /) -> Self:
        """The sum."""

    def __mul__(self, other: object, /) -> Self:
        """The product."""


Family = Literal["input", "conv", "depthwise", "pool", "dense", "merge", "other"]


@dataclass(eq=False, repr=False)
class Operation:
    """One primitive operation, named and parametrised as the Keras layer that computes it.

    A subclass is a dataclass whose fields are the layer's constructor arguments. Whatever else depends on the kind of
    an operation is a class variable here, so that nothing elsewhere asks for a class by its name.
    """

    from_package: ClassVar[bool] = False
    """Whether the layer is one of `convspec.layers` instead of `keras.layers`."""
    bare: ClassVar[bool] = False
    """Whether it is a function in Keras's functional graph, which is not in `model.layers`: that of `compute`."""

    @property
    def pattern_word(self) -> str:
        """What the lectures call the layer. Patterns leave out layers without a word: they only move values."""
        return ""

    @property
    def diagram_word(self) -> str:
        """What a diagram calls it, if not by its class."""
        return ""

    @property
    def family(self) -> Family:
        """What its colour in a diagram shows."""
        return "other"

    placement: ClassVar[Literal["box", "above", "below"]] = "box"
    """A box of its own in a diagram; or above the text of the layer that it prepares the input of; or below the text
    of the layer whose output it changes."""

    is_view: ClassVar[bool] = False
    """Whether its output is its input's memory."""
    training_only: ClassVar[bool] = False
    """Whether it does nothing in inference. In training it keeps a mask, one byte for each value."""
    full_precision: ClassVar[bool] = False
    """Whether Keras computes it on a float32 copy under mixed precision."""
    reorders_gradient: ClassVar[bool] = False
    """Whether the gradient of its output is copied into another order of axes for its own gradients."""

    regularizers: ClassVar[tuple[str, ...]] = ()
    """Arguments of the Keras layer that take an L2 penalty: those of kernels, not of biases or normalisation."""
    adjustable: ClassVar[tuple[str, ...]] = ()
    """Arguments that a compiled network can be given anew during a search."""

    end: ClassVar[Literal["keeps", "combines", "affine", "other"]] = "other"
    """What it makes of probabilities and logits. It `keeps` both, since it moves values or averages them; or logits
    stay logits, but probabilities do not sum to 1 any more (`combines`); or any number can come out (`affine`)."""
    is_feature: ClassVar[bool] = True
    """Whether its output can be a feature map for another task: padding and dropout only prepare one."""
    joins_branches: ClassVar[bool] = False
    """Whether it joins branches of equal rank, as a gate does not."""

    @property
    def keras_class(self) -> str:
        """The name of the Keras class."""
        return type(self).__name__

    @property
    def layer_class(self) -> str:
        """The class of the layer in a Keras model, where a more general one of Keras computes the operation."""
        return self.keras_class

    @classmethod
    @cache
    def argument_names(cls) -> tuple[str, ...]:
        """The names of the layer's arguments."""
        return tuple(field.name for field in fields(cls))

    @property
    def activation_name(self) -> str:
        """The activation that its output has passed: `linear` for none, empty if the layer has no such argument."""
        return (getattr(self, "activation", None) or "linear") if "activation" in self.argument_names() else ""

    @property
    def fused_activation(self) -> str | None:
        """The activation inside a layer that computes something else; None if there is none, or a linear one."""
        return None if self.activation_name in ("", "linear") else self.activation_name

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
    def step(self) -> ReceptiveFieldStep:
        """The receptive-field step."""
        return POINT

    def compute(self, inputs: Sequence[Computable]) -> Computable:
        """The function of Keras tensors that a `bare` operation is."""
        raise TypeError(f"{self!r} is a layer, not a function")

    def arguments(self) -> dict[str, object]:
        """The Keras layer's constructor arguments."""
        return {name: getattr(self, name) for name in self.argument_names()}

    def keras_arguments(self, shapes: Sequence[Shape]) -> dict[str, object]:
        """The same for inputs of these shapes, on which a few of Keras's arguments depend."""
        return self.arguments()

    def __repr__(self) -> str:
        inner = ", ".join(f"{name}={value!r}" for name, value in self.arguments().items())
        return f"{type(self).__name__}({inner})"


@dataclass(eq=False, repr=False)
class InputLayer(Operation):
    """Where an example enters."""

    shape: Shape
    diagram_word = "input"
    family = "input"
    is_feature = False

    def output_shape(self, *shapes: Shape) -> Shape:
        return self.shape


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
    return count_values(shape[:-1])
