"""How long a network takes."""

from __future__ import annotations

import keras
import pytest

from convspec import InputError
from convspec.training.timing import time_inference


def test_an_open_input_is_not_timed():
    inputs = keras.Input((None, 32, 3))
    model = keras.Model(inputs, keras.layers.GlobalAveragePooling2D()(inputs), name="open")
    with pytest.raises(
        InputError, match=r"^open leaves the size of its input open: \?x32x3\n  input_shape=\(224, 224, 3\) names one$"
    ):
        time_inference(model, 1, 1)
