"""One compiled model that trains many trials: whatever differs between them is assigned, nothing is traced again."""

from __future__ import annotations

from collections.abc import Callable

import keras
import numpy as np
from keras import KerasTensor, ops
from numpy.typing import NDArray

from ..builder import build
from ..graph import Dropout, SpatialDropout2D
from ..language import Spec
from ..language.recipe import Recipe
from ..private_names import iterates_of, replace_call, set_untracked
from ..process import random_states_kept
from ..training.batch_norm import PreciseStatistics
from ..training.compiling import compile_model, optimizer_of, value_of
from ..training.finetuning import freeze, fresh_layers, transfer
from ..training.first_weights import first_values
from ..training.regularizer import AdjustableL2

ADJUSTS = keras.backend.backend() == "tensorflow"
"""Whether a traced step sees a new value of a variable that the model does not own; JAX takes it as a constant."""


class AdjustableNumber(keras.Variable):
    """A momentum or beta, which Keras takes as a constant when it traces, in a variable that can be assigned.

    Keras leaves momentum out of the step where it is 0; here it always is in it. Adam takes `1 - beta` in 64 bits and
    then rounds it, so `rest` holds that: in 32 bits the difference would end in another digit.
    """

    __hash__ = object.__hash__

    def __init__(self, value: float) -> None:
        super().__init__(float(value), trainable=False, dtype="float32")
        self.rest = keras.Variable(1 - float(value), trainable=False, dtype="float32")

    def set(self, value: float) -> None:
        """Have another value from the next step on."""
        self.assign(value)
        self.rest.assign(1 - value)

    def __rsub__(self, other: object) -> KerasTensor:
        return self.rest.value if other == 1 else super().__rsub__(other)

    def __eq__(self, other: object) -> bool:
        return self is other

    def __ne__(self, other: object) -> bool:
        return self is not other


class DropRate:
    """The rate of a dropout layer and what it multiplies with, `1 / (1 - rate)` rounded once, as in TensorFlow."""

    def __init__(self, rate: float) -> None:
        self.rate, self.scale = (keras.Variable(0.0, trainable=False, dtype="float32") for _ in range(2))
        self.set(rate)

    def set(self, rate: float) -> None:
        """Have another rate from the next step on."""
        self.rate.assign(rate)
        self.scale.assign(1 / (1 - rate))


class ReusableModel:
    """A model, built and compiled once, which `begin` sets to the start of a trial.

    A trial on a used network is bit for bit the trial on a new one: weights, statistics, optimizer and random states
    are all assigned.
    """

    def __init__(self, spec: Spec) -> None:
        recipe = spec.train
        regularizer: keras.Regularizer | None = None
        if recipe.l2:
            regularizer = AdjustableL2(recipe.l2) if ADJUSTS else keras.regularizers.L2(recipe.l2)
        self.loss_weights = spec.loss_weights
        with random_states_kept():
            keras.utils.set_random_seed(recipe.seed)
            self.model = build(spec, kernel_regularizer=regularizer)
        self.fresh: set[str] | None = None  # the layers that start from random weights; None for all
        if recipe.finetune is not None:
            transfer(self.model, recipe.finetune.weights)
            freeze(self.model, recipe.finetune.freeze)
            self.fresh = fresh_layers(self.model)
        compile_model(self.model, recipe, spec.loss_weights, adjustable=ADJUSTS)
        self.regularizer = regularizer
        self.optimizer = optimizer_of(self.model)
        self.rates = self._adjustable_rates(spec) if ADJUSTS else {}
        self.numbers = self._adjustable_numbers(spec) if ADJUSTS else {}
        self.model.optimizer.build(self.model.trainable_variables)
        self.functions: dict[str, Callable[..., object]] = {}
        self.statistics = PreciseStatistics(self.model)
        # what of the optimizer begins as a copy of the weights: the iterate that a schedule-free one keeps beside them
        own = iterates_of(self.optimizer) if recipe.optimizer.name == "schedulefreeadamw" else []
        self.copies = [
            (copy, weight)
            for copy, weight in zip(own, self.model.trainable_variables, strict=False)
            if copy is not None
        ]
        self._optimizer_start = [value_of(variable) for variable in self.model.optimizer.variables]
        self._built_with = {variable.path: value_of(variable) for variable in self.model.variables}
        self._starts: dict[int, list[NDArray[np.generic]]] = {}

    def begin(self, spec: Spec, recipe: Recipe) -> None:
        """Take on the recipe of a trial and the weights that its seed gives."""
        for variable, value in zip(self.model.variables, self._start(recipe.seed), strict=True):
            variable.assign(value)
        for variable, value in zip(self.model.optimizer.variables, self._optimizer_start, strict=True):
            variable.assign(value)
        for copy, weight in self.copies:
            copy.assign(weight)
        self.optimizer.learning_rate = recipe.optimizer.learning_rate
        if isinstance(self.optimizer.weight_decay, keras.Variable):
            self.optimizer.weight_decay.assign(recipe.optimizer.weight_decay)
        if isinstance(self.regularizer, AdjustableL2):
            self.regularizer.strength.assign(recipe.l2)
        for field, number in self.numbers.items():
            number.set(getattr(recipe.optimizer, field))
        for index, node in enumerate(spec.graph.layers()):
            if index in self.rates and isinstance(node.operation, (Dropout, SpatialDropout2D)):
                self.rates[index].set(node.operation.rate)
        self.model.stop_training = False
        self.model.reset_metrics()

    def _start(self, seed: int) -> list[NDArray[np.generic]]:
        """The values of all variables at the start of a trial with this seed."""
        if seed not in self._starts:
            if len(self._starts) >= 16:
                self._starts.pop(next(iter(self._starts)))
            drawn = first_values(self.model, seed, self.fresh)
            self._starts[seed] = [
                drawn.get(variable.path, self._built_with[variable.path]) for variable in self.model.variables
            ]
        return self._starts[seed]

    def _adjustable_rates(self, spec: Spec) -> dict[int, DropRate]:
        """The rate of each dropout layer, by its place among the layers."""
        rates = {}
        for index, (layer, node) in enumerate(zip(self.model.layers, spec.graph.layers(), strict=True)):
            if "rate" in node.operation.adjustable and layer.rate:
                rates[index] = DropRate(layer.rate)
                replace_call(layer, _dropout(layer, rates[index]))
        return rates

    def _adjustable_numbers(self, spec: Spec) -> dict[str, AdjustableNumber]:
        """Momentum and betas where the recipe sets them."""
        how = spec.train.optimizer
        numbers = {}
        for field in how.kind.adjustable:
            if getattr(how, field) is not None:
                numbers[field] = AdjustableNumber(getattr(how, field))
                set_untracked(self.optimizer, field, numbers[field])
        return numbers


def _dropout(layer: keras.Layer, rate: DropRate) -> Callable[..., KerasTensor]:
    """What a dropout layer computes, with its rate in a variable."""

    def call(inputs: KerasTensor, training: bool = False) -> KerasTensor:
        if not training:
            return inputs
        shape = ops.shape(inputs)
        if isinstance(layer, keras.layers.SpatialDropout2D):
            shape = (shape[0], 1, 1, shape[3])
        elif layer.noise_shape is not None:  # one draw for all values along an axis, such as a whole example
            shape = tuple(size if own is None else own for size, own in zip(shape, layer.noise_shape, strict=True))
        drawn = keras.random.uniform(shape, dtype=inputs.dtype, seed=layer.seed_generator)
        kept = ops.greater_equal(drawn, ops.cast(rate.rate, inputs.dtype))
        return ops.where(kept, inputs * ops.cast(rate.scale, inputs.dtype), ops.zeros_like(inputs))

    return call
