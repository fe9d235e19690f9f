"""Few images of new classes: fine-tuning a network of other classes against training from scratch.

Fashion-MNIST (Debian's dataset-fashion-mnist, or its files in CONVSPEC_DATA) is cut in two: five classes to pretrain
on, and a few images of each of the other five to learn from. Results lie in runs/transfer/.
"""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path

import numpy as np

from convspec.cli import main
from convspec.data import load_data

OUT = Path("runs/transfer")
OLD, NEW = (0, 1, 2, 5, 8), (3, 4, 6, 7, 9)  # classes of Fashion-MNIST: shirts and sandals, then coats and sneakers
FEW = {5: 200, 20: 80, 100: 30}  # images of each new class, and epochs: some hundred updates each
NETWORK = ["lenet5", "--input", "28x28x1", "--set", "classes=5"]


def write_part(name: str, classes: tuple[int, ...], each: int | None) -> str:
    """An .npz of some classes, `each` training images of each; validation and test images are those of the data set."""
    data = load_data("fashion_mnist", validation_split=0.1)
    arrays = {}
    for part, x, y in (("train", data.x_train, data.y_train), ("test", data.x_test, data.y_test)):
        limit = each if part == "train" else None
        chosen = np.concatenate([np.flatnonzero(y == label)[:limit] for label in classes])
        arrays |= {f"x_{part}": x[chosen], f"y_{part}": np.searchsorted(classes, y[chosen])}
    names = [data.class_names[label] for label in classes]
    np.savez(OUT / f"{name}.npz", **arrays, class_names=names)
    return str(OUT / f"{name}.npz")


def run(name: str, data: str, *options: str) -> float:
    """Train, and give the accuracy on the test images."""
    if main(["train", *NETWORK, "--data", data, "--out", str(OUT / name), *options]):
        sys.exit(1)
    return float(json.loads((OUT / name / "result.json").read_text())["test_accuracy"])


def transfer() -> None:
    """Pretrain once, then compare for each number of images."""
    shutil.rmtree(OUT, ignore_errors=True)
    OUT.mkdir(parents=True)
    run("pretrained", write_part("old", OLD, None), "--epochs", "2")
    rows = []
    for each, epochs in FEW.items():
        data = write_part(f"new_{each}", NEW, each)
        common = ("--epochs", str(epochs), "--batch-size", "16", "--set", "train.validation_split=0.2")
        scratch = run(f"scratch_{each}", data, *common)
        start = (*common, "--finetune", str(OUT / "pretrained"), "--set", "train.finetune.learning_rate_factor=1.0")
        head = run(f"head_{each}", data, *start, "--freeze", "all")
        whole = run(f"whole_{each}", data, *start, "--freeze", "none")
        rows.append((each, scratch, head, whole))
    print("\nimages a class   from scratch   classifier only   all layers")
    for each, scratch, head, whole in rows:
        print(f"{each:14}   {100 * scratch:10.1f} %   {100 * head:13.1f} %   {100 * whole:8.1f} %")


if __name__ == "__main__":
    transfer()
