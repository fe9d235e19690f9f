"""The search runs on another backend than TensorFlow, by Keras's own `fit`."""

import json
import os
import subprocess
import sys

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


def test_a_search_runs_on_jax_and_repeats(tmp_path):
    """With averaged weights, which have statistics of their own, and with changed images."""
    network = document(NARROW, train={**AVERAGED, "batch_size": 128})
    (tmp_path / "tiny.yaml").write_text(yaml.safe_dump(network, sort_keys=False))
    environment = {**os.environ, "KERAS_BACKEND": "jax"}
    for name in ("first", "second"):
        command = [sys.executable, "-m", "convspec", "tune", str(tmp_path / "tiny.yaml"), "--data", "digits"]
        done = subprocess.run(
            [*command, "--out", str(tmp_path / name)], env=environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
    rows = table(tmp_path / "first")
    assert [row["state"] for row in rows] == ["completed"] * 2
    assert max(float(row["score"]) for row in rows) > 0.15
    assert table(tmp_path / "second") == rows


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
    environment = {**os.environ, "KERAS_BACKEND": "jax"}
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT], cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    kept, new, networks = json.loads(done.stdout)
    assert len(set(kept)) == 3
    assert kept[1] == new
    assert networks == 2
