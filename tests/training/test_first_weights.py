"""First weights from a seed."""

from __future__ import annotations

import keras
import numpy as np

from convspec.training.first_weights import first_values


def test_a_layer_that_draws_begins_as_kerass_with_that_seed(network) -> None:
    model = network()
    first, second = (first_values(model, seed) for seed in (1, 2))
    (path,) = [path for path in first if "seed" in path]
    assert np.array_equal(first[path], keras.random.SeedGenerator(int(first[path][0])).state)
    assert first[path][0] != second[path][0]


def test_first_weights_are_the_same_in_whatever_numbers_keras_computes(network) -> None:
    model = network()
    expected, before = first_values(model, 1), keras.config.floatx()
    keras.config.set_floatx("float64")
    try:
        found = first_values(model, 1)
    finally:
        keras.config.set_floatx(before)
    assert expected.keys() == found.keys()
    for path, values in found.items():
        assert (values.dtype, values.tolist()) == (expected[path].dtype, expected[path].tolist()), path
