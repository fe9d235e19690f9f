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
if keras.backend.backend() == "tensorflow":
    processor = tf.config.list_physical_devices("CPU")[0]
    tf.config.set_logical_device_configuration(processor, [tf.config.LogicalDeviceConfiguration()] * 2)
from convspec.data import load_data
from convspec.language.recipe import Recipe
from convspec.training.compiling import reproducible
from convspec.training.devices import data_parallel
from convspec.training.train import train

recipe = Recipe.model_validate({"epochs": 2, "ema": 0.9, "batch_size": 32, "schedule": {"name": "cosine", "warmup": 1}})
digits = load_data("digits")
for run in sys.argv[1:]:
    devices, count = map(int, run.split(","))
    held = 41 if count % 2 else 40
    data = replace(digits, x_train=digits.x_train[:count], y_train=digits.y_train[:count], x_val=digits.x_val[:held],
                   y_val=digits.y_val[:held])
    with data_parallel(devices), reproducible(recipe):
        inputs = keras.Input((8, 8, 1))
        x = keras.layers.Conv2D(4, 3, activation="relu")(inputs)
        if keras.backend.backend() == "jax":  # TensorFlow's devices normalise their own parts of a batch
            x = keras.layers.BatchNormalization()(x)
        x = keras.layers.Flatten()(x)
        model = keras.Model(inputs, keras.layers.Dense(10, activation="softmax")(x))
        result = train(model, recipe, data)
    print(run, *(value for row in result.history for value in (row["loss"], row["val_loss"])))
"""
RUNS = {"tensorflow": ["2,121", "1,121", "2,96", "1,96"], "jax": ["2,121", "2,96", "1,96"]}
"""Devices and training images. With 121, there are three batches of 32 and one of 25, and 41 validation images in one
of 32 and one of 9; JAX then leaves images out with two devices, so that its losses are not those of one."""


def losses(backend):
    """The losses of each run, and what was printed before those; in one process, whose start takes as long as a run."""
    flags = f"{os.environ.get('XLA_FLAGS', '')} --xla_force_host_platform_device_count=2"
    environment = {**os.environ, "KERAS_BACKEND": backend, "XLA_FLAGS": flags}
    command = [sys.executable, "-c", SCRIPT, *RUNS[backend]]
    done = subprocess.run(command, capture_output=True, text=True, env=environment)
    assert done.returncode == 0, done.stderr
    found, said = {}, []
    for line in done.stdout.splitlines():
        run, *values = line.split()
        if run in RUNS[backend]:
            found[run] = [float(value) for value in values], said
            said = []
        elif line.startswith("devices="):
            said.append(line)
    assert list(found) == RUNS[backend]
    return found


@pytest.mark.parametrize("backend", RUNS)
def test_two_devices_give_the_losses_of_one(backend):
    found = losses(backend)
    left_out = (
        "devices=2: JAX divides each batch evenly; left out of each epoch: 1 of 121 training images, "
        "1 of 41 validation images"
    )
    for run, (two, said) in found.items():
        assert said == ([left_out] if (backend, run) == ("jax", "2,121") else []), run
        assert all(np.isfinite(two)), run
        if (alone := run.replace("2,", "1,", 1)) in found:
            assert two == pytest.approx(found[alone][0], rel=1e-4), run


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
