"""The digits that come with scikit-learn."""

from __future__ import annotations

import numpy as np

from ..labelled_images import Images, Source
from ..pixels import PixelRange
from . import Kind, Request


def read_digits(request: Request) -> Source:
    """The 1,797 digits of 8x8 pixels of 0..16."""
    from sklearn.datasets import load_digits

    digits = load_digits()
    train = Images(digits.images.astype(np.uint8)[..., None], digits.target.astype(np.int64))
    return Source("digits", "digits", tuple("0123456789"), PixelRange(0, 16), train)


KIND = Kind("digits", read_digits, names=("digits",), origin="come with scikit-learn", rank=0)
