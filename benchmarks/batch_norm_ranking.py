"""Do trials of one epoch rank configurations as long training does? Batch normalisation's statistics decide it.

The same configurations are trained for one epoch with moving averages, for one epoch with precise statistics, and long;
the rank correlation (Spearman) is between the validation accuracies.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np

from .tuning_spec import images

CONFIGURATIONS, LONG = 20, 10
DATA = {"digits": None, "fashion_mnist": 2000}
"""How many training images of each; None for all that there are."""

MOMENTUM = 0.99
"""Of the moving averages: Keras's default, and that of the networks of keras.applications."""


def run() -> Iterator[str]:
    """Rows: data, updates an epoch, statistics, rank correlation with long training, median and best accuracy."""
    from convspec.keras_import import import_keras

    import_keras()
    yield "| data | updates an epoch | statistics | rank correlation | median accuracy | best accuracy |"
    yield "|---|---|---|---|---|---|"
    for name, training in DATA.items():
        dataset = _halved(images(name, training))
        drawn = _configurations(np.random.default_rng(1))
        long = _scores(dataset, drawn, LONG, "auto")
        updates = -(-len(dataset.y_train) // 64)
        for label, precise in (("moving averages", None), ("precise", "auto")):
            short = _scores(dataset, drawn, 1, precise)
            figures = f"{_spearman(short, long):.2f} | {np.median(short):.3f} | {max(short):.3f}"
            yield f"| {name} | {updates} | {label} | {figures} |"
        yield f"| {name} | {updates} | after {LONG} epochs | | {np.median(long):.3f} | {max(long):.3f} |"


def _halved(dataset: Any) -> Any:
    """Every second pixel of images larger than 16x16, so that 20 long runs stay a matter of minutes."""
    if dataset.input_shape[0] <= 16:
        return dataset
    x_train, x_val = (np.ascontiguousarray(x[:, ::2, ::2]) for x in (dataset.x_train, dataset.x_val))
    return replace(dataset, x_train=x_train, x_val=x_val, x_test=None, y_test=None)


def _configurations(random: np.random.Generator) -> list[dict[str, Any]]:
    """Learning rates, penalties and dropout rates, drawn as a coarse stage draws them."""
    return [
        {
            "train.optimizer.learning_rate": float(10 ** random.uniform(-5, -1)),
            "train.l2": float(10 ** random.uniform(-6, -2)),
            "head.dropout": float(random.uniform(0.05, 0.6)),
        }
        for _ in range(CONFIGURATIONS)
    ]


def _scores(dataset: Any, drawn: list[dict[str, Any]], epochs: int, precise: str | None) -> list[float]:
    """The validation accuracy of each configuration, by the trials of a search; 0 for one whose loss breaks out."""
    from convspec import load
    from convspec.language.tune import Tune
    from convspec.tuning.trial import Trainer

    document = {
        "name": "ranking",
        "input": list(dataset.input_shape),
        "classes": dataset.classes,
        "body": [
            {"block": "conv_relu_pool", "repeat": 2, "convs": 2, "filters": "${16 * 2 ** i}", "use_bias": False,
             "norm": {"momentum": MOMENTUM}},
        ],
        "head": {"pooling": "avg", "dropout": 0.25},
        "train": {"batch_size": 64, "epochs": epochs, "precise_batch_norm": precise},
    }  # fmt: skip
    tune = {"space": {"train.l2": {"log_uniform": [1e-6, 1e-2]}}, "stages": [{"trials": 1, "epochs": epochs}]}
    trainer = Trainer(Tune.model_validate(tune), lambda spec: dataset)
    return [trainer.run(load(document, overrides=values)).score or 0.0 for values in drawn]


def _spearman(a: list[float], b: list[float]) -> float:
    from scipy.stats import spearmanr

    return float(spearmanr(a, b).statistic)
