"""A spec's search space as KerasTuner knows it: any of its tuners takes `HyperSpec(spec)`."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import ExitStack
from typing import Any

import keras
import keras_tuner

from ..data.cache import data_key
from ..data.dataset import Dataset
from ..language import Diagnostic, InputError, Spec
from ..language.overlapping import overlaps
from ..language.search_space_checks import without_tune
from ..language.tune import MISSING, Tune, member
from ..private_names import set_untracked
from ..training.compiling import compile_model, computing
from ..training.finetuning import freeze, scaled_for_finetuning, transfer
from ..training.first_weights import new_model
from .constraints import ConstraintCheck, is_of_finetuning
from .fitting import check_arguments, dataset_of, fit
from .inherited_weights import Inheritance, check_finetuning
from .latency import Latencies
from .planning import Planner
from .search_files import cell_text
from .space import Dimension, Values

STAGE, EPOCHS = "convspec/stage", "convspec/epochs"
"""Beside the fields, the values of a trial hold its stage and its epochs. Stage 0 is the spec as it is written."""


Held = bool | int | float | str
"""A value as KerasTuner holds it: of a choice it is the text."""


class HyperSpec(keras_tuner.HyperModel):
    """A spec with a `tune:` section as a `keras_tuner.HyperModel`: `RandomSearch(HyperSpec(spec), ...)`.

    `tuner.search(x, y)` or `tuner.search(dataset)` trains each trial by its recipe, from batches to augmentation;
    labels are integers or one-hot. `values(hp)` and `spec_of(hp)` say what a trial is. In `hp` a choice holds texts,
    `[16, 16]`, since KerasTuner's own takes neither null nor lists. `tune` takes the place of the spec's own section.
    Raises `InputError` if there is neither, or if the recipe unfreezes layers on the way.
    """

    def __init__(self, spec: Spec, tune: Tune | None = None) -> None:
        tune = tune or spec.tune
        if tune is None:
            remedy = "a `tune:` section with a `space:` says what is searched; see docs/tuning.md"
            raise InputError("has no `tune:` section, so there is nothing to search", file=spec.name, remedy=remedy)
        if tune is not spec.tune:  # the spec's own was checked when it was read
            check_overlaps(spec, tune)
        check_finetuning(spec, tune)
        super().__init__(name=spec.name, tunable=True)
        self.spec, self.tune = spec, tune
        self.constraint_check = ConstraintCheck(spec, self.tune)
        self.constraint_check.latency = Latencies(self.constraint_check)
        self.planner = Planner(spec, tune, self.constraint_check)
        self.space = self.planner.space
        if spec.train.finetune is not None or any(is_of_finetuning(one.path) for one in self.space):
            self.constraint_check.inheritance = Inheritance()
        self._given: tuple[list[object], tuple[object, ...], Dataset] | None = None

    def declare_hyperparameters(self, hp: keras_tuner.HyperParameters) -> None:
        """Register every field, without a model being built."""
        declare(hp, self.space)

    def values(self, hp: keras_tuner.HyperParameters) -> Values:
        """The fields of a trial with their values; one whose condition does not hold is left out."""
        return values_of(hp.values, self.space)

    def spec_of(self, hp: keras_tuner.HyperParameters) -> Spec:
        """The complete spec of a trial: `spec_of(tuner.get_best_hyperparameters()[0]).to_yaml()` is a file to train."""
        epochs = hp.values.get("tuner/epochs")
        return self.constraint_check.spec(self.values(hp), **({} if epochs is None else {"epochs": int(epochs)}))

    def build(self, hp: keras_tuner.HyperParameters) -> keras.Model:
        """The compiled model of these values. Raises `FailedTrialError` where a constraint or a shape forbids it."""
        declare(hp, self.space)
        self._check_tune()
        values = values_of(hp.values, self.space)
        if reason := self.constraint_check.verdict(values):
            raise keras_tuner.errors.FailedTrialError(reason)
        return self.compiled(self.constraint_check.spec(values))

    def fit(
        self, hp: keras_tuner.HyperParameters, model: keras.Model, *args: object, **kwargs: object
    ) -> keras.callbacks.History:
        """Train a trial by its recipe; called by the tuner with what `search` was given.

        That is `x` and `y`, arrays of images and of integer or one-hot labels, or a `Dataset` alone; and
        `validation_data`, `epochs` in place of the recipe's, `verbose`, `callbacks`. Raises `InputError`, which ends
        the search, for whatever the recipe decides.
        """
        try:
            spec = self.spec_of(hp)
            given: dict[str, Any] = dict(zip(("x", "y"), args, strict=False)) | kwargs
            data = tuple(given.pop(name, None) for name in ("x", "y", "validation_data"))
            taken = {name: given.pop(name) for name in FITTING if name in given}
            check_arguments(given)
            _check_compiled(model)
            with computing(spec.train):
                return fit(model, spec, self._dataset(spec, data), **taken)
        except InputError as error:
            raise SearchError(error.diagnostics) from None

    def _dataset(self, spec: Spec, data: tuple[object, ...]) -> Dataset:
        """The images of all trials, made once: arrays are told apart by identity, all else by its value."""
        arrays = [hasattr(one, "shape") or isinstance(one, (tuple, list, Dataset)) for one in data]
        key = [data_key(spec), *(id(one) if array else one for one, array in zip(data, arrays, strict=True))]
        if self._given is None or self._given[0] != key:
            self._given = key, data, dataset_of(spec, *data)  # an array that is kept has its identity for itself
        return self._given[2]

    def _check_tune(self) -> None:
        """Refuse what only `search` and `convspec tune` do."""
        asked = [name for name in ("folds", "pruning") if getattr(self.tune, name) is not None]
        asked += ["runs"] if self.tune.runs > 1 else []
        if asked:
            remedy = "use convspec.tuning.search, whose `strategy` names KerasTuner's algorithms, or leave it out"
            message = "a tuner of KerasTuner's own trains each trial once and to its end"
            raise SearchError(Diagnostic(message, path=f"tune.{name}", remedy=remedy) for name in asked)

    def compiled(self, spec: Spec) -> keras.Model:
        """A model of a spec, compiled by its recipe, with the first weights of its seed."""
        recipe = scaled_for_finetuning(spec.train)
        with computing(recipe):
            model = new_model(spec)
            if recipe.finetune is not None:
                transfer(model, recipe.finetune.weights)
                freeze(model, recipe.finetune.freeze)
            compile_model(model, recipe, spec.loss_weights)
        set_untracked(model, COMPILED, (model.optimizer, model.loss))  # else Keras would keep copies of containers
        return model


COMPILED = "compiled_by_recipe"
"""Where a model holds the optimizer and the losses of its recipe."""

FITTING = ("callbacks", "epochs", "initial_epoch", "verbose")


def check_overlaps(spec: Spec, tune: Tune) -> None:
    """Raise `InputError` for fields of a space that overwrite each other."""
    found = overlaps(without_tune(spec.source), tune)
    if found:
        raise InputError(
            Diagnostic(one.message, file=spec.name, path=f"tune.space.{one.path}", remedy=one.remedy) for one in found
        )


class SearchError(InputError, keras_tuner.errors.FatalError):
    """An error that ends the search; KerasTuner would count any other as a failed trial and go on."""


def _check_compiled(model: keras.Model) -> None:
    """Raise if the tuner's own `optimizer`, `loss` or `metrics` took the place of the recipe's."""
    optimizer, loss = getattr(model, COMPILED, (model.optimizer, model.loss))
    changed = [
        Diagnostic(f"{name}: the recipe decides this, by {field}", path="tuner", remedy="leave it out")
        for name, field, same in (
            ("optimizer", "train.optimizer", model.optimizer is optimizer),
            ("loss", "the outputs of the spec and train.label_smoothing", model.loss is loss),
        )
        if not same
    ]
    if changed:
        raise InputError(changed)


def declare(hp: keras_tuner.HyperParameters, space: tuple[Dimension, ...]) -> None:
    """Register fields with KerasTuner under their paths, each within the conditions that it depends on."""
    by_path = {dimension.path: dimension for dimension in space}
    for dimension in space:
        with ExitStack() as conditions:
            for other, allowed in _conditions(dimension, by_path).items():
                parent = by_path[other]
                wanted = list(allowed) if parent.kind == "boolean" else [cell_text(value) for value in allowed]
                conditions.enter_context(hp.conditional_scope(other, wanted))
            _register(hp, dimension)


def _conditions(dimension: Dimension, by_path: Mapping[str, Dimension]) -> dict[str, tuple[object, ...]]:
    """The conditions of a dimension, those of its parents first."""
    found: dict[str, tuple[object, ...]] = {}
    for other, allowed in dimension.when.items():
        found |= _conditions(by_path[other], by_path)
        found[other] = allowed
    return found


def _register(hp: keras_tuner.HyperParameters, dimension: Dimension) -> None:
    name, sampling = dimension.path, "log" if dimension.logarithmic else "linear"
    if dimension.kind == "boolean":
        hp.Boolean(name)
    elif not dimension.numeric:
        hp.Choice(name, list(dimension.texts), ordered=False)
    elif dimension.whole:
        hp.Int(name, int(dimension.low), int(dimension.high), sampling=sampling)
    else:
        hp.Float(name, dimension.low, dimension.high, sampling=sampling)


def values_of(values: Mapping[str, Held], space: tuple[Dimension, ...]) -> Values:
    """Fields with their values, from what KerasTuner holds; a field whose condition does not hold is left out."""
    if values.get(STAGE) == 0:
        return {}
    chosen: Values = {}
    for dimension in space:
        if dimension.path in values and dimension.active(chosen):
            chosen[dimension.path] = _value_of(values[dimension.path], dimension)
    return chosen


def _value_of(held: Held, dimension: Dimension) -> object:
    if dimension.numeric:
        return held
    if dimension.kind == "boolean":
        return bool(held)
    if held not in dimension.texts:
        message = f"{held!r} is none of its values, {', '.join(dimension.texts)}"
        remedy = "the tuner's folder is of another space or of an earlier version: name another, or overwrite it"
        raise SearchError(message, path=dimension.path, remedy=remedy)
    return dimension.values[dimension.texts.index(held)]


def held_values(values: Values, space: tuple[Dimension, ...]) -> dict[str, Held]:
    """The inverse of `values_of`: booleans as they are, members of a choice as texts."""
    held: dict[str, Held] = {}
    for dimension in space:
        if dimension.path in values:
            value = values[dimension.path]
            if dimension.kind != "choice":
                if isinstance(value, Held):
                    held[dimension.path] = value
            elif (known := member(dimension.values, value)) is not MISSING:  # the spec as written may have another
                held[dimension.path] = cell_text(known)
    return held
