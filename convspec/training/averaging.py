"""The state in which a model in training is evaluated: averaged weights, and statistics that belong to its weights."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import keras

from ..data.pipeline import Pipeline
from ..language.recipe import Recipe
from ..private_names import averages_of
from .batch_norm import PreciseStatistics, Statistics, assign_statistics, images_of, is_due, read_statistics
from .compiling import optimizer_of, value_of


class Evaluated:
    """Puts a model in training into the state in which it is evaluated, and back.

    With `ema` these are the averaged weights, with batch normalisation's statistics computed for them: statistics that
    followed the weights in training belong to others. Without it, the statistics alone may be computed anew.

    `refresh` after an epoch; `applied` as often as is wanted, until the next update.
    """

    def __init__(
        self, model: keras.Model, recipe: Recipe, pipeline: Pipeline, statistics: PreciseStatistics | None = None
    ) -> None:
        self.model, self.recipe, self.pipeline = model, recipe, pipeline
        self.precise = statistics or PreciseStatistics(model)
        self._averaged: Statistics = []

    def refresh(self, updates: int) -> None:
        """Compute the statistics that belong to the weights after so many updates, if they are needed."""
        if self.recipe.ema is not None:
            kept = read_statistics(self.model)
            with averaged(self.model):
                self._compute()
                self._averaged = read_statistics(self.model)
            assign_statistics(self.model, kept)
        elif is_due(self.recipe, self.model, updates):
            self._compute()

    def finish(self) -> None:
        """Compute the statistics of a model that `fit` left with the averaged weights."""
        if self.recipe.ema is not None:
            self._compute()

    @contextmanager
    def applied(self) -> Iterator[None]:
        """Inside, the model has the weights and statistics that it is evaluated with."""
        if self.recipe.ema is None:
            yield
            return
        kept = read_statistics(self.model)
        with averaged(self.model):
            assign_statistics(self.model, self._averaged)
            try:
                yield
            finally:
                assign_statistics(self.model, kept)

    def _compute(self) -> None:
        self.precise.compute(self.pipeline, images_of(self.recipe))


@contextmanager
def averaged(model: keras.Model) -> Iterator[None]:
    """Inside, the model has the running mean of its weights, where the optimizer keeps one."""
    averages = averages_of(optimizer_of(model))
    pairs = [(v, a) for v, a in zip(model.trainable_variables, averages, strict=False) if a is not None]
    kept = [value_of(variable) for variable, _ in pairs]
    for variable, average in pairs:
        variable.assign(value_of(average))  # a copy: JAX gives the buffers of a model away while it evaluates
    try:
        yield
    finally:
        for (variable, _), value in zip(pairs, kept, strict=True):
            variable.assign(value)
