"""What keras.applications has for all its networks: preprocessing by its mode, and the names of ImageNet's classes."""

from __future__ import annotations

from .imagenet import Images, Mode, decode_predictions, preprocessed

__all__ = ["decode_predictions", "preprocess_input"]


def preprocess_input(x: Images, data_format: str | None = None, mode: Mode = "caffe") -> Images:
    """A batch of RGB images of 0..255 as networks of this mode expect them. An array may be changed in place.

    "caffe": BGR, minus ImageNet's mean; "tf": -1..1; "torch": 0..1, then ImageNet's mean and standard deviation.
    Raises ValueError for another mode or data format.
    """
    return preprocessed(x, data_format, mode)
