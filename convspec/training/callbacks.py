"""What happens between updates and epochs; whatever has a state can write and read it, so that a run can go on."""

from __future__ import annotations

import math
from contextlib import ExitStack, nullcontext
from pathlib import Path

import keras
import numpy as np
from numpy.typing import NDArray

from ..data.npz import write_arrays
from ..interrupts import raise_if_stopped
from ..language.diagnostics import InputError
from ..language.recipe import Recipe
from .averaging import Evaluated
from .checkpoint import State, read_weights
from .compiling import optimizer_of, output_names, value_of
from .history import REMEDY
from .schedules import changes_within_epochs, learning_rate

Logs = dict[str, float] | None


class Resumable(keras.callbacks.Callback):
    """A callback whose attributes named in `fields` go into the checkpoint, and come back when a run is resumed."""

    fields: tuple[str, ...] = ()

    def get_state(self) -> State:
        return {name: getattr(self, name) for name in self.fields}

    def set_state(self, state: State) -> None:
        for name in self.fields:
            setattr(self, name, state[name])


class Rate(Resumable):
    """Assigns the learning rate of the schedule, each update where it changes that often; holds a plateau's drops."""

    fields = ("drops", "best", "waited")

    def __init__(self, recipe: Recipe, steps: int) -> None:
        super().__init__()
        self.recipe, self.schedule, self.steps = recipe, recipe.schedule, steps
        self.epoch, self.drops, self.best, self.waited = 0, 0, math.inf, 0

    def rate(self, epoch: float) -> float:
        """The rate at this moment of the run."""
        peak = self.recipe.optimizer.learning_rate
        rate = learning_rate(self.schedule, peak, epoch, self.recipe.epochs, 1 / self.steps)
        if self.schedule.kind.by_results:
            rate *= max(self.schedule.value("minimum"), self.schedule.value("factor") ** self.drops)
        return rate

    def on_epoch_begin(self, epoch: int, logs: Logs = None) -> None:
        self.epoch = epoch
        optimizer_of(self.model).learning_rate = self.rate(epoch)

    def on_train_batch_begin(self, batch: int, logs: Logs = None) -> None:
        if changes_within_epochs(self.schedule, self.epoch):
            optimizer_of(self.model).learning_rate = self.rate(self.epoch + batch / self.steps)

    def on_epoch_end(self, epoch: int, logs: Logs = None) -> None:
        """Count epochs in which the validation loss did not fall."""
        if not self.schedule.kind.by_results:
            return
        loss = float((logs or {}).get("val_loss", math.nan))
        if loss < self.best:
            self.best, self.waited = loss, 0
            return
        self.waited += 1
        if self.waited >= self.schedule.value("patience"):
            self.drops, self.waited = self.drops + 1, 0


class Stopping(Resumable):
    """Stops a run that does not improve, or whose loss is not finite; keeps the best epoch's weights."""

    fields = ("best", "best_epoch", "stopped_epoch")

    def __init__(self, recipe: Recipe, folder: Path | None) -> None:
        super().__init__()
        self.how = recipe.early_stopping
        self.file = folder / "best.npz" if folder is not None else None
        self.best, self.best_epoch, self.stopped_epoch, self.epoch = math.nan, 0, 0, 0
        self.weights: list[NDArray[np.generic]] | None = None
        self.evaluated: Evaluated | None = None

    def on_epoch_begin(self, epoch: int, logs: Logs = None) -> None:
        self.epoch = epoch

    def on_train_batch_end(self, batch: int, logs: Logs = None) -> None:
        loss = float((logs or {}).get("loss", 0.0))
        if not math.isfinite(loss):
            rate = float(value_of(optimizer_of(self.model).learning_rate))
            moment = f"epoch {self.epoch + 1}, update {batch + 1}"
            raise InputError(
                f"the loss is {loss} in {moment}, at a learning rate of {rate:.3g}",
                path="train.optimizer.learning_rate",
                remedy="try a tenth of it, a warm-up (--set train.schedule.warmup=1), or global_clipnorm",
            )

    def on_epoch_end(self, epoch: int, logs: Logs = None) -> None:
        if self.how is None:
            return
        value = float((logs or {})[self.how.monitor])
        gain = self.best - value if self.how.monitor == "val_loss" else value - self.best
        if math.isnan(self.best) or gain > self.how.minimum_change:
            self.best, self.best_epoch = value, epoch + 1
            if self.how.restore_best:
                self._keep()
        elif epoch + 1 - self.best_epoch >= self.how.patience:
            self.stopped_epoch = epoch + 1
            self.model.stop_training = True

    def restore_best(self) -> bool:
        """Give the model the weights of the best epoch, if the recipe asks for that; whether it did."""
        if self.how is None or not self.how.restore_best or not self.best_epoch:
            return False
        if self.weights is None and self.file is not None:
            self.weights = read_weights(self.file)
        if self.weights is not None:
            if [array.shape for array in self.weights] != [array.shape for array in self.model.get_weights()]:
                raise InputError("holds weights of another network", file=str(self.file))
            self.model.set_weights(self.weights)
        return True

    def _keep(self) -> None:
        with self.evaluated.applied() if self.evaluated is not None else nullcontext():
            weights = self.model.get_weights()
        if self.file is None:
            self.weights = weights
            return
        write_arrays(self.file, weights, remedy=REMEDY)


class Validation(keras.callbacks.Callback):
    """Validates the model in the state in which it will be used; between two epochs, so that no update sees it."""

    def __init__(self, evaluated: Evaluated, steps: int) -> None:
        super().__init__()
        self.evaluated, self.steps, self.updates = evaluated, steps, 0
        self._stack = ExitStack()

    def on_epoch_begin(self, epoch: int, logs: Logs = None) -> None:
        """Note the updates that there will be at the end of the epoch."""
        self.updates = (epoch + 1) * self.steps

    def on_test_begin(self, logs: Logs = None) -> None:
        """Put averaged weights and precise statistics into the model."""
        self.evaluated.refresh(self.updates)
        self._stack.enter_context(self.evaluated.applied())

    def on_test_end(self, logs: Logs = None) -> None:
        """Take the weights up again that training goes on with."""
        self._stack.close()


class SafePoints(keras.callbacks.Callback):
    """Ends training where the user has asked to stop: after an update, or a batch of validation."""

    def on_train_batch_end(self, batch: int, logs: Logs = None) -> None:
        raise_if_stopped()

    on_test_batch_end = on_train_batch_end


class MainAccuracy(keras.callbacks.Callback):
    """Gives the accuracy of a network with auxiliary heads the name it has without them; runs before all others."""

    def on_epoch_end(self, epoch: int, logs: Logs = None) -> None:
        """Rename in place: every later callback sees the same dictionary."""
        rename_accuracy(self.model, logs if logs is not None else {})

    on_train_batch_end = on_epoch_end  # likewise for the progress bar


def rename_accuracy(model: keras.Model, logs: dict[str, float]) -> None:
    """`predictions_accuracy` becomes `accuracy`, in place, where the model has several outputs."""
    for prefix in ("", "val_"):
        found = logs.pop(f"{prefix}{output_names(model)[0]}_accuracy", None)
        if found is not None:
            logs[f"{prefix}accuracy"] = found
