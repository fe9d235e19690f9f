import numpy as np
import pytest

from convspec.data.dataset import Dataset
from convspec.keras_import import import_keras

import_keras()


@pytest.fixture(scope="session")
def shapes():
    """60 images of a bright left or right half, in noise: small enough to train on in a moment."""
    random = np.random.default_rng(0)
    y = np.arange(60) % 2
    x = random.integers(0, 100, (60, 8, 8, 1))
    x[y == 0, :, :4] += 100
    x[y == 1, :, 4:] += 100
    x = x.astype(np.uint8)
    return Dataset("shapes", x[:40], y[:40], x[40:], y[40:], class_names=("left", "right"))


@pytest.fixture(scope="session")
def network():
    """A function that builds the same small network with dropout, again and again."""
    import keras

    def build(outputs=1):
        inputs = keras.Input((8, 8, 1))
        x = keras.layers.Conv2D(4, 3, activation="relu")(inputs)
        x = keras.layers.BatchNormalization()(x)
        x = keras.layers.Dropout(0.3)(keras.layers.Flatten()(x))
        heads = [keras.layers.Dense(2, activation="softmax", name=f"head_{n}")(x) for n in range(outputs)]
        return keras.Model(inputs, heads if outputs > 1 else heads[0], name="small")

    return build
