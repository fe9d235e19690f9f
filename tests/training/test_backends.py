"""The code of blocks, augmentation, training and layers runs on another backend of Keras than TensorFlow."""

import json
import os
import subprocess
import sys

import numpy as np
import pytest

from convspec.data import load_data
from convspec.reports.saliency import grad_cam
from convspec.training.predictor import load_predictor

SPEC = """
name: tiny
input: [8, 8, 1]
classes: 10
body:
  - {block: conv_norm_act, filters: 8}
  - {block: bottleneck, filters: 4, strides: 2, squeeze_excite: {ratio: 4}, drop_path_rate: 0.1}
head: {pooling: avg, dropout: 0.1}
train:
  epochs: 2
  l2: 1.0e-4
  ema: 0.9
  mixup: 0.2
  optimizer: {name: adamw, learning_rate: 0.01}
  schedule: {name: cosine, warmup: 1}
  augmentation: {flip: horizontal, rotation: 10, contrast: 0.1, pca: 0.1, cutout: 2, rand_augment: {magnitude: 5}}
"""

SCRIPT = """
import sys
from pathlib import Path
import numpy as np
from convspec.cli import main
assert main(["train", "tiny.yaml", "--data", "some.npz", "--out", "run"]) == 0
from convspec.data import load_data
from convspec.reports.saliency import grad_cam
from convspec.training.predictor import load_predictor
np.save("map.npy", grad_cam(load_predictor(Path("run")), load_data("some.npz").x_val[0], 1).map)
"""


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """A run with JAX, in a process of its own, on 384 of the digits."""
    folder = tmp_path_factory.mktemp("jax")
    data = load_data("digits")
    (folder / "tiny.yaml").write_text(SPEC)
    x, y = data.x_train[:512], data.y_train[:512]  # whole batches: JAX compiles anew for each shape
    np.savez(folder / "some.npz", x_train=x[:384], y_train=y[:384], x_val=x[384:], y_val=y[384:], highest=16)
    environment = {**os.environ, "KERAS_BACKEND": "jax"}
    command = [sys.executable, "-c", SCRIPT]
    done = subprocess.run(command, env=environment, cwd=folder, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
    return folder


def test_a_network_trains_with_jax(run):
    history = json.loads((run / "run" / "history.json").read_text())
    losses = [row["loss"] for row in history]
    assert losses[1] < losses[0] < 3.5


def test_what_was_trained_with_jax_predicts_the_same_with_tensorflow(run):
    result = json.loads((run / "run" / "result.json").read_text())
    data = load_data(run / "some.npz")
    predicted = load_predictor(run / "run").probabilities(data.x_val).argmax(axis=1)
    assert np.mean(predicted == data.y_val) == pytest.approx(result["val_accuracy"], abs=1e-6)


def test_grad_cam_is_the_same_with_jax(run):
    found = grad_cam(load_predictor(run / "run"), load_data(run / "some.npz").x_val[0], 1)
    assert np.load(run / "map.npy") == pytest.approx(found.map, abs=1e-4)
