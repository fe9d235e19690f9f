"""A KerasTuner tuner that runs trials on compiled networks, and keeps each finished one for good."""

from __future__ import annotations

import math
import os
import socket
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from itertools import islice
from statistics import median
from typing import Any

import keras_tuner
import numpy as np
from numpy.typing import NDArray

from ..data.dataset import Dataset
from ..files import shown
from ..interrupts import raise_if_stopped
from ..language import InputError, Spec
from ..printing import counted, kind_and_words
from ..private_names import KnowsItsSpace
from .hypermodel import STAGE, Held, HyperSpec, SearchError, values_of
from .objective import Metric
from .planning import Candidate
from .store import Record, Store, StoreError
from .strategies import WORST_SCORE, epochs_of
from .trial import Outcome, Row, Trainer, Verdict
from .versions import versions

Watcher = Callable[[Candidate, Record], None]
"""Called with a trial after each epoch and at its end."""


@dataclass(frozen=True)
class MedianRule:
    """Ends a trial that is worse than the median of others at the same epoch; each of `others` is a list by epochs."""

    others: tuple[tuple[float, ...], ...]
    after: int
    startup: int
    metric: Metric

    def __call__(self, epoch: int, value: float) -> str:
        """Why a trial with this best value of so many epochs should end; empty where it should not."""
        found = [values[min(epoch, len(values)) - 1] for values in self.others]
        if epoch < self.after or len(found) < self.startup:
            return ""
        middle = median(found)
        if not self.metric.better(middle, value):
            return ""
        against = f"the median of {counted(len(found), 'trial')} is {middle:.4f}"
        return f"{self.metric.name} {value:.4f} after epoch {epoch}, where {against}"


class TrialRunner:
    """Trials by their candidates: finished ones from the store, others trained and put into it."""

    def __init__(self, hyperspec: HyperSpec, store: Store, load: Callable[[Spec], Dataset]) -> None:
        self.hyperspec, self.store, self.load, self.tune = hyperspec, store, load, hyperspec.tune
        self.metric = Metric.of(self.tune.objective)
        self.trainer = Trainer(self.tune, load)
        self.begun, self.before = time.monotonic(), store.seconds()
        self.versions = versions()
        self.watchers: list[Watcher] = []
        self.order: dict[str, Candidate] = {}
        self.best: Record | None = None
        self.compared = 0

    def candidate(self, held: Mapping[str, Held]) -> Candidate:
        """The candidate of a trial's values in KerasTuner. Raises `InputError` where it is none."""
        if held.get(STAGE) == 0 and (own := self.hyperspec.planner.own()):
            return own
        values, epochs = values_of(held, self.hyperspec.space), epochs_of(held, self.tune)
        # the staged oracle has checked them, and a latency measured again could differ
        if STAGE not in held and (reason := self.hyperspec.constraint_check.verdict(values)):
            raise InputError(reason, path="tune.constraints")
        stage = int(held[STAGE]) if STAGE in held else int(held.get("tuner/bracket", 0)) + 1
        return Candidate(stage, epochs, values, self.hyperspec.constraint_check.spec(values, epochs=epochs))

    def known(self, candidate: Candidate) -> Record | None:
        """The record of a trial that is finished already."""
        self.order[candidate.key] = candidate
        if not self.store.worker:  # KerasTuner's chief counts the trials of its workers
            self.store.number(candidate.key)
        return self.store.get(candidate.key)

    def run(self, candidate: Candidate) -> Record:
        """The record of a trial, which is trained unless it is in the store. Raises `StoreError`."""
        known = self.known(candidate)
        if known is not None:
            return known
        begin = begun(candidate)

        def report(rows: list[Row]) -> None:
            self.report(candidate, replace(begin, history=rows))

        rule, best = self.rule(candidate), self.best_score()
        outcome = attempt(self.trainer, candidate.spec, report=report, worse=rule, keep_above=best, keep=True)
        return self.finish(candidate, outcome)

    def report(self, candidate: Candidate, record: Record) -> None:
        """Write the epochs of a trial so far, and notify the watchers."""
        self.store.put(record)
        self._notify(candidate, record)

    def finish(self, candidate: Candidate, outcome: Outcome, begin: Record | None = None) -> Record:
        """Put a trial that ended into the store, its weights too where it is the best so far.

        `begin` is its record before the first epoch, with where it was trained: in this process unless given.
        """
        record = replace(
            begin or replace(begun(candidate), node=socket.gethostname(), versions=self.versions),
            state=outcome.state,
            reason=_printable(outcome.reason),
            trial=self.store.numbers.get(candidate.key),
            score=_finite(outcome.score),
            deviation=_finite(outcome.deviation),
            best_epoch=outcome.best_epoch,
            seconds=outcome.seconds,
            finished=self.before + time.monotonic() - self.begun,
            history=outcome.history,
        )
        score, weights = record.score, outcome.weights
        if weights is not None and score is not None and self.metric.better(score, self.best_score()):
            self.store.put_weights(record.key, weights)
        self.store.put(record)
        self._notify(candidate, record)
        return record

    def weights(self, candidate: Candidate) -> list[NDArray[np.generic]]:
        """The weights of a finished trial's best epoch, trained again where they were not kept."""
        kept = self.store.get_weights(candidate.key)
        if kept is not None:
            return kept
        outcome = self.trainer.run(candidate.spec, keep=True)
        if outcome.weights is None:
            message = f"its best trial is {outcome.state} where it is trained again for its weights: {outcome.reason}"
            remedy = "the same command tries again; training best.yaml gives a network, too"
            raise InputError(message, file=shown(self.store.folder), remedy=remedy)
        self.store.put_weights(candidate.key, outcome.weights)
        return outcome.weights

    def best_score(self) -> float | None:
        """The score that the next best has to beat."""
        known = self.store.records  # it only grows, and a finished trial stays as it is
        if self.compared < len(known):
            fresh = list(islice(known.values(), self.compared, None))
            self.best = best_of([*fresh, self.best] if self.best else fresh, self.metric)
            self.compared = len(known)
        return self.best.score if self.best else None

    def rule(self, candidate: Candidate) -> Verdict:
        """What may end this trial before its epochs are over."""
        pruning = self.tune.pruning
        if pruning is None:
            return lambda epoch, value: ""
        others = tuple(
            _best_by_epoch(record, self.metric)
            for record in self.store.records.values()
            if record.stage == candidate.stage and record.state == "completed" and self._earlier(record, candidate)
        )
        return MedianRule(others, pruning.after, pruning.startup, self.metric)

    def _earlier(self, record: Record, candidate: Candidate) -> bool:
        """Whether a trial comes before another; one whose file was lost is compared with the same trials again."""
        numbers = self.store.numbers
        return record.key not in numbers or candidate.key not in numbers or numbers[record.key] < numbers[candidate.key]

    def _notify(self, candidate: Candidate, record: Record) -> None:
        for watcher in self.watchers:
            watcher(candidate, record)


def begun(candidate: Candidate) -> Record:
    """The record of a trial that has no epoch yet."""
    parameters = sum(node.parameters for node in candidate.spec.graph.nodes)
    document = candidate.spec.to_yaml()
    return Record(
        candidate.key, candidate.stage, candidate.epochs, candidate.values, parameters=parameters, document=document
    )


def _printable(reason: str) -> str:
    """A reason for a table and a terminal: in one line, without control characters."""
    return "".join(letter if letter.isprintable() else " " for letter in reason)


def _finite(number: float | None) -> float | None:
    return number if number is not None and math.isfinite(number) else None


def attempt(trainer: Trainer, spec: Spec, **options: Any) -> Outcome:
    """A trial's outcome; one that raises has failed, and the search goes on. Raises `StoreError`."""
    try:
        return trainer.run(spec, **options)
    except StoreError:
        raise
    except Exception as error:  # a network too large for the memory, a layer that will not do
        return Outcome("failed", kind_and_words(error))


def best_of(records: Iterable[Record], metric: Metric) -> Record | None:
    """The best of finished trials."""
    scored = [record for record in records if record.score is not None and record.state == "completed"]
    return min(scored, key=metric.merit, default=None)


def _best_by_epoch(record: Record, metric: Metric) -> tuple[float, ...]:
    """The best value after one epoch, two epochs, and so on."""
    pick = max if metric.direction == "max" else min
    values = [row[metric.name] for row in record.history if row["run"] == record.history[0]["run"]]
    return tuple(pick(values[: number + 1]) for number in range(len(values)))


def has_chief() -> bool:
    """Whether a chief of KerasTuner's holds the oracle, by the variable that its documentation gives for that."""
    return "KERASTUNER_ORACLE_IP" in os.environ


class ReuseTuner(KnowsItsSpace, keras_tuner.Tuner):
    """Runs the trials of any KerasTuner oracle over a `HyperSpec`, without building a model for each.

    Trials that end early, by the loss rule or the median, count as completed with the worst score and the metric
    `aborted` 1. A trial that is in the store is not run again.
    """

    def __init__(self, oracle: keras_tuner.Oracle, runner: TrialRunner, directory: str, project_name: str) -> None:
        self.runner = runner
        super().__init__(oracle=oracle, hypermodel=runner.hyperspec, directory=directory, project_name=project_name)

    def save(self) -> None:
        """Nothing is saved beside the store and what the oracle writes."""

    def reload(self) -> None:
        """Nothing is reloaded: trials are replayed from the store."""

    def pre_create_trial(self) -> None:
        """Leave the chief in peace for a moment: KerasTuner's workers ask again at once while they are idle."""
        if has_chief():
            time.sleep(0.05)

    def run_trial(self, trial: keras_tuner.engine.trial.Trial, *args: object, **kwargs: object) -> dict[str, float]:
        """The metrics of a trial. Raises `SearchError` where the search cannot go on."""
        raise_if_stopped()
        metric = self.runner.metric
        try:
            candidate = self.runner.candidate(trial.hyperparameters.values)
        except InputError:  # an oracle of KerasTuner's asks for what the constraints or the shapes forbid
            return metrics_of(None, metric)
        try:
            return metrics_of(self.runner.run(candidate), metric)
        except InputError as error:  # KerasTuner would print it with a traceback
            raise SearchError(error.diagnostics) from error


def metrics_of(record: Record | None, metric: Metric) -> dict[str, float]:
    """The metrics that KerasTuner gets for a finished trial, or for one without a record, which was rejected."""
    score = record.score if record is not None and record.state == "completed" else None
    found = {metric.name: WORST_SCORE[metric.direction] if score is None else score, "aborted": float(score is None)}
    return found if record is None else {**found, "seconds": record.seconds}
