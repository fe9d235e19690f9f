"""Memory that a large data set takes on its way into training: ours, and the usual way with NumPy and Keras.

Both read the same `.npz` of random bytes, split off a tenth, measure mean and deviation, and train a small network for
an epoch of 50 updates; a search of two trials trains on all images. Peaks are of memory that is the process's own;
pages of a file, which the kernel may drop at any time, are given apart.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np

SIDE, COUNTS = 96, (20_000, 90_000)  # 0.55 and 2.5 GB of pixels; above 2 GiB ours stay on the disk
CLASSES = 10

WATCH = """
import json, sys, threading, time
from pathlib import Path

def memory():
    lines = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines())
    return {key: int(lines[key].split()[0]) * 1024 / 1e6 for key in ("RssAnon", "RssFile", "RssShmem")}

import tensorflow as tf
import keras
import numpy as np

start, peak, done = memory(), {}, threading.Event()

def watch():
    while not done.is_set():
        for key, value in memory().items():
            peak[key] = max(peak.get(key, 0), value)
        time.sleep(0.01)

thread = threading.Thread(target=watch)
thread.start()
began = time.perf_counter()

def network():
    return keras.Sequential([keras.Input((SIDE, SIDE, 3)), keras.layers.Conv2D(4, 3, strides=4, activation="relu"),
                             keras.layers.GlobalAveragePooling2D(), keras.layers.Dense(10, activation="softmax")])
"""
OURS = """
from convspec.data import load_data
from convspec.language.recipe import Recipe
from convspec.training.pretrained import normalizer_for
from convspec.training.train import pipelines
from convspec.training.compiling import compile_model

data = load_data(sys.argv[1], validation_split=0.1)
recipe, model = Recipe.model_validate({"batch_size": 32}), network()
compile_model(model, recipe)
parts = pipelines(model, recipe, data, normalizer_for(model, recipe, data))
model.fit(parts["training"].batches(), steps_per_epoch=50, verbose=0)
"""
SEARCH = """
from convspec.language import load
from convspec.data import load_data
from convspec.tuning import search

spec = load({
    "name": "net", "input": [SIDE, SIDE, 3], "classes": 10,
    "body": [{"block": "conv", "filters": 4, "kernel_size": 3, "strides": 4}], "head": {"pooling": "avg"},
    "train": {"batch_size": 256},
    "tune": {"space": {"train.optimizer.learning_rate": {"log_uniform": [1e-4, 1e-2]}},
             "stages": [{"trials": 1, "epochs": 1}]},
})
search(spec, lambda spec: load_data(sys.argv[1]), sys.argv[1] + "-search", show=False, save_model=False)
"""
PEER = """
from sklearn.model_selection import train_test_split

with np.load(sys.argv[1]) as archive:
    x, y = archive["x"], archive["y"]
x_train, x_val, y_train, y_val = train_test_split(x, y, test_size=0.1, stratify=y, random_state=1)
del x
total = squares = 0.0
for begin in range(0, len(x_train), 1024):
    part = x_train[begin : begin + 1024].astype("float64") / 255
    total, squares = total + part.sum(axis=(0, 1, 2)), squares + np.square(part).sum(axis=(0, 1, 2))
mean = total / (x_train.size / 3)
deviation = np.sqrt(squares / (x_train.size / 3) - mean**2)
inputs = keras.Input((SIDE, SIDE, 3))
scaled = keras.layers.Normalization(mean=mean, variance=deviation**2)(keras.layers.Rescaling(1 / 255)(inputs))
model = keras.Model(inputs, network()(scaled))
model.compile("sgd", "sparse_categorical_crossentropy")

def batches():
    order = np.random.default_rng(1).permutation(len(x_train))
    for begin in range(0, len(order), 32):
        part = order[begin : begin + 32]
        yield x_train[part], y_train[part]

signature = (tf.TensorSpec((None, SIDE, SIDE, 3), tf.uint8), tf.TensorSpec((None,), tf.int64))
pipeline = tf.data.Dataset.from_generator(batches, output_signature=signature).prefetch(4)
model.fit(pipeline, steps_per_epoch=50, verbose=0)
"""
END = """
done.set()
thread.join()
print(json.dumps({"seconds": time.perf_counter() - began, **{key: peak[key] - start[key] for key in peak}}))
"""


def run() -> Iterator[str]:
    """Rows: the pixels, and of each way its own memory, mapped pages and seconds."""
    yield "| pixels | way | memory at the peak | pages of files at the peak | time |"
    yield "|---:|---|---:|---:|---:|"
    with tempfile.TemporaryDirectory() as folder:
        for count in COUNTS:
            path = Path(folder) / "pixels.npz"
            shape = (count, SIDE, SIDE, 3)
            x = np.frombuffer(np.random.default_rng(0).bytes(int(np.prod(shape))), np.uint8).reshape(shape)
            np.savez(path, x=x, y=np.arange(count) % CLASSES)
            size = x.nbytes
            del x
            for way, code in (("convspec", OURS), ("convspec, search", SEARCH), ("NumPy, Keras", PEER)):
                found = _measured(code, path)
                shutil.rmtree(f"{path}-search", ignore_errors=True)
                files = found["RssFile"] + found["RssShmem"]
                yield (
                    f"| {size / 1e6:,.0f} MB | {way} | {found['RssAnon']:,.0f} MB | {files:,.0f} MB | "
                    f"{found['seconds']:.0f} s |"
                )


def _measured(code: str, path: Path) -> dict[str, float]:
    script = WATCH.replace("SIDE", str(SIDE)) + code.replace("SIDE", str(SIDE)) + END
    done = subprocess.run([sys.executable, "-c", script, str(path)], capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(done.stderr[-2000:])
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return found
