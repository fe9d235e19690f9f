"""The search runs on another backend than TensorFlow, by Keras's own `fit`."""

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


def test_a_search_runs_on_jax_and_repeats(tmp_path):
    (tmp_path / "tiny.yaml").write_text(yaml.safe_dump(document(NARROW), sort_keys=False))
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
