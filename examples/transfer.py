"""Few images: fine-tuning a network of other classes or of another set against training from scratch.

Fashion-MNIST (Debian's dataset-fashion-mnist, or its files in CONVSPEC_DATA) is what LeNet-5 is pretrained on. Then
there are a few images to learn from: of Fashion-MNIST's other classes, or of scikit-learn's handwritten digits, scaled
up to 28x28. Results lie in runs/transfer/, with pictures; `python examples/transfer.py digits --seeds 3` runs a part.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np

from convspec.cli import main
from convspec.data import Dataset, load_data

OUT = Path("runs/transfer")
FEW = {5: 60, 20: 40, 100: 20}  # images of each new class, and epochs: some hundred updates each
WAYS = {"from scratch": None, "classifier only": "all", "all layers": "none"}  # what is frozen
FASHION = "fashion_mnist"
OLD, NEW = (0, 1, 2, 5, 8), (3, 4, 6, 7, 9)  # its classes: shirts and sandals, then coats and sneakers
NINE = tuple(range(9))  # all but the ankle boot


def write(name: str, data: Dataset, classes: tuple[int, ...], each: int | None, seed: int = 0) -> str:
    """An .npz of some classes: `each` training images of each, chosen by the seed, and all test images."""
    arrays = {}
    for part, x, y in (("train", data.x_train, data.y_train), ("test", data.x_test, data.y_test)):
        random, limit = np.random.default_rng(seed), each if part == "train" else None
        chosen = np.concatenate([random.permutation(np.flatnonzero(y == label))[:limit] for label in classes])
        arrays |= {f"x_{part}": x[chosen], f"y_{part}": np.searchsorted(classes, y[chosen])}
    names = [data.class_names[label] for label in classes]
    pixels = [data.pixel_range.low, data.pixel_range.high]
    np.savez(OUT / f"{name}.npz", **arrays, class_names=names, pixel_range=pixels)
    return str(OUT / f"{name}.npz")


def digits() -> Dataset:
    """The digits at 28x28, a third of them to test on."""
    data = load_data("digits", validation_split=1 / 3, input_shape=(28, 28, 1), resize="stretch")
    x, y = data.x_val, data.y_val
    return Dataset("digits", data.x_train, data.y_train, x, y, x, y, data.class_names, data.pixel_range)


def run(name: str, data: str, classes: int, *options: str) -> float:
    """Train, and give the accuracy on the test images."""
    network = ["lenet5", "--input", "28x28x1", "--set", f"classes={classes}"]
    if main(["train", *network, "--data", data, "--out", str(OUT / name), *options]):
        sys.exit(1)
    return float(json.loads((OUT / name / "result.json").read_text())["test_accuracy"])


def compare(part: str, old: tuple[int, ...], new: tuple[int, ...], target: Callable[[], Dataset], seeds: int) -> None:
    """Pretrain once, then compare the ways for each number of images; print a table and draw it.

    Each seed has another choice of images and other first weights.
    """
    start, data = OUT / f"{part}_pretrained", target()
    run(start.name, write(f"{part}_old", load_data(FASHION), old, None), len(old), "--epochs", "2")
    found: dict[str, list[list[float]]] = {way: [] for way in WAYS}
    for each, epochs in FEW.items():
        common = ["--epochs", str(epochs), "--batch-size", "16", "--set", "train.validation_split=0.2"]
        files = [write(f"{part}_{each}_{seed}", data, new, each, seed) for seed in range(1, seeds + 1)]
        for way, freeze in WAYS.items():
            finetune = ["--finetune", str(start), "--set", "train.finetune.learning_rate_factor=1.0"]
            options = [*common, *([*finetune, "--freeze", freeze] if freeze else [])]
            name = f"{part}_{each}_{way.replace(' ', '_')}"
            found[way].append([
                run(f"{name}_{seed}", file, len(new), *options, "--seed", str(seed))
                for seed, file in enumerate(files, start=1)
            ])  # fmt: skip
    print(f"\n| images a class | epochs | {' | '.join(WAYS)} |\n|{'---|' * (2 + len(WAYS))}")
    for number, (each, epochs) in enumerate(FEW.items()):
        cells = [f"{100 * np.mean(rows[number]):.1f} % ± {100 * np.std(rows[number]):.1f}" for rows in found.values()]
        print(f"| {each} | {epochs} | {' | '.join(cells)} |")
    draw(found, f"{len(new)} classes of {data.name}, from {len(old)} of {FASHION}", OUT / f"{part}.png")


def draw(found: dict[str, list[list[float]]], title: str, path: Path) -> None:
    """Test accuracy over the number of images, a line for each way, a dot for each seed."""
    from matplotlib.figure import Figure
    from matplotlib.ticker import FixedLocator, NullLocator, PercentFormatter

    figure = Figure(figsize=(5.6, 3.8), dpi=130, layout="constrained")
    axes = figure.subplots()
    for (way, rows), colour in zip(found.items(), ("#7f7f7f", "#1f77b4", "#d95f02"), strict=True):
        axes.plot(list(FEW), [np.mean(row) for row in rows], color=colour, label=way)
        for each, row in zip(FEW, rows, strict=True):
            axes.plot([each] * len(row), row, "o", color=colour, markersize=3.5, alpha=0.7)
    axes.set_xscale("log")
    axes.xaxis.set_major_locator(FixedLocator(list(FEW)))
    axes.xaxis.set_minor_locator(NullLocator())
    axes.set_xticklabels([str(each) for each in FEW])
    axes.yaxis.set_major_formatter(PercentFormatter(xmax=1, decimals=0))
    axes.set(xlabel="training images of each class", ylabel="test accuracy")
    axes.set_title(title, fontsize=10)
    axes.grid(alpha=0.25, linewidth=0.6)
    axes.spines[["top", "right"]].set_visible(False)
    axes.legend(frameon=False, fontsize=9)
    figure.savefig(path)


PARTS = {
    "classes": (OLD, NEW, lambda: load_data(FASHION)),
    "digits": (NINE, tuple(range(10)), digits),
}


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("parts", nargs="*", choices=[*PARTS, []], help="classes or digits; both unless given")
    parser.add_argument("--seeds", type=int, default=3, help="runs of each row and way")
    asked = parser.parse_args()
    shutil.rmtree(OUT, ignore_errors=True)
    OUT.mkdir(parents=True)
    for part in asked.parts or PARTS:
        compare(part, *PARTS[part], asked.seeds)
