"""One trial: trained, watched, scored; what it came to as a record."""

from __future__ import annotations

import gc
import math
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import product
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ..data.cache import data_key
from ..data.dataset import Dataset
from ..language import Spec
from ..language.tune import Tune
from ..training.averaging import Evaluated
from ..training.callbacks import Rate, Stopping
from ..training.compiling import computing
from ..training.devices import gpus
from ..training.finetuning import scaled_for_finetuning
from ..training.schedules import changes_within_epochs
from .data_cache import DataCache
from .epochs import FitEpochs, Sums, Watch
from .objective import Metric
from .planning import structure
from .reusable_model import ADJUSTS, ReusableModel
from .search_files import State

if TYPE_CHECKING:
    from .graph_epochs import GraphEpochs

Row = dict[str, float]
Report = Callable[[list[Row]], None]
Verdict = Callable[[int, float], str]

NETWORKS = 8
"""Compiled networks that are kept; the one that was used longest ago goes first."""

SLACK = 10.0
"""The validation loss may be so many times as high as training's limit: batch normalisation starts with statistics
that are far off, and recovers."""


@dataclass
class Outcome:
    """What a trial came to: `completed`, `aborted` (its loss broke the rule) or `pruned` (worse than the median).

    `score` is the mean over runs and folds of the best epoch's objective, None where there is none; `weights` are
    those of the best epoch of the last training, where they were asked for.
    """

    state: State = "completed"
    reason: str = ""
    score: float | None = None
    deviation: float | None = None
    best_epoch: int = 0
    seconds: float = 0.0
    history: list[Row] = field(default_factory=list)
    weights: list[NDArray[np.generic]] | None = None


class Trainer:
    """Trains candidates one after the other, on compiled networks that it keeps."""

    def __init__(self, tune: Tune, load: Callable[[Spec], Dataset], networks: int = NETWORKS) -> None:
        self.tune, self.load, self.capacity = tune, load, networks
        self.metric = Metric.of(tune.objective)
        self.compiles = bool(gpus())  # XLA pays at once on a GPU
        self.networks: OrderedDict[str, ReusableModel] = OrderedDict()
        self._data: dict[str, DataCache] = {}

    def run(
        self,
        spec: Spec,
        *,
        report: Report = lambda rows: None,
        worse: Verdict = lambda epoch, value: "",
        keep_above: float | None = None,
        keep: bool = False,
    ) -> Outcome:
        """Train a network by its recipe, once for each run and fold.

        `report` receives the rows so far after each epoch; `worse` gets the best value up to each epoch and may end the
        trial with its reason. The weights of the best epoch are kept with `keep`; of a single training only where it is
        better than `keep_above`, but of several in any case those of the last, since their mean is not known before.
        """
        started = time.monotonic()
        if self.tune.runs * (self.tune.folds or 1) > 1:
            keep_above = None
        outcome, scores = Outcome(), []
        with computing(spec.train, exact=not self.compiles):
            for run, fold in product(range(self.tune.runs), range(self.tune.folds or 1)):
                scores.append(_Training(self, spec, run, fold, outcome, report).run(worse, keep, keep_above))
                if outcome.state != "completed":
                    outcome.seconds = time.monotonic() - started
                    return outcome
        outcome.score = float(np.mean(scores))
        outcome.deviation = float(np.std(scores)) if len(scores) > 1 else None
        outcome.seconds = time.monotonic() - started
        return outcome

    def network(self, spec: Spec) -> ReusableModel:
        """A compiled network of this structure, new or used."""
        key = structure(spec, adjusts=ADJUSTS)
        if key not in self.networks:
            while len(self.networks) >= self.capacity:
                self.networks.popitem(last=False)
                gc.collect()
            self.networks[key] = ReusableModel(spec)
        self.networks.move_to_end(key)
        return self.networks[key]

    def data(self, spec: Spec) -> DataCache:
        """The images in the size that this network takes, split as its recipe says."""
        if (key := data_key(spec)) not in self._data:
            self._data[key] = DataCache(self.load(spec), self.tune.folds)
        return self._data[key]


class _Training:
    """One training of a trial: a seed and a fold."""

    def __init__(self, trainer: Trainer, spec: Spec, run: int, fold: int, outcome: Outcome, report: Report) -> None:
        recipe = spec.train.model_copy(update={"seed": spec.train.seed + run})
        self.recipe, self.outcome, self.report = scaled_for_finetuning(recipe), outcome, report
        self.metric, self.run_number = trainer.metric, run * (trainer.tune.folds or 1) + fold
        self.network = network = trainer.network(spec)
        network.begin(spec, self.recipe)
        model = network.model
        self.train_data, self.val_data = trainer.data(spec).prepared(model, self.recipe, fold)
        self.rate = Rate(self.recipe, len(self.train_data.pipeline))
        self.stopping = Stopping(self.recipe, None)
        self.stopping.set_model(model)
        unchanged = self.train_data.pipeline.unchanged()
        self.evaluated = self.stopping.evaluated = Evaluated(model, self.recipe, unchanged, network.statistics)
        self.watch = Watch(trainer.tune.abort or math.inf)
        self.passes = _passes()(network, self.recipe, jit_compile=self.recipe.jit_compile or trainer.compiles)

    def run(self, worse: Verdict, keep: bool, keep_above: float | None) -> float:
        """Train; returns the best epoch's objective. The outcome holds why it ended early, if it did."""
        best, begun = math.nan, time.monotonic()
        for epoch in range(self.recipe.epochs):
            row = self._epoch(epoch)
            if row is None:
                return best
            row["seconds"] = time.monotonic() - begun
            begun = time.monotonic()
            value = row[self.metric.name]
            if self.metric.better(value, best):
                best, self.outcome.best_epoch = value, epoch + 1
                if keep and self.metric.better(value, keep_above):
                    with self.evaluated.applied():
                        self.outcome.weights = self.network.model.get_weights()
            self.outcome.history.append(row)
            self.report(self.outcome.history)
            if reason := worse(epoch + 1, best):
                self.outcome.state, self.outcome.reason = "pruned", reason
                return best
            if self.network.model.stop_training:
                break
        return best

    def _epoch(self, epoch: int) -> Row | None:
        """Train and validate once; nothing where the rule was broken."""
        self.train_data.pipeline.epoch = epoch
        rates = self._rates(epoch)
        trained = self.passes.train(self.train_data, rates, self.watch)
        last = trained.last if math.isfinite(trained.loss) else trained.loss  # the penalty alone may overflow
        if self._broken(last, self.watch.limit, f"epoch {epoch + 1}, update {trained.updates}"):
            return None
        self.evaluated.refresh((epoch + 1) * len(self.train_data.pipeline))
        with self.evaluated.applied():
            found = self.passes.validate(self.val_data)
        loss = found.data_loss if math.isfinite(found.loss) else found.loss
        if self._broken(loss, SLACK * self.watch.limit, f"the validation after epoch {epoch + 1}"):
            return None
        row = _row(self.run_number, epoch, float(rates[-1]), trained, found)
        self.stopping.on_epoch_begin(epoch)
        self.stopping.on_epoch_end(epoch, row)
        self.rate.on_epoch_end(epoch, row)
        return row

    def _rates(self, epoch: int) -> NDArray[np.float32]:
        steps = len(self.train_data.pipeline)
        if not changes_within_epochs(self.recipe.schedule, epoch):
            return np.full(steps, self.rate.rate(epoch), np.float32)
        return np.array([self.rate.rate(epoch + step / steps) for step in range(steps)], np.float32)

    def _broken(self, loss: float, limit: float, moment: str) -> bool:
        if math.isfinite(loss) and loss <= limit:
            return False
        first = self.watch.first
        why = f"is above {limit:.3g}, {limit / first:.3g} times the first, {first:.3g}"
        self.outcome.state = "aborted"
        self.outcome.reason = f"the loss {f'{loss:.3g} {why}' if math.isfinite(loss) else f'is {loss}'} in {moment}"
        return True


def _row(run: int, epoch: int, rate: float, trained: Sums, found: Sums) -> Row:
    return {
        "run": run,
        "epoch": epoch + 1,
        "learning_rate": rate,
        "loss": trained.loss,
        "accuracy": trained.accuracy,
        "val_loss": found.loss,
        "val_accuracy": found.accuracy,
        "val_crossentropy": found.data_loss,
    }


def _passes() -> type[GraphEpochs] | type[FitEpochs]:
    """What goes through the images: a graph of TensorFlow's, which other backends do without, or Keras's `fit`."""
    if not ADJUSTS:
        return FitEpochs
    from .graph_epochs import GraphEpochs

    return GraphEpochs
