"""A search over the width and the learning rate."""

from pathlib import Path

import convspec
from convspec.data import Dataset
from convspec.tuning import SearchResult

SPEC = {
    "name": "searched",
    "input": [8, 8, 1],
    "classes": 2,
    "parameters": {"filters": 4},
    "body": [{"block": "conv", "filters": "${filters}", "kernel_size": 3}],
    "train": {"batch_size": 10},
    "tune": {
        "space": {
            "parameters.filters": {"choice": [2, 4]},
            "train.optimizer.learning_rate": {"log_uniform": [1e-3, 0.1]},
        },
        "stages": [{"trials": 2, "epochs": 1}],
    },
}


def search(data: Dataset, folder: Path) -> dict[str, object]:
    """The values of the best trial."""
    found: SearchResult | None = convspec.tune(SPEC, data, out=folder)
    assert found is not None
    scores = [record.score for record in found.records]
    assert found.best.score in scores
    return dict(found.best.values)
