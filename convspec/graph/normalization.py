"""Normalisation of activations, and of input pixels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import KW_ONLY, dataclass
from typing import Any

from .convolution import Initializer
from .graph import Shape
from .operation import Operation, Weight, last_axis


@dataclass(eq=False, repr=False)
class BatchNormalization(Operation):
    """Normalises each channel over the batch (Ioffe & Szegedy 2015, arXiv:1502.03167)."""

    momentum: float = 0.99
    epsilon: float = 1e-3
    _: KW_ONLY
    center: bool = True
    scale: bool = True
    gamma_initializer: Initializer = "ones"
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
    """Normalises the channels of each position (Ba et al. 2016, arXiv:1607.06450)."""

    epsilon: float = 1e-3
    _: KW_ONLY
    center: bool = True
    scale: bool = True
    pattern_word = "LN"
    diagram_word = "LN"
    placement = "below"
    end = "affine"

    def weights(self, *shapes: Shape) -> tuple[Weight, ...]:
        """gamma and beta where used."""
        size = (last_axis(shapes[0], self),)
        return tuple(Weight(name, size) for name, used in (("gamma", self.scale), ("beta", self.center)) if used)

    def arithmetic(self, weights: Sequence[Weight], *shapes: Shape) -> str:
        """`2*64`."""
        return f"{len(weights)}*{shapes[0][-1]}"


@dataclass(eq=False, repr=False)
class LocalResponseNormalization(Operation):
    """Divides by the activity of neighbouring channels (Krizhevsky et al. 2012, section 3.3).

    x / (bias + alpha * sum of squares over 2 * depth_radius + 1 channels) ** beta; the paper's values are the
    defaults. Caffe divides alpha by the number of channels in the sum; this does not.
    """

    depth_radius: int = 2
    bias: float = 2.0
    alpha: float = 1e-4
    beta: float = 0.75
    from_package = True
    pattern_word = "NORM"
    diagram_word = "LRN"
    placement = "below"


@dataclass(eq=False, repr=False)
class Rescaling(Operation):
    """x * scale + offset; a list holds a scale for each channel."""

    scale: float | list[float]
    offset: float = 0.0
    diagram_word = "rescale"
    placement = "above"
    end = "affine"


@dataclass(eq=False, repr=False)
class Normalization(Operation):
    """(x - mean) / sqrt(variance) per channel.

    Without given values they are stored in three non-trainable variables, as EfficientNet's stem does.
    """

    mean: list[float] | None = None
    variance: list[float] | None = None
    diagram_word = "normalize"
    placement = "above"
    end = "affine"

    def weights(self, *shapes: Shape) -> tuple[Weight, ...]:
        """mean, variance and the number of batches seen, unless the values are given."""
        if self.mean is not None:
            return ()
        size = (last_axis(shapes[0], self),)
        return (Weight("mean", size, False), Weight("variance", size, False), Weight("count", (), False))

    def arithmetic(self, weights: Sequence[Weight], *shapes: Shape) -> str:
        """`2*3 + 1`."""
        return f"2*{shapes[0][-1]} + 1" if self.mean is None else ""

    def arguments(self) -> dict[str, Any]:
        """The axis is the channels; the values as given."""
        return {"axis": -1, "mean": self.mean, "variance": self.variance}
