"""JAX is enough: training and searching where TensorFlow cannot be imported."""

import os
import subprocess
import sys

import yaml

from .specs import document

CODE = """
import sys

class Missing:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in ("tensorflow", "tensorboard"):
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)

sys.meta_path.insert(0, Missing())
from convspec.cli import main

assert main(["train", "tiny.yaml", "--data", "digits", "--out", "run", "--epochs", "1"]) == 0
assert main(["tune", "tiny.yaml", "--data", "digits", "--out", "search"]) == 0
import keras

assert keras.backend.backend() == "jax"
assert "tensorflow" not in sys.modules
"""


def test_jax_trains_and_searches_where_tensorflow_is_missing(tmp_path):
    spec = document({"stages": [{"trials": 1, "epochs": 1}]})
    (tmp_path / "tiny.yaml").write_text(yaml.safe_dump(spec, sort_keys=False))
    done = subprocess.run(
        [sys.executable, "-c", CODE],
        cwd=tmp_path, env={**os.environ, "KERAS_BACKEND": "jax"}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    assert (tmp_path / "run" / "model.keras").exists()
    assert (tmp_path / "search" / "best.keras").exists()
