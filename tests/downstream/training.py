"""A training script: what a network costs, its training, and what it does afterwards."""

from pathlib import Path

import numpy as np

import convspec
from convspec.data import Dataset


def data() -> Dataset:
    """Images of two classes, one of them brighter."""
    y = np.arange(40, dtype=np.int64) % 2
    x = np.random.default_rng(0).random((40, 8, 8, 1)) / 2 + y[:, None, None, None] / 2
    return Dataset("bright", x[:20], y[:20], x[20:], y[20:])


def main(folder: Path) -> float:
    """Train a network of a mapping, and use it."""
    network = {"name": "small", "input": [8, 8, 1], "classes": 2, "body": ["conv3-4"]}
    spec = convspec.load(network, overrides={"train.batch_size": 10})
    macs: int | None = convspec.analyze(spec).totals.macs
    assert macs is not None
    problems = convspec.check(spec)
    assert not problems
    result = convspec.train(spec, data(), out=folder / "run", epochs=1)
    members = convspec.train(spec, data(), out=folder / "members", epochs=1, ensemble=2)
    best: float = max(member.val_accuracy for member in members)
    scores = convspec.evaluate(folder / "run", data(), part="validation")
    assert scores.accuracy == result.val_accuracy
    page: Path = convspec.report(folder / "run")
    assert page.exists()
    return best


def catch(network: str) -> str:
    """Why a network cannot be loaded."""
    try:
        convspec.load(network)
    except convspec.ConvspecError as error:
        return str(error)
    return ""
