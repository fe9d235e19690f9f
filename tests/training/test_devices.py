"""Two devices give the losses of one."""

import subprocess
import sys

import pytest

from convspec.spec.faults import FaultError
from convspec.training.devices import several_devices

SCRIPT = """
import sys
import tensorflow as tf
import keras
if sys.argv[1] == "2":
    processor = tf.config.list_physical_devices("CPU")[0]
    tf.config.set_logical_device_configuration(processor, [tf.config.LogicalDeviceConfiguration()] * 2)
from convspec.data import load_data
from convspec.spec.recipe import Recipe
from convspec.training.compiling import setting
from convspec.training.devices import several_devices
from convspec.training.train import train

recipe = Recipe.model_validate({"epochs": 2, "ema": 0.9, "schedule": {"name": "cosine", "warmup": 1}})
with several_devices(int(sys.argv[1])), setting(recipe):
    inputs = keras.Input((8, 8, 1))
    x = keras.layers.Flatten()(keras.layers.Conv2D(4, 3, activation="relu")(inputs))
    model = keras.Model(inputs, keras.layers.Dense(10, activation="softmax")(x))
    result = train(model, recipe, load_data("digits"), show=False)
print(*(value for row in result.history for value in (row["loss"], row["val_loss"])))
"""


def losses(devices):
    done = subprocess.run([sys.executable, "-c", SCRIPT, devices], capture_output=True, text=True, check=True)
    return [float(value) for value in done.stdout.split()]


def test_two_devices_give_the_losses_of_one():
    assert losses("2") == pytest.approx(losses("1"), rel=1e-4)


def test_more_devices_than_there_are_is_a_fault():
    with pytest.raises(FaultError, match=r"--devices 99: this machine has \d+ \("), several_devices(99):
        pass
