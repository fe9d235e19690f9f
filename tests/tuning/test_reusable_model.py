"""What a compiled model is given anew for each trial."""

import keras
import numpy as np
import pytest

from convspec import load
from convspec.tuning.planning import structure
from convspec.tuning.reusable_model import AdjustableNumber, DropRate, ReusableModel, _dropout

from .specs import document

FIELDS = {
    "sgd": {"learning_rate": True, "weight_decay": True, "momentum": True},
    "adam": {"learning_rate": True, "weight_decay": True, "beta_1": True, "beta_2": True, "epsilon": False},
    "adamw": {"learning_rate": True, "weight_decay": True, "beta_1": True, "beta_2": True, "epsilon": False},
    "rmsprop": {"learning_rate": True, "weight_decay": True, "momentum": False, "rho": False},
}


@pytest.mark.parametrize("name", FIELDS)
@pytest.mark.parametrize("adjusts", [True, False])
def test_fields_of_an_optimizer_that_a_compiled_network_is_given_anew(name, adjusts):
    start = {"name": name} | dict.fromkeys(FIELDS[name], 0.5)
    spec = load(document(train={"optimizer": start}))
    for field, adjustable in FIELDS[name].items():
        other = spec.with_overrides({f"train.optimizer.{field}": 0.25})
        same = structure(spec, adjusts=adjusts) == structure(other, adjusts=adjusts)
        assert same == (adjustable and (adjusts or field == "learning_rate")), field


def test_an_adjustable_number_and_what_is_left_of_1():
    number, rate = AdjustableNumber(0.9), DropRate(0.2)
    for value in (0.9, 0.75, 0.0):
        number.set(value)
        rate.set(value)
        assert float(number) == pytest.approx(value)
        assert float(1 - number) == pytest.approx(1 - value)
        assert (float(rate.rate), float(rate.scale)) == (pytest.approx(value), pytest.approx(1 / (1 - value)))


def test_the_first_weights_of_the_sixteen_last_seeds_are_kept():
    network = ReusableModel.__new__(ReusableModel)
    inputs = keras.Input((2,))
    network.model, network.fresh = keras.Model(inputs, keras.layers.Dense(1)(inputs)), None
    network._built_with = {variable.path: variable.numpy() for variable in network.model.variables}
    network._starts = {}
    for seed in range(17):
        first = network._start(seed)
        assert network._start(seed) is first
    assert list(network._starts) == list(range(1, 17))


def test_spatial_dropout_drops_whole_maps_and_a_noise_shape_is_obeyed():
    x = np.ones((5, 3, 4, 6), np.float32)
    whole = keras.layers.SpatialDropout2D(0.5, seed=1)
    shaped = keras.layers.Dropout(0.5, noise_shape=(None, 1, 4, 1), seed=1)
    for layer, shape in ((whole, (5, 1, 1, 6)), (shaped, (5, 1, 4, 1))):
        changed = keras.ops.convert_to_numpy(_dropout(layer, DropRate(0.5))(x, training=True))
        assert set(np.unique(changed)) == {0.0, 2.0}
        part = changed[tuple(slice(size) for size in shape)]
        assert np.array_equal(changed, np.broadcast_to(part, x.shape))
