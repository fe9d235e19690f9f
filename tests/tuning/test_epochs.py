"""Learning rates and losses in Keras's `fit`."""

import keras
import numpy as np

from convspec.training.compiling import optimizer_of
from convspec.tuning.epochs import Watch, _Guard


def test_a_rate_that_changes_from_update_to_update_and_back_is_assigned():
    inputs = keras.Input((2,))
    model = keras.Model(inputs, keras.layers.Dense(1)(inputs))
    model.compile("sgd", "mse")
    rates = np.array([0.5, 0.25, 0.5, 0.5, 0.125, 0.5], np.float32)
    guard = _Guard(rates, Watch(3.0))
    guard.set_model(model)
    for batch, rate in enumerate(rates):
        guard.on_train_batch_begin(batch)
        assert float(optimizer_of(model).learning_rate) == rate
