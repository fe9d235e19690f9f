"""How long an inference and a training step take on this machine."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import keras
import numpy as np
from numpy.typing import NDArray

from ..language.arguments import checked
from ..language.diagnostics import InputError
from ..language.recipe import Recipe
from .compiling import compile_model, create_state, structure_of

WARM = 2  # calls before the clock starts: the first traces and compiles, the second fills caches


@dataclass(frozen=True)
class Timing:
    """Seconds of each repeat, for a batch of so many images."""

    batch: int
    seconds: tuple[float, ...]

    @property
    def milliseconds(self) -> float:
        """The median of a batch."""
        return 1000 * statistics.median(self.seconds)

    @property
    def spread(self) -> float:
        """Half of the range of the middle half of the repeats, in milliseconds; 0 for one repeat."""
        if len(self.seconds) < 2:
            return 0.0
        low, _, high = statistics.quantiles(self.seconds, n=4, method="inclusive")
        return 500 * (high - low)

    @property
    def images_per_second(self) -> float:
        """At the median."""
        return self.batch / statistics.median(self.seconds)


@checked
def time_inference(model: keras.Model, batch: int, repeats: int) -> Timing:
    """Batches of random images through `predict_on_batch`, from the computer's memory and back to it."""
    x = _images(model, batch)
    return _timed(lambda: model.predict_on_batch(x), batch, repeats)


@checked
def time_training(
    model: keras.Model, recipe: Recipe, batch: int, repeats: int, loss_weights: Mapping[str, float] | None = None
) -> Timing:
    """Updates by the recipe's optimizer with random images and labels; the weights are spoilt."""
    compile_model(model, recipe, loss_weights)
    create_state(model)
    x, form, random = _images(model, batch), structure_of(model), np.random.default_rng(1)
    classes = model.outputs[0].shape[-1]
    y = form(np.eye(classes, dtype=np.float32)[random.integers(0, classes, batch)])
    return _timed(lambda: model.train_on_batch(x, y), batch, repeats)


def _timed(call: Callable[[], object], batch: int, repeats: int) -> Timing:
    for _ in range(WARM):
        call()
    seconds = []
    for _ in range(repeats):
        start = time.perf_counter()
        call()
        seconds.append(time.perf_counter() - start)
    return Timing(batch, tuple(seconds))


def _images(model: keras.Model, batch: int) -> NDArray[np.float32]:
    shape = tuple(model.inputs[0].shape[1:])
    if None in shape:
        message = f"{model.name} leaves the size of its input open: {'x'.join(map(str, shape)).replace('None', '?')}"
        raise InputError(message, remedy="--input 224x224x3 names one")
    return np.random.default_rng(0).standard_normal((batch, *shape)).astype(np.float32)
