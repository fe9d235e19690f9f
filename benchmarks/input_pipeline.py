"""Training steps that read the input pipeline against the same steps on a batch that lies in memory already.

The pipeline is no bottleneck where both take the same time. On a processor it shares the cores with the network; the
column `pipeline alone` is how many batches it makes when nothing else runs.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

AUGMENTED = {
    "batch_size": 128,
    "augmentation": {"flip": "horizontal", "crop": 4, "rotation": 10, "brightness": 0.1, "contrast": 0.1, "cutout": 8},
    "deterministic": False,
}
CASES = {  # network, input, recipe, updates
    "lenet5, 28x28x1, as the catalogue has it": ("lenet5", (28, 28, 1), {"batch_size": 128}, 60),
    "lenet5, 28x28x1, augmented": ("lenet5", (28, 28, 1), AUGMENTED, 60),
    "resnet20, 32x32x3, shift and flip": (
        "resnet20", (32, 32, 3), {**AUGMENTED, "augmentation": {"flip": "horizontal", "crop": 4}}, 6,
    ),
    "resnet20, 32x32x3, RandAugment and mixup": (
        "resnet20", (32, 32, 3),
        {**AUGMENTED, "mixup": 0.2, "augmentation": {"flip": "horizontal", "crop": 4, "rand_augment": {}}}, 6,
    ),
}  # fmt: skip
ROUNDS = 3


def run() -> Iterator[str]:
    """Rows: milliseconds of an update with a batch in memory, with the pipeline, and of the pipeline alone."""
    from convspec.keras_import import import_keras

    import_keras()
    yield "| network, batches of 128 | step on a batch in memory | step with the pipeline | ratio | pipeline alone |"
    yield "|---|---|---|---|---|"
    for name, (network, shape, recipe, updates) in CASES.items():
        alone, together, pipeline = _case(network, shape, recipe, updates)
        yield (
            f"| {name} | {1000 * alone:.1f} ms | {1000 * together:.1f} ms | {together / alone:.2f} | "
            f"{1000 * pipeline:.1f} ms |"
        )


def _case(network: str, shape: tuple[int, int, int], document: dict[str, Any], updates: int) -> list[float]:
    import keras

    from convspec import build, load
    from convspec.data.dataset import Dataset
    from convspec.data.pipeline import Pipeline
    from convspec.data.preprocessing import Normalizer
    from convspec.language.recipe import Recipe
    from convspec.training.compiling import compile_model

    recipe, random = Recipe.model_validate(document), np.random.default_rng(0)
    count = recipe.batch_size * updates
    x, y = random.integers(0, 256, (count, *shape)).astype(np.uint8), random.integers(0, 10, count)
    data = Dataset("random", x, y, x[:10], y[:10], class_names=tuple("0123456789"))
    normalizer = Normalizer.measure(x, 255.0, recipe.preprocessing)
    pipeline = Pipeline(data, "training", recipe, normalizer)
    model = build(load(network, input_shape=shape, overrides={"classes": 10}))
    compile_model(model, recipe)
    batches = pipeline.batches()
    kept = next(iter(batches))
    ways: list[Callable[[], Any]] = [
        lambda: model.fit(_repeated(kept, updates), verbose=0, shuffle=False),
        lambda: model.fit(batches, verbose=0, shuffle=False),
        lambda: [None for _ in batches],
    ]
    for way in ways:  # traces and compiles
        way()
    seconds = [min(_timed(way) for _ in range(ROUNDS)) / updates for way in ways]
    keras.backend.clear_session()
    return seconds


def _repeated(batch: Any, times: int) -> Any:
    import tensorflow as tf

    return tf.data.Dataset.from_tensors(batch).cache().repeat(times).prefetch(2)


def _timed(way: Callable[[], Any]) -> float:
    start = time.perf_counter()
    way()
    return time.perf_counter() - start
