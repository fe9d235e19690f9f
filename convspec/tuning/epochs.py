"""An epoch of training or validation as one call of Keras's `fit`; `graph_epochs` does the same inside TensorFlow."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import keras
import numpy as np
from keras import ops
from numpy.typing import NDArray

from ..errors import ConvspecError
from ..interrupts import raise_if_stopped
from ..language.recipe import Recipe
from ..training.compiling import optimizer_of, value_of
from .data_cache import PreparedData
from .reusable_model import ReusableModel

Logs = Mapping[str, float]
"""What Keras gives a callback."""


@dataclass
class Watch:
    """The rule that ends a trial: the first loss (without L2) above 0 that was seen, and the factor that is too much.

    A loss is 0 where no image of the batch has a weight; nothing can be measured by that.
    """

    factor: float
    first: float = math.nan

    @property
    def limit(self) -> float:
        """The loss that no update may exceed."""
        return self.factor * self.first if math.isfinite(self.first) else math.inf


@dataclass(frozen=True)
class Sums:
    """What one pass saw: means over the images, the last update's loss without L2, and how many updates there were."""

    loss: float
    data_loss: float
    accuracy: float
    last: float
    updates: int


class FitEpochs:
    """Passes of one network over images with any backend, by `model.fit` and `model.evaluate`."""

    def __init__(self, network: ReusableModel, recipe: Recipe, *, jit_compile: bool = False) -> None:
        self.model = network.model  # compiled by the recipe; JAX compiles in any case

    def train(self, data: PreparedData, rates: NDArray[np.float32], watch: Watch) -> Sums:
        """One epoch, an update's learning rate each; stops after the update that breaks the rule of `watch`."""
        guard = _Guard(rates, watch)
        try:
            history = self.model.fit(
                data.pipeline.batches(), epochs=1, shuffle=False, verbose=0, callbacks=[guard]
            ).history
        except _BrokenRuleError:
            return Sums(guard.last, guard.last, 0.0, guard.last, guard.updates)
        for variable, value in zip(self.model.trainable_variables, guard.weights, strict=False):
            variable.assign(value)
        loss, accuracy = history["loss"][-1], history[_accuracy(history)][-1]
        return Sums(loss, loss - guard.penalty, accuracy, guard.last, guard.updates)

    def validate(self, data: PreparedData) -> Sums:
        """The losses and the accuracy on validation images."""
        logs = self.model.evaluate(data.pipeline.batches(), verbose=0, return_dict=True)
        data_loss = logs["loss"] - _penalty(self.model)
        return Sums(logs["loss"], data_loss, logs[_accuracy(logs)], data_loss, 0)


class _BrokenRuleError(ConvspecError):
    """Leaves `fit` at once."""


class _Guard(keras.callbacks.Callback):
    """Assigns the learning rates and watches the loss; Keras reports its running mean, with the penalties in it."""

    def __init__(self, rates: NDArray[np.float32], watch: Watch) -> None:
        super().__init__()
        self.rates, self.watch = rates, watch
        self.penalty, self.last, self.mean, self.updates = 0.0, math.nan, 0.0, 0
        self.weights: list[NDArray[np.generic]] = []

    def on_epoch_begin(self, epoch: int, logs: Logs | None = None) -> None:
        self.penalty = _penalty(self.model)

    def on_train_batch_begin(self, batch: int, logs: Logs | None = None) -> None:
        if batch == 0 or self.rates[batch] != self.rates[batch - 1]:
            optimizer_of(self.model).learning_rate = float(self.rates[batch])

    def on_train_batch_end(self, batch: int, logs: Logs | None = None) -> None:
        raise_if_stopped()
        mean = float((logs or {})["loss"])
        self.last = mean * (batch + 1) - self.mean * batch - self.penalty
        self.mean, self.updates = mean, batch + 1
        if not math.isfinite(self.watch.first) and self.last > 0:
            self.watch.first = self.last
        if not math.isfinite(self.last) or self.last > self.watch.limit:
            raise _BrokenRuleError

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        """Hold the weights where the optimizer keeps their mean: `fit` ends with that in their place."""
        if optimizer_of(self.model).use_ema:
            self.weights = [value_of(variable) for variable in self.model.trainable_variables]


def _penalty(model: keras.Model) -> float:
    return float(sum(ops.convert_to_numpy(loss) for loss in model.losses))


def _accuracy(logs: Logs) -> str:
    return next(name for name in logs if name.endswith("accuracy"))
