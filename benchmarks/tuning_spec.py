"""The networks and the space that the tuning benchmarks search, the same for every tuner."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

NETWORK: dict[str, Any] = {
    "name": "six_convolutions",
    "input": [8, 8, 1],
    "classes": 10,
    "body": [
        {"block": "conv_norm_act", "filters": filters, "kernel_size": 3, "strides": strides}
        for filters, strides in ((8, 1), (8, 1), (16, 2), (16, 1), (32, 2), (32, 1))
    ],
    "train": {
        "optimizer": {"name": "sgd", "learning_rate": 0.001, "momentum": 0.9},
        "l2": 1.0e-4,
        "batch_size": 64,
    },
}

SPACE = {
    "train.optimizer.learning_rate": {"log_uniform": [1.0e-6, 1.0]},
    "train.l2": {"log_uniform": [1.0e-6, 1.0e1]},
}


def document(shape: tuple[int, int, int], stages: list[dict[str, int]], seed: int = 1, **tune: Any) -> dict[str, Any]:
    """A spec of the network for images of this shape, searched in these stages.

    The first convolution halves images larger than 8x8, so that 60 trials of each tuner stay a matter of minutes.
    """
    first, *others = NETWORK["body"]
    body = [{**first, "strides": 2 if shape[0] > 8 else 1}, *others]
    return searched({**NETWORK, "body": body}, shape, SPACE, stages, seed=seed, **tune)


def searched(
    network: dict[str, Any],
    shape: tuple[int, int, int],
    space: dict[str, Any],
    stages: list[dict[str, int]],
    **tune: Any,
) -> dict[str, Any]:
    """A spec of any network for images of this shape, with a space that is searched in these stages."""
    return {**network, "input": list(shape), "tune": {"space": space, "stages": stages, "seed": 1, **tune}}


def images(name: str, count: int | None = None) -> Any:
    """A data set with three tenths for validation, cut to so many training images."""
    from convspec.data import load_data

    found = load_data(name, validation_split=0.3, data_dir="/usr/share/datasets" if name != "digits" else None)
    return found if count is None else cut(found, count)


def cut(dataset: Any, count: int) -> Any:
    """A data set with so many training images, and at most half as many for validation."""
    held = min(len(dataset.y_val), count // 2)
    return replace(
        dataset,
        x_train=dataset.x_train[:count], y_train=dataset.y_train[:count],
        x_val=dataset.x_val[:held], y_val=dataset.y_val[:held],
    )  # fmt: skip


def arrays(dataset: Any) -> tuple[Any, Any]:
    """What stock tuners read: standardised images and one-hot labels, for training and for validation."""
    from convspec.data.preprocessing import Normalizer
    from convspec.language.recipe import Preprocessing

    normalizer = Normalizer.measure(dataset.x_train, dataset.pixel_range, Preprocessing())

    def part(x: Any, y: Any) -> tuple[Any, Any]:
        return normalizer(x.astype(np.float32)).astype(np.float32), np.eye(dataset.classes, dtype=np.float32)[y]

    return part(dataset.x_train, dataset.y_train), part(dataset.x_val, dataset.y_val)
