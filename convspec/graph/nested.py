"""Operations that one layer holds: Keras's Sequential inside a model."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from .arguments import Pair
from .node import Shape, add_up
from .operation import EVERYWHERE, Operation, ReceptiveFieldStep, Weight


class Inner(NamedTuple):
    """One operation of a nested model, with the shape that comes to it. `name` None: Keras's automatic one."""

    name: str | None
    operation: Operation
    shape: Shape


@dataclass(eq=False, repr=False)
class Sequential(Operation):
    """Operations one after another as one layer, as ConvNeXt's stem is in keras.applications.

    Only this layer is in `model.layers`; the paths of its weights hold both names.
    """

    operations: tuple[tuple[str | None, Operation], ...]

    def inside(self, shape: Shape) -> Iterator[Inner]:
        """The operations in order, for an input of this shape."""
        for name, operation in self.operations:
            yield Inner(name, operation, shape)
            shape = operation.output_shape(shape)

    def output_shape(self, *shapes: Shape) -> Shape:
        shape = shapes[0]
        for _, operation in self.operations:
            shape = operation.output_shape(shape)
        return shape

    def weights(self, *shapes: Shape) -> tuple[Weight, ...]:
        return tuple(weight for inner in self.inside(shapes[0]) for weight in inner.operation.weights(inner.shape))

    def macs(self, output: Shape, weights: Sequence[Weight], *shapes: Shape) -> int | None:
        return add_up(
            operation.macs(operation.output_shape(shape), operation.weights(shape), shape)
            for _, operation, shape in self.inside(shapes[0])
        )

    def arithmetic(self, weights: Sequence[Weight], *shapes: Shape) -> str:
        """`(4*4*3 + 1)*96 + 2*96`."""
        parts = [(operation, operation.weights(shape), shape) for _, operation, shape in self.inside(shapes[0])]
        return " + ".join([operation.arithmetic(own, shape) for operation, own, shape in parts if own])

    def dropped(self, *shapes: Shape) -> Pair:
        """Rows and columns that no window covers, counted in pixels of the input."""
        dropped, stride = [0, 0], (1, 1)
        for _, operation, shape in self.inside(shapes[0]):
            for axis, pixels in enumerate(operation.dropped(shape)):
                dropped[axis] += pixels * stride[axis]
            stride = _times(stride, operation.step.stride)
        return dropped[0], dropped[1]

    @property
    def step(self) -> ReceptiveFieldStep:
        size, stride = (1, 1), (1, 1)
        for _, operation in self.operations:
            step = operation.step
            if step is EVERYWHERE:
                return EVERYWHERE
            size = (size[0] + (step.size[0] - 1) * stride[0], size[1] + (step.size[1] - 1) * stride[1])
            stride = _times(stride, step.stride)
        return ReceptiveFieldStep(size, stride)

    def arguments(self) -> dict[str, object]:
        """The name, class and arguments of each operation."""
        return {"layers": [(name, operation.keras_class, operation.arguments()) for name, operation in self.operations]}


def _times(one: Pair, other: Pair) -> Pair:
    return one[0] * other[0], one[1] * other[1]
