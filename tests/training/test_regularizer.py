"""Penalties and decays that can change between runs."""

from __future__ import annotations

import keras

from convspec.training.regularizer import plain_for_saving


def test_a_decay_that_is_a_variable_is_saved_as_a_number_and_comes_back(network) -> None:
    model = network()
    model.compile(keras.optimizers.AdamW(weight_decay=0.25), "mse")
    decay = keras.Variable(0.5, trainable=False)
    object.__setattr__(model.optimizer, "weight_decay", decay)
    with plain_for_saving(model):
        assert (type(model.optimizer.weight_decay), model.optimizer.weight_decay) == (float, 0.5)
    assert model.optimizer.weight_decay is decay
