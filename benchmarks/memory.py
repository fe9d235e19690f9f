"""Estimated against real peak memory of a training step, one process a network, on the CPU."""

from __future__ import annotations

import json
import subprocess
import sys

CASES = (
    ("lenet5", 16384), ("vgg11", 8), ("resnet50", 16), ("mobilenet_v2", 32), ("densenet121", 16),
    ("efficientnet_b0", 16), ("inception_v3", 8),
)  # fmt: skip
"""Networks and batches whose activations weigh more than what a process needs anyway."""

STEPS = """
import json, sys
from pathlib import Path

def status(key):
    lines = Path("/proc/self/status").read_text().split("\\n")
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith(key))

import convspec
from convspec.keras_import import import_keras
import_keras()
import numpy as np, keras
from convspec.builder import build
from convspec.training.compiling import compile_model, reproducible

name, batch = sys.argv[1], int(sys.argv[2])
spec = convspec.load(name)
small = keras.Sequential([keras.Input((8, 8, 3)), keras.layers.Conv2D(4, 3), keras.layers.BatchNormalization(),
                          keras.layers.Flatten(), keras.layers.Dense(2, activation="softmax")])
compile_model(small, spec.train)
small.train_on_batch(np.zeros((2, 8, 8, 3), "float32"), np.eye(2, dtype="float32"))  # what any first step loads
images = np.random.default_rng(0).random((batch, *spec.input), dtype="float32")
labels = np.eye(spec.classes, dtype="float32")[np.arange(batch) % spec.classes]
before = status("VmRSS")
with reproducible(spec.train):
    model = build(spec)
    compile_model(model, spec.train)
    Path("/proc/self/clear_refs").write_text("5")
    for _ in range(2):
        model.train_on_batch(images, labels)
print(json.dumps(status("VmHWM") - before))
"""


def run() -> list[str]:
    """Rows: network, batch, estimate, measured peak over the process before it, deviation."""
    from convspec import load
    from convspec.analysis.memory import training_memory

    rows = ["| network | batch | estimated | measured | deviation |", "|---|---:|---:|---:|---:|"]
    for name, batch in CASES:
        estimate = training_memory(load(name), batch=batch).total
        measured = measure(name, batch)
        rows.append(
            f"| {name} | {batch} | {estimate / 1e6:,.0f} MB | {measured / 1e6:,.0f} MB | "
            f"{100 * (estimate / measured - 1):+.0f} % |"
        )
    return rows


def measure(name: str, batch: int) -> int:
    """Bytes that two steps of training add to a process at their peak. Raises RuntimeError where it fails."""
    done = subprocess.run([sys.executable, "-c", STEPS, name, str(batch)], capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(done.stderr[-2000:])
    return int(json.loads(done.stdout.split("\n")[-2]))
