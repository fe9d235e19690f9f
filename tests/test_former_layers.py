"""A model that was saved with layers that are no longer built still loads, predicts the same and can be saved again."""

from __future__ import annotations

from pathlib import Path

import keras
import numpy as np
import pytest

import convspec
from convspec import former_layers

FILE = Path(__file__).parent / "files" / "former_layers.keras"
"""Written by convspec before Keras's own layers took the places of its own; seed 0."""

PROBABILITIES = [[0.34746844, 0.33269688, 0.31983474], [0.38077694, 0.32824475, 0.29097834]]
"""What that version printed for the images below."""


def images() -> np.ndarray:
    return np.linspace(0, 1, 2 * 8 * 8 * 3, dtype="float32").reshape(2, 8, 8, 3)


def test_the_file_has_every_former_layer() -> None:
    names = {type(layer).__name__ for layer in keras.models.load_model(FILE).layers}
    kept = {
        name
        for name, value in vars(former_layers).items()
        if getattr(value, "__module__", "") == former_layers.__name__
    }
    assert kept <= names


@pytest.mark.parametrize("again", [False, True], ids=["loaded", "saved again"])
def test_it_predicts_what_it_did(again: bool, tmp_path: Path) -> None:
    model = keras.models.load_model(FILE)
    if again:
        model.save(tmp_path / "again.keras")
        model = keras.models.load_model(tmp_path / "again.keras")
    np.testing.assert_allclose(model.predict(images(), verbose=0), PROBABILITIES, rtol=1e-5)


def test_its_spec_builds_a_network_that_takes_its_weights() -> None:
    old, new = keras.models.load_model(FILE), convspec.build(convspec.load(str(FILE)))
    new.set_weights(old.get_weights())
    np.testing.assert_allclose(new.predict(images(), verbose=0), PROBABILITIES, rtol=1e-5)


def test_a_step_of_training_drops_whole_examples() -> None:
    model = keras.models.load_model(FILE)
    model.compile("sgd", "sparse_categorical_crossentropy")
    before = model.get_weights()
    assert np.isfinite(model.train_on_batch(images(), np.array([0, 1])))
    assert any((old != new).any() for old, new in zip(before, model.get_weights(), strict=True))
