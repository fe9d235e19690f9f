"""What goes into and comes out of networks trained on ImageNet, by keras.applications' own functions."""

from __future__ import annotations

import sys
from types import ModuleType
from typing import TYPE_CHECKING, Literal, Protocol, TypeVar

from ..keras_import import import_silently

if TYPE_CHECKING:
    import numpy.typing as npt

Images = TypeVar("Images")
"""An array or a tensor of the backend; what comes back is of the same type."""

Mode = Literal["caffe", "tf", "torch", "none"]

MEANING = {
    "caffe": "RGB to BGR, minus ImageNet's mean of each channel, not scaled",
    "tf": "to -1..1",
    "torch": "to 0..1, then minus ImageNet's mean and divided by its standard deviation, channel by channel",
    "none": "left as they are: the model holds its own preprocessing",
}


class Preprocessing(Protocol):
    """A family's `preprocess_input`."""

    def __call__(self, x: Images, data_format: str | None = None) -> Images:
        """A batch as the networks of the family expect it."""


def preprocessing(mode: Mode) -> Preprocessing:
    """What brings images to networks that were trained in this mode."""

    def preprocess_input(x: Images, data_format: str | None = None) -> Images:
        return x if mode == "none" else preprocessed(x, data_format, mode)

    preprocess_input.__doc__ = f"A batch of RGB images of 0..255, {MEANING[mode]}. An array may be changed in place."
    preprocess_input.__qualname__ = "preprocess_input"
    preprocess_input.__module__ = sys._getframe(1).f_globals["__name__"]
    return preprocess_input


def preprocessed(x: Images, data_format: str | None, mode: Mode) -> Images:
    """A batch by keras.applications' own function."""
    found: Images = keras_utils().preprocess_input(x, data_format=data_format, mode=mode)
    return found


def decode_predictions(preds: npt.ArrayLike, top: int = 5) -> list[list[tuple[str, str, float]]]:
    """The `top` classes of each row of a (batch, 1000) array: (WordNet id, name, score), the best first.

    The names are downloaded once. Raises ValueError for another shape.
    """
    found: list[list[tuple[str, str, float]]] = keras_utils().decode_predictions(preds, top=top)
    return found


def keras_utils() -> ModuleType:
    """`keras.applications.imagenet_utils`. Raises `MissingPackageError` without Keras."""
    import_silently()
    from keras.applications import imagenet_utils

    found: ModuleType = imagenet_utils
    return found
