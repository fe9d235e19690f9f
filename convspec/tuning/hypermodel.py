"""A spec's search space as KerasTuner knows it: any of its tuners takes `HyperSpec(spec)`."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import ExitStack
from typing import Any

import keras
import keras_tuner

from ..builder import build
from ..spec import Fault, FaultError, Spec
from ..spec.tune import Tune
from ..training.compiling import compile_model
from ..training.finetuning import freeze, slowed, transfer
from .judging import Judge
from .latency import Latencies
from .space import Dimension, Values, dimensions
from .trial import precision

STAGE, EPOCHS = "convspec/stage", "convspec/epochs"
"""Beside the fields, the values of a trial hold its stage and its epochs. Stage 0 is the spec as it is written."""


class HyperSpec(keras_tuner.HyperModel):  # type: ignore[misc]
    """A spec with a `tune:` section as a `keras_tuner.HyperModel`: `RandomSearch(HyperSpec(spec), ...)`.

    `build(hp)` gives the compiled model; labels are one-hot. A choice is an index in `hp`, since KerasTuner's own
    takes neither null nor lists. `tune` takes the place of the spec's own section. Raises `FaultError` where there is
    neither, or where the recipe thaws layers on the way.
    """

    def __init__(self, spec: Spec, tune: Tune | None = None) -> None:
        tune = tune or spec.tune
        if tune is None:
            remedy = "a `tune:` section with a `space:` says what is searched; see docs/tuning.md"
            raise FaultError(
                Fault("has no `tune:` section, so there is nothing to search", file=spec.name, remedy=remedy)
            )
        if spec.train.finetune is not None and spec.train.finetune.unfreeze:
            message = "a trial keeps frozen what it begins with, so this would be left out"
            remedy = "search without it, then train best.yaml with it"
            raise FaultError(Fault(message, file=spec.name, path="train.finetune.unfreeze", remedy=remedy))
        super().__init__(name=spec.name, tunable=True)
        self.spec, self.tune = spec, tune
        self.judge = Judge(spec, self.tune)
        self.judge.latency = Latencies(self.judge)
        self.space = dimensions(self.tune)

    def declare_hyperparameters(self, hp: keras_tuner.HyperParameters) -> None:
        """Register every field, without a model being built."""
        declare(hp, self.space)

    def build(self, hp: keras_tuner.HyperParameters) -> keras.Model:
        """The compiled model of these values. Raises `FailedTrialError` where a constraint or a shape forbids it."""
        declare(hp, self.space)
        values = values_of(hp.values, self.space)
        if reason := self.judge.verdict(values):
            raise keras_tuner.errors.FailedTrialError(reason)
        return self.compiled(self.judge.spec(values))

    def compiled(self, spec: Spec) -> keras.Model:
        """A model of a spec, compiled by its recipe."""
        recipe = slowed(spec.train)
        regularizer = keras.regularizers.L2(recipe.l2) if recipe.l2 else None
        with precision(recipe):
            model = build(spec, kernel_regularizer=regularizer)
            if recipe.finetune is not None:
                transfer(model, recipe.finetune.weights)
                freeze(model, recipe.finetune.freeze)
            compile_model(model, recipe, spec.loss_weights)
        return model


def declare(hp: keras_tuner.HyperParameters, space: tuple[Dimension, ...]) -> None:
    """Register fields with KerasTuner under their paths, each within the conditions that it depends on."""
    by_path = {dimension.path: dimension for dimension in space}
    for dimension in space:
        with ExitStack() as conditions:
            for other, allowed in _conditions(dimension, by_path).items():
                parent = by_path[other]
                indices = [parent.values.index(value) for value in allowed]
                wanted = [bool(index) for index in indices] if parent.kind == "boolean" else indices
                conditions.enter_context(hp.conditional_scope(other, wanted))
            _register(hp, dimension)


def _conditions(dimension: Dimension, by_path: Mapping[str, Dimension]) -> dict[str, tuple[Any, ...]]:
    """The conditions of a dimension, those of its parents first."""
    found: dict[str, tuple[Any, ...]] = {}
    for other, allowed in dimension.when.items():
        found |= _conditions(by_path[other], by_path)
        found[other] = allowed
    return found


def _register(hp: keras_tuner.HyperParameters, dimension: Dimension) -> None:
    name, sampling = dimension.path, "log" if dimension.logarithmic else "linear"
    if dimension.kind == "boolean":
        hp.Boolean(name)
    elif not dimension.numeric:
        hp.Choice(name, list(range(len(dimension.values))), ordered=False)
    elif dimension.whole:
        hp.Int(name, int(dimension.low), int(dimension.high), sampling=sampling)
    else:
        hp.Float(name, dimension.low, dimension.high, sampling=sampling)


def values_of(values: Mapping[str, Any], space: tuple[Dimension, ...]) -> Values:
    """Fields with their values, from what KerasTuner holds; a field whose condition does not hold is left out."""
    if values.get(STAGE) == 0:
        return {}
    chosen: Values = {}
    for dimension in space:
        if dimension.path in values and dimension.active(chosen):
            held = values[dimension.path]
            chosen[dimension.path] = dimension.values[int(held)] if not dimension.numeric else held
    return chosen


def held_values(values: Values, space: tuple[Dimension, ...]) -> dict[str, Any]:
    """The inverse of `values_of`: booleans as they are, members of a choice by their index."""
    held: dict[str, Any] = {}
    for dimension in space:
        if dimension.path in values:
            value = values[dimension.path]
            if dimension.kind != "choice":
                held[dimension.path] = value
            elif value in dimension.values:  # the spec as it is written may have another
                held[dimension.path] = dimension.values.index(value)
    return held
