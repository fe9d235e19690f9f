"""The search runs on another backend than TensorFlow, by Keras's own `fit`, also where TensorFlow cannot be imported."""

import json
import os
import subprocess
import sys

import numpy as np
import pytest
import yaml

from .specs import document
from .test_search import table

NARROW = {
    "space": {"train.optimizer.learning_rate": {"log_uniform": [1.0e-3, 0.2]}},
    "stages": [{"trials": 1, "epochs": 1}],
}


AVERAGED = {
    "optimizer": {"name": "sgd", "learning_rate": 0.05, "momentum": 0.9},
    "ema": 0.9,
    "augmentation": {"flip": "horizontal", "brightness": 0.1},  # the others are trained with in training/test_backends
}


ENVIRONMENT = {
    **os.environ,
    "KERAS_BACKEND": "jax",
    "XLA_FLAGS": "--xla_backend_optimization_level=0",  # compiling is most of the work here
}


MISSING = """
import sys

class Missing:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in ("tensorflow", "tensorboard"):
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)

sys.meta_path.insert(0, Missing())
from convspec.cli import main

assert main(["train", "tiny.yaml", "--data", "some.npz", "--out", "run", "--epochs", "1"]) == 0
assert main(["tune", "tiny.yaml", "--data", "some.npz", "--out", "first"]) == 0
import keras

assert keras.backend.backend() == "jax"
assert "tensorflow" not in sys.modules
"""


def python(folder, *arguments):
    """What a Python from nothing prints in a folder; JAX is its backend."""
    command = [sys.executable, *arguments]
    done = subprocess.run(command, cwd=folder, env=ENVIRONMENT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def searched(tmp_path_factory, digits):
    """A folder with a run and the search `first`, of a process that cannot import TensorFlow.

    With averaged weights, which have statistics of their own, and with changed images.
    """
    folder = tmp_path_factory.mktemp("jax")
    network = document(NARROW, train={**AVERAGED, "batch_size": 128})
    (folder / "tiny.yaml").write_text(yaml.safe_dump(network, sort_keys=False))
    x, y = digits.x_train[:1408], digits.y_train[:1408]  # whole batches: JAX compiles anew for each shape
    np.savez(folder / "some.npz", x_train=x[:1280], y_train=y[:1280], x_val=x[1280:], y_val=y[1280:], highest=16)
    python(folder, "-c", MISSING)
    return folder


def test_jax_trains_and_searches_where_tensorflow_is_missing(searched):
    assert (searched / "run" / "model.keras").exists()
    assert (searched / "first" / "best.keras").exists()
    rows = table(searched / "first")
    assert [row["state"] for row in rows] == ["completed"] * 2
    assert max(float(row["score"]) for row in rows) > 0.15


def test_a_search_on_jax_repeats_where_tensorflow_is_there(searched):
    python(searched, "-m", "convspec", "tune", "tiny.yaml", "--data", "some.npz", "--out", "second")
    assert table(searched / "second") == table(searched / "first")


SCRIPT = """
import json
from convspec.keras_import import import_keras
import_keras()
from convspec import load
from convspec.data import load_data
from convspec.tuning.planning import Planner
from convspec.tuning.trial import Trainer
spec = load("tiny.yaml")
check, digits = Planner(spec, spec.tune).constraint_check, load_data("digits", validation_split=0.2)
own, slower, other = ({}, {"train.optimizer.learning_rate": 0.01}, {"head.dropout": 0.6})
def loss(trainer, values):
    return trainer.run(check.spec(values)).history[-1]["val_crossentropy"]
kept, new = (Trainer(spec.tune, lambda asked: digits) for _ in range(2))
print(json.dumps([[loss(kept, values) for values in (own, slower, other)], loss(new, slower), len(kept.networks)]))
"""


def test_networks_on_jax_are_kept_for_other_learning_rates_and_nothing_else(tmp_path):
    train = {"optimizer": {"name": "sgd", "learning_rate": 0.05}, "batch_size": 719, "epochs": 1}
    text = yaml.safe_dump(document(train=train, body=["conv3-4"]), sort_keys=False)
    (tmp_path / "tiny.yaml").write_text(text)
    kept, new, networks = json.loads(python(tmp_path, "-c", SCRIPT))
    assert len(set(kept)) == 3
    assert kept[1] == new
    assert networks == 2
