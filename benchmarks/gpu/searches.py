"""Trials of the staged search and of stock KerasTuner's RandomSearch: a message at the end of each."""

from __future__ import annotations

from typing import Any

from convspec.data import load_data

from ..trials import random_search, staged
from ..tuning_spec import searched
from .processes import Send


def convspec(send: Send, network: dict[str, Any], space: dict[str, Any], data: str, trials: int) -> None:
    """The staged search with one stage of one epoch."""
    dataset = load_data(data)
    stages = [{"trials": trials - 1, "epochs": 1}]
    document = searched(network, dataset.input_shape, space, stages, strategy="staged")
    staged(document, dataset, lambda: send({"trial": True}))


def keras_tuner(send: Send, network: dict[str, Any], space: dict[str, Any], data: str, trials: int) -> None:
    """RandomSearch over the same space, an epoch each."""
    dataset = load_data(data)
    document = searched(network, dataset.input_shape, space, [{"trials": trials, "epochs": 1}])
    random_search(document, dataset, lambda: send({"trial": True}), trials=trials, epochs=1)
