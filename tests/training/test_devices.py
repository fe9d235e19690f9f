"""Two devices give the losses of one."""

import os
import subprocess
import sys

import keras
import numpy as np
import pytest

from convspec.language.diagnostics import InputError
from convspec.training.devices import check_divides, data_parallel

SCRIPT = """
import sys
from dataclasses import replace
import keras
import tensorflow as tf
devices, count = int(sys.argv[1]), int(sys.argv[2])
if devices == 2 and keras.backend.backend() == "tensorflow":
    processor = tf.config.list_physical_devices("CPU")[0]
    tf.config.set_logical_device_configuration(processor, [tf.config.LogicalDeviceConfiguration()] * 2)
from convspec.data import load_data
from convspec.language.recipe import Recipe
from convspec.training.compiling import reproducible
from convspec.training.devices import data_parallel
from convspec.training.train import train

recipe = Recipe.model_validate({"epochs": 2, "ema": 0.9, "batch_size": 32, "schedule": {"name": "cosine", "warmup": 1}})
data = load_data("digits")
held = 41 if count % 2 else 40
data = replace(data, x_train=data.x_train[:count], y_train=data.y_train[:count], x_val=data.x_val[:held],
               y_val=data.y_val[:held])
with data_parallel(devices), reproducible(recipe):
    inputs = keras.Input((8, 8, 1))
    x = keras.layers.Conv2D(4, 3, activation="relu")(inputs)
    if keras.backend.backend() == "jax":  # TensorFlow's devices normalise their own parts of a batch
        x = keras.layers.BatchNormalization()(x)
    x = keras.layers.Flatten()(x)
    model = keras.Model(inputs, keras.layers.Dense(10, activation="softmax")(x))
    result = train(model, recipe, data)
print(*(value for row in result.history for value in (row["loss"], row["val_loss"])))
"""


def losses(devices, backend, images):
    environment = {
        **os.environ, "KERAS_BACKEND": backend, "XLA_FLAGS": f"--xla_force_host_platform_device_count={devices}"
    }  # fmt: skip
    command = [sys.executable, "-c", SCRIPT, str(devices), str(images)]
    done = subprocess.run(command, capture_output=True, text=True, env=environment)
    assert done.returncode == 0, done.stderr
    *said, last = done.stdout.splitlines()
    return said, [float(value) for value in last.split()]


@pytest.mark.parametrize("images", [121, 96], ids=["rest of one", "even"])
@pytest.mark.parametrize("backend", ["tensorflow", "jax"])
def test_two_devices_give_the_losses_of_one(backend, images):
    """121 training images are three batches of 32 and one of 25; 41 validation images one of 32 and one of 9."""
    said, two = losses(2, backend, images)
    left = [line for line in said if line.startswith("devices=2: JAX")]
    if backend == "jax" and images == 121:
        assert left == [
            "devices=2: JAX divides each batch evenly; left out of each epoch: 1 of 121 training images, "
            "1 of 41 validation images"
        ]
        assert all(np.isfinite(two))
    else:
        assert left == []
        assert two == pytest.approx(losses(1, backend, images)[1], rel=1e-4)


def test_batches_that_devices_cannot_share_are_an_error():
    with pytest.raises(InputError, match=r"--devices 2: JAX divides each batch evenly, and 33 images do not divide by 2"
                       r"\n  such as --batch-size 32 or 34"):  # fmt: skip
        check_divides(33, 2)
    check_divides(32, 2)
    check_divides(33, 1)


def test_more_devices_than_there_are_is_a_diagnostic():
    with pytest.raises(InputError, match=r"--devices 99: this machine has \d+ \("), data_parallel(99):
        pass


def test_a_backend_that_keras_cannot_run_on_several_devices_is_named(monkeypatch):
    monkeypatch.setattr(keras.backend, "backend", lambda: "torch")
    with pytest.raises(InputError) as caught, data_parallel(2):
        pass
    assert str(caught.value) == "--devices: Keras has no data parallelism with the backend torch"
