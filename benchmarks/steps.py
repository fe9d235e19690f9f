"""Inference and training step of five twins against keras.applications' own, compiled alike, in one process.

The two take turns, so that what else the machine does falls on both; times are the median of the rounds.
"""

from __future__ import annotations

import gc
import time
from collections.abc import Callable, Iterator
from statistics import median
from typing import Any

import numpy as np

TWINS = {"MobileNetV2": 16, "ResNet50": 8, "DenseNet121": 8, "EfficientNetB0": 8, "VGG16": 4}
"""Each with its batch."""

WARM, ROUNDS = 2, 9


def run() -> Iterator[str]:
    """Rows: network, batch, ours, Keras's, ratio of inference; the same of a training step."""
    from convspec.keras_import import import_keras

    import_keras()
    yield "| network | batch | inference: ours | Keras's | ratio | training step: ours | Keras's | ratio |"
    yield "|---|---|---|---|---|---|---|---|"
    for name, batch in TWINS.items():
        yield _row(name, batch)


def _row(name: str, batch: int) -> str:
    import keras

    import convspec.architectures as ours

    keras.backend.clear_session()
    gc.collect()
    models = [getattr(applications, name)(weights=None) for applications in (ours, keras.applications)]
    random = np.random.default_rng(0)
    x = random.standard_normal((batch, *models[0].input_shape[1:])).astype(np.float32)
    y = np.eye(1000, dtype=np.float32)[random.integers(0, 1000, batch)]
    for model in models:
        model.compile(optimizer=keras.optimizers.SGD(0.01, momentum=0.9), loss="categorical_crossentropy")
    cells = [name, str(batch)]
    for work in ("predict_on_batch", "train_on_batch"):
        given = (x,) if work == "predict_on_batch" else (x, y)
        our, their = map(median, in_turn([_call(getattr(model, work), given) for model in models]))
        cells += [f"{our * 1000:.0f} ms", f"{their * 1000:.0f} ms", f"{our / their:.2f}"]
    return f"| {' | '.join(cells)} |"


def _call(work: Callable[..., Any], given: tuple[Any, ...]) -> Callable[[], Any]:
    return lambda: work(*given)


def in_turn(calls: list[Callable[[], Any]], warm: int = WARM, rounds: int = ROUNDS) -> list[list[float]]:
    """The seconds of each in every round but the first few; whoever goes first changes from round to round."""
    times: list[list[float]] = [[] for _ in calls]
    for number in range(warm + rounds):
        order = range(len(calls)) if number % 2 == 0 else reversed(range(len(calls)))
        for index in order:
            start = time.perf_counter()
            calls[index]()
            if number >= warm:
                times[index].append(time.perf_counter() - start)
    return times
