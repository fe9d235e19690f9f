"""What goes into and comes out of networks trained on ImageNet, by keras.applications' own functions."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any, Literal

from ..keras_import import import_silently

Mode = Literal["caffe", "tf", "torch", "none"]

MEANING = {
    "caffe": "RGB to BGR, minus ImageNet's mean of each channel, not scaled",
    "tf": "to -1..1",
    "torch": "to 0..1, then minus ImageNet's mean and divided by its standard deviation, channel by channel",
    "none": "left as they are: the model holds its own preprocessing",
}


def preprocessing(mode: Mode) -> Callable[..., Any]:
    """A family's `preprocess_input`."""

    def preprocess_input(x: Any, data_format: str | None = None) -> Any:
        if mode == "none":
            return x
        return keras_utils().preprocess_input(x, data_format=data_format, mode=mode)

    preprocess_input.__doc__ = f"A batch of RGB images of 0..255, {MEANING[mode]}. An array may be changed in place."
    preprocess_input.__qualname__ = "preprocess_input"
    preprocess_input.__module__ = sys._getframe(1).f_globals["__name__"]
    return preprocess_input


def decode_predictions(preds: Any, top: int = 5) -> list[list[tuple[str, str, float]]]:
    """The `top` classes of each row of a (batch, 1000) array: (WordNet id, name, score), the best first.

    The names are downloaded once. Raises ValueError for another shape.
    """
    return keras_utils().decode_predictions(preds, top=top)  # type: ignore[no-any-return]


def keras_utils() -> Any:
    """`keras.applications.imagenet_utils`. Raises `MissingPackageError` without Keras."""
    import_silently()
    from keras.applications import imagenet_utils

    return imagenet_utils
