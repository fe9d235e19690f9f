"""The comparison must catch every slip that makes a network load official weights wrongly, or compute garbage."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import pytest
from keras import layers

from .reference import assert_same_outputs, assert_twin, calibrated, fresh, graph_table, weight_table

SLIPS = {
    "add reversed": {"add": lambda x, shortcut: layers.Add(name="sum")([x, shortcut])},
    "identity on the shortcut": {"shortcut": lambda x: layers.Identity(name="identity")(x)},
    "concat reversed": {"concat": lambda x, new: layers.Concatenate(name="joined")([new, x])},
    "same for counted zeros": {
        "down": lambda x: layers.Conv2D(8, 3, 2, "same", name="down")(layers.Identity(name="pad")(x))
    },
    "epsilon 1e-5": {"norm": lambda x: layers.BatchNormalization(epsilon=1e-5, name="norm")(x)},
    "epsilon 1e-3": {"norm": lambda x: layers.BatchNormalization(epsilon=1e-3, name="norm")(x)},
    "no rescaling": {"rescale": lambda x: layers.Identity(name="rescale")(x)},
    "momentum": {"norm": lambda x: layers.BatchNormalization(momentum=0.9, epsilon=1.001e-5, name="norm")(x)},
    "bare function reversed": {"gate": lambda x: x * (x + 3.0)},
    "another constant": {"gate": lambda x: (x + 2.0) * x},
    "another activation": {"activation": lambda x: layers.Activation("relu6", name="activation")(x)},
    "another initializer": {
        "new": lambda x: layers.Conv2D(4, 1, use_bias=False, kernel_initializer="he_normal", name="new")(x)
    },
    "bias": {"new": lambda x: layers.Conv2D(4, 1, name="new")(x)},
    "another name": {"activation": lambda x: layers.Activation("relu", name="relu")(x)},
}
RIGHT: dict[str, Callable[..., Any]] = {
    "rescale": lambda x: layers.Rescaling(1 / 255, name="rescale")(x),
    "down": lambda x: layers.Conv2D(8, 3, 2, name="down")(layers.ZeroPadding2D(1, name="pad")(x)),
    "norm": lambda x: layers.BatchNormalization(epsilon=1.001e-5, name="norm")(x),
    "activation": lambda x: layers.Activation("relu", name="activation")(x),
    "shortcut": lambda x: x,
    "add": lambda x, shortcut: layers.Add(name="sum")([shortcut, x]),
    "new": lambda x: layers.Conv2D(4, 1, use_bias=False, name="new")(x),
    "concat": lambda x, new: layers.Concatenate(name="joined")([x, new]),
    "gate": lambda x: (x + 3.0) * x,
}


def network(**slip: Callable[..., Any]) -> keras.Model:
    """A little of everything that can go wrong."""
    part = {**RIGHT, **slip}
    inputs = keras.Input((16, 16, 3))
    x = part["norm"](part["down"](part["rescale"](inputs)))
    shortcut = part["shortcut"](x)
    x = layers.Conv2D(8, 3, padding="same", name="branch")(part["activation"](x))
    x = part["add"](x, shortcut)
    x = part["concat"](x, part["new"](x))
    return keras.Model(inputs, part["gate"](x))


@pytest.mark.parametrize("slip", SLIPS.values(), ids=SLIPS.keys())
def test_a_slip_is_caught(slip):
    right, wrong = fresh(network), fresh(lambda: network(**slip))
    with pytest.raises(AssertionError):
        assert_twin(wrong, right)


def test_equal_networks_are_twins():
    assert_twin(fresh(network), fresh(network))


def test_the_message_shows_the_first_difference():
    with pytest.raises(AssertionError) as caught:
        assert_twin(fresh(lambda: network(**SLIPS["epsilon 1e-3"])), fresh(network))
    message = str(caught.value)
    assert message.startswith("operation 4 of ")
    assert "  epsilon: ours 0.001, Keras 1.001e-05\n" in message
    assert message.endswith("  after ('down', 'keras.src.layers.convolutional.conv2d.Conv2D')")


@pytest.mark.parametrize("name", ["add reversed", "epsilon 1e-5", "same for counted zeros", "no rescaling"])
def test_outputs_differ_where_the_weights_still_fit(name):
    right, wrong = fresh(network, allocate=True), fresh(lambda: network(**SLIPS[name]), allocate=True)
    if name == "add reversed":  # the sum is the same; only the order of loading could differ
        assert_same_outputs(wrong, right)
        return
    with pytest.raises(AssertionError, match="outputs differ by"):
        assert_same_outputs(wrong, right)


def test_calibration_gives_statistics_of_the_data():
    model = calibrated(fresh(network, allocate=True))
    norm = model.get_layer("norm")
    down = keras.Model(model.input, norm.input)(np.random.default_rng(1).uniform(0, 255, (2, 16, 16, 3)))
    np.testing.assert_allclose(norm.moving_mean, np.mean(down, axis=(0, 1, 2)), rtol=1e-3, atol=1e-5)
    assert norm.momentum == 0.99


def test_nested_layers_have_rows():
    def nested() -> keras.Model:
        inputs = keras.Input((8, 8, 3))
        stem = keras.Sequential([layers.Conv2D(4, 2, name="conv"), layers.LayerNormalization(name="norm")], name="stem")
        return keras.Model(inputs, stem(inputs))

    model = fresh(nested)
    assert [(row[0], row[1].rpartition(".")[2]) for row in graph_table(model)][1:] == [
        ("stem", "Sequential"),
        ("stem/conv", "Conv2D"),
        ("stem/norm", "LayerNormalization"),
    ]
    assert [row[0] for row in weight_table(model)] == [
        "stem/conv/kernel",
        "stem/conv/bias",
        "stem/norm/gamma",
        "stem/norm/beta",
    ]


def test_models_without_values_cost_no_memory():
    model = fresh(lambda: keras.applications.VGG16(weights=None))
    assert model.count_params() == 138_357_544
    assert all(weight._value is None for weight in model.weights)
