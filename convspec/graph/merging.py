"""Operations over several tensors, and the scalings that a merge needs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

from pydantic import Field

from .node import GraphError, Shape, Tensor, format_shape
from .operation import Computable, Operation, Weight, last_axis


class Merge(Operation):
    """A layer over a list of tensors."""

    verb = "merge"
    family = "merge"

    def __call__(self, x: Tensor | Sequence[Tensor], name: str | None = None) -> Tensor:
        """Merge the tensors. Raises `GraphError`, with where each came from, if their shapes do not allow it."""
        inputs = [x] if isinstance(x, Tensor) else list(x)
        if len(inputs) < 2:
            raise GraphError(f"{self.verb} needs two inputs or more, not {len(inputs)}", field="from")
        return super().__call__(inputs, name)


class Elementwise(Merge):
    """Values at the same place are combined; the shapes must be equal."""

    broadcasts = False

    def output_shape(self, *shapes: Shape) -> Shape:
        """The common shape; where `broadcasts`, a size of 1 is stretched."""
        out = shapes[0]
        for shape in shapes[1:]:
            joined = _join(out, shape, self.broadcasts)
            if joined is None:
                raise GraphError(
                    f"{self.verb} needs equal shapes, not {' and '.join(map(format_shape, shapes))}: "
                    f"{_difference(out, shape)}",
                    field="inputs",
                    assume=out,
                    or_else=shape,
                )
            out = joined
        return out


@dataclass(eq=False, repr=False)
class Add(Elementwise):
    """The sum of equal shapes."""

    verb = "add"
    diagram_word = "+"
    end = "combines"
    joins_branches = True


@dataclass(eq=False, repr=False)
class Average(Elementwise):
    """The mean of equal shapes."""

    verb = "average"
    diagram_word = "mean"
    end = "keeps"
    joins_branches = True


@dataclass(eq=False, repr=False)
class Maximum(Elementwise):
    """The largest of equal shapes, value by value."""

    verb = "maximum"
    diagram_word = "max"
    end = "combines"
    joins_branches = True


@dataclass(eq=False, repr=False)
class Multiply(Elementwise):
    """The product; a gate of 1x1xc is stretched over the map."""

    diagram_word = "×"

    verb, broadcasts = "multiply", True


@dataclass(eq=False, repr=False)
class CustomScaleLayer(Elementwise):
    """The first plus a fixed multiple of the second, Inception-ResNet's sum; called as in keras.applications."""

    scale: float
    verb = "scaled sum"
    from_package = True
    diagram_word = "+"
    end = "combines"


@dataclass(eq=False, repr=False)
class Concatenate(Merge):
    """The channels of all: (h, w, c1), (h, w, c2) -> (h, w, c1 + c2)."""

    verb = "concat"
    diagram_word = "concat"
    end = "combines"
    joins_branches = True

    def output_shape(self, *shapes: Shape) -> Shape:
        """(h, w, c1), (h, w, c2), ... -> (h, w, c1 + c2 + ...)."""
        first = shapes[0]
        for shape in shapes[1:]:
            if len(shape) != len(first) or _join(first[:-1], shape[:-1], False) is None:
                raise GraphError(
                    f"concat needs equal height and width, not {' and '.join(map(format_shape, shapes))}: "
                    f"{_difference(first[:-1], shape[:-1])}",
                    field="inputs",
                )
        return (*first[:-1], sum(last_axis(shape, self) for shape in shapes))

    def arguments(self) -> dict[str, object]:
        """The axis is the channels."""
        return {"axis": -1}


@dataclass(eq=False, repr=False)
class Scale(Operation):
    """A fixed factor: the shape stays."""

    scale: Annotated[float, Field(description="the factor")]
    layer_class = "Rescaling"
    diagram_word = "scale"
    placement = "below"
    end = "combines"


@dataclass(eq=False, repr=False)
class Complement(Operation):
    """1 - x: the other side of an exclusive gate (Srivastava et al. 2015, highway networks, arXiv:1505.00387)."""

    layer_class = "Rescaling"
    diagram_word = "1 − x"
    placement = "below"

    def keras_arguments(self, shapes: Sequence[Shape]) -> dict[str, object]:
        return {"scale": -1.0, "offset": 1.0}


@dataclass(eq=False, repr=False)
class LayerScale(Operation):
    """x * gamma, learnt per channel from a small start (Touvron et al. 2021, CaiT, arXiv:2103.17239)."""

    init_values: float
    projection_dim: int
    from_package = True
    diagram_word = "layer scale"
    placement = "below"
    end = "combines"

    def output_shape(self, *shapes: Shape) -> Shape:
        if last_axis(shapes[0], self) != self.projection_dim:
            raise GraphError(
                f"projection_dim is {self.projection_dim}, and the input has {shapes[0][-1]} channels",
                field="projection_dim",
                assume=shapes[0],
            )
        return shapes[0]

    def weights(self, *shapes: Shape) -> tuple[Weight, ...]:
        """gamma, one a channel, which Keras calls `variable` and counts."""
        return (Weight("variable", (self.projection_dim,)),)


@dataclass(eq=False, repr=False)
class AddConstant(Operation):
    """x + value as a bare function, as in the hard sigmoid of MobileNetV3."""

    value: float
    bare = True
    keras_class = "Add"
    diagram_word = "plus a constant"
    placement = "below"
    end = "combines"

    def compute(self, inputs: Sequence[Computable]) -> Computable:
        return inputs[0] + self.value


@dataclass(eq=False, repr=False)
class MultiplyConstant(Operation):
    """x * value as a bare function."""

    value: float
    bare = True
    keras_class = "Multiply"
    diagram_word = "times a constant"
    placement = "below"
    end = "combines"

    def compute(self, inputs: Sequence[Computable]) -> Computable:
        return inputs[0] * self.value


@dataclass(eq=False, repr=False)
class AddOp(Add):
    """a + b as a bare function, as in ConvNeXt's residual."""

    bare = True
    keras_class = "Add"

    def compute(self, inputs: Sequence[Computable]) -> Computable:
        return inputs[0] + inputs[1]


def _join(first: Shape, second: Shape, broadcasts: bool) -> Shape | None:
    """The common shape of two, or None. An unknown size fits any."""
    if len(first) != len(second):
        return None
    out: list[int | None] = []
    for a, b in zip(first, second, strict=True):
        if a != b and a is not None and b is not None and not (broadcasts and 1 in (a, b)):
            return None
        known = [size for size in (a, b) if size is not None]
        out.append(max(known) if len(known) == 2 or known not in ([], [1]) else None)
    return tuple(out)


def _difference(first: Shape, second: Shape) -> str:
    if len(first) != len(second):
        return f"{len(first)} axes against {len(second)}"
    names = ("height", "width", "channels")
    parts = [
        f"{names[axis] if axis < 3 and len(first) > 1 else 'features'} {a} against {b}"
        for axis, (a, b) in enumerate(zip(first, second, strict=True))
        if a != b
    ]
    return ", ".join(parts)
