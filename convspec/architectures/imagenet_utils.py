"""What keras.applications has for all its networks: preprocessing by its mode, and the names of ImageNet's classes."""

from __future__ import annotations

from typing import Any

from .imagenet import Mode, decode_predictions, keras_utils

__all__ = ["decode_predictions", "preprocess_input"]


def preprocess_input(x: Any, data_format: str | None = None, mode: Mode = "caffe") -> Any:
    """A batch of RGB images of 0..255 as networks of this mode expect them. An array may be changed in place.

    "caffe": BGR, minus ImageNet's mean; "tf": -1..1; "torch": 0..1, then ImageNet's mean and standard deviation.
    Raises ValueError for another mode or data format.
    """
    return keras_utils().preprocess_input(x, data_format=data_format, mode=mode)
