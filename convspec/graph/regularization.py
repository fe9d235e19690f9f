"""Operations that act in training only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

from pydantic import Field

from .arguments import Rate
from .node import Shape
from .operation import Operation, feature_map

DroppedValues = Annotated[Rate, Field(description="share of values set to 0")]
DroppedChannels = Annotated[Rate, Field(description="share of channels set to 0")]


class TrainingOnly(Operation):
    """A layer that changes values in training, and passes them on afterwards."""

    placement = "below"
    training_only = True
    end = "keeps"
    is_feature = False


@dataclass(eq=False, repr=False)
class Dropout(TrainingOnly):
    """Sets a share of the values to 0 in training (Srivastava et al. 2014): the shape stays."""

    rate: DroppedValues
    per_example: Annotated[
        bool, Field(description="drop all values of an example or none, as EfficientNet's residuals do")
    ] = False
    pattern_word = "DROPOUT"
    adjustable = ("rate",)
    diagram_word = "dropout"

    @property
    def label(self) -> str:
        """`Dropout 0.5`."""
        return f"{self.keras_class} {self.rate:g}"

    def keras_arguments(self, shapes: Sequence[Shape]) -> dict[str, object]:
        """Keras's `noise_shape` for a mask over examples alone."""
        return {"rate": self.rate, "noise_shape": (None, *(1,) * len(shapes[0])) if self.per_example else None}


@dataclass(eq=False, repr=False)
class SpatialDropout2D(TrainingOnly):
    """Sets a share of the channels to 0 in training (Tompson et al. 2015, arXiv:1411.4280): (h, w, c) -> (h, w, c)."""

    rate: DroppedChannels
    pattern_word = "DROPOUT"
    adjustable = ("rate",)
    diagram_word = "spatial dropout"

    def output_shape(self, *shapes: Shape) -> Shape:
        """The same map. Raises `GraphError` for a vector, whose channels are its values."""
        return feature_map(shapes[0], self)


@dataclass(eq=False, repr=False)
class StochasticDepth(TrainingOnly):
    """Drops a whole branch for a share of the examples in training (Huang et al. 2016, arXiv:1603.09382).

    What is kept is divided by the share that is kept, so that prediction needs no scaling.
    """

    drop_path_rate: float
    layer_class = "Dropout"
    diagram_word = "stochastic depth"

    def keras_arguments(self, shapes: Sequence[Shape]) -> dict[str, object]:
        """A Dropout whose mask has one value an example."""
        return {"rate": self.drop_path_rate, "noise_shape": (None, *(1,) * len(shapes[0]))}
