"""Normalisation of activations, and of input pixels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import KW_ONLY, dataclass
from typing import Annotated

from pydantic import Field

from .arguments import Count
from .initializer import BiasInitializer
from .node import GraphError, Shape
from .operation import Operation, Weight, last_axis

Epsilon = Annotated[float, Field(gt=0, description="added to the variance")]
Center = Annotated[bool, Field(description="learn an offset, beta")]
LearntScale = Annotated[bool, Field(description="learn a factor, gamma")]


@dataclass(eq=False, repr=False)
class BatchNormalization(Operation):
    """Batch normalisation (Ioffe & Szegedy 2015, arXiv:1502.03167): (h, w, c) -> (h, w, c)."""

    momentum: Annotated[float, Field(ge=0, le=1, description="of the moving statistics")] = 0.99
    epsilon: Epsilon = 1e-3
    _: KW_ONLY
    center: Center = True
    scale: LearntScale = True
    gamma_initializer: Annotated[BiasInitializer, Field(description="how factors start")] = "ones"
    pattern_word = "BN"
    diagram_word = "BN"
    placement = "below"
    full_precision = True
    end = "affine"

    def weights(self, *shapes: Shape) -> tuple[Weight, ...]:
        """gamma and beta where used, then the statistics, which do not train."""
        size = (last_axis(shapes[0], self),)
        trained = [Weight(name, size) for name, used in (("gamma", self.scale), ("beta", self.center)) if used]
        return (*trained, Weight("moving_mean", size, False), Weight("moving_variance", size, False))

    def arithmetic(self, weights: Sequence[Weight], *shapes: Shape) -> str:
        """`4*64`, the two statistics included."""
        return f"{len(weights)}*{shapes[0][-1]}"


@dataclass(eq=False, repr=False)
class LayerNormalization(Operation):
    """Layer normalisation over the channels (Ba et al. 2016, arXiv:1607.06450): (h, w, c) -> (h, w, c)."""

    epsilon: Epsilon = 1e-3
    _: KW_ONLY
    center: Center = True
    scale: LearntScale = True
    pattern_word = "LN"
    diagram_word = "LN"
    placement = "below"
    end = "affine"

    def weights(self, *shapes: Shape) -> tuple[Weight, ...]:
        size = (last_axis(shapes[0], self),)
        return tuple(Weight(name, size) for name, used in (("gamma", self.scale), ("beta", self.center)) if used)

    def arithmetic(self, weights: Sequence[Weight], *shapes: Shape) -> str:
        """`2*64`."""
        return f"{len(weights)}*{shapes[0][-1]}"


@dataclass(eq=False, repr=False)
class LocalResponseNormalization(Operation):
    """Local response normalisation (Krizhevsky et al. 2012, section 3.3): (h, w, c) -> (h, w, c).

    x / (bias + alpha * sum of squares over 2 * depth_radius + 1 channels) ** beta; the paper's values are the
    defaults. Caffe divides alpha by the number of channels in the sum; this does not.
    """

    depth_radius: Annotated[
        Count, Field(description="neighbouring channels on each side in the sum (the paper's n = 5)")
    ] = 2
    bias: Annotated[float, Field(description="k in the paper")] = 2.0
    alpha: Annotated[float, Field(description="factor of the sum of squares")] = 1e-4
    beta: Annotated[float, Field(description="exponent")] = 0.75
    from_package = True
    pattern_word = "NORM"
    diagram_word = "LRN"
    placement = "below"


@dataclass(eq=False, repr=False)
class Rescaling(Operation):
    """x * scale + offset, as for pixels from 0..255 to 0..1: the shape stays."""

    scale: Annotated[float | list[float], Field(description="the factor, such as ${1 / 255}, or one for each channel")]
    offset: Annotated[float, Field(description="added after scaling")] = 0.0
    diagram_word = "rescale"
    placement = "above"
    end = "affine"

    def output_shape(self, *shapes: Shape) -> Shape:
        """The same. Raises `GraphError` if there is not one scale for each channel."""
        if isinstance(self.scale, list) and len(self.scale) != shapes[0][-1]:
            raise GraphError(f"{len(self.scale)} scales for {shapes[0][-1]} channels", field="scale")
        return shapes[0]


@dataclass(eq=False, repr=False)
class Normalization(Operation):
    """(x - mean) / sqrt(variance) a channel: (h, w, c) -> (h, w, c).

    Without given values they are variables, 0 and 1 at first, that a weight file or `adapt` sets.
    """

    mean: Annotated[list[float] | None, Field(description="one a channel")] = None
    variance: Annotated[list[float] | None, Field(description="one a channel")] = None
    diagram_word = "normalize"
    placement = "above"
    end = "affine"

    def __post_init__(self) -> None:
        if (self.mean is None) != (self.variance is None):
            raise GraphError("normalization needs mean and variance, or neither", field="mean")

    def output_shape(self, *shapes: Shape) -> Shape:
        """The same. Raises `GraphError` for values that are not one a channel, or no variances."""
        for name, values in (("mean", self.mean), ("variance", self.variance)):
            if values is not None and len(values) != shapes[0][-1]:
                raise GraphError(f"{len(values)} values of {name} for {shapes[0][-1]} channels", field=name)
        if negative := [value for value in self.variance or () if value < 0]:
            raise GraphError(f"a variance is at least 0, not {negative[0]:g}", field="variance")
        return shapes[0]

    def weights(self, *shapes: Shape) -> tuple[Weight, ...]:
        """mean, variance and the number of batches seen, unless the values are given."""
        if self.mean is not None:
            return ()
        size = (last_axis(shapes[0], self),)
        return (Weight("mean", size, False), Weight("variance", size, False), Weight("count", (), False))

    def arithmetic(self, weights: Sequence[Weight], *shapes: Shape) -> str:
        """`2*3 + 1`."""
        return f"2*{shapes[0][-1]} + 1" if self.mean is None else ""

    def arguments(self) -> dict[str, object]:
        """The axis is the channels; the values as given."""
        return {"axis": -1, "mean": self.mean, "variance": self.variance}
