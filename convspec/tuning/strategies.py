"""KerasTuner's oracles: the staged one that is ours, and files that a kill cannot spoil for all of them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

import keras_tuner

from ..files import write_text
from ..language import InputError
from ..language.tune import Tune
from ..private_names import SavesTrials, oracle_file, trial_file
from .hypermodel import EPOCHS, STAGE, Held, HyperSpec, SearchError, held_values
from .objective import Metric
from .planning import Candidate, StagePlan
from .store import Store
from .throttle import Throttle

WORST_SCORE = {"max": 0.0, "min": 1e30}
"""The score that KerasTuner gets for a trial without one: it counts as completed, and as the worst."""


class DurableFiles(SavesTrials):
    """Writes an oracle's files as a whole; what they hold is made anew from our own records when a search resumes.

    `oracle.json` has all trials in it, so it is not written again at once after each.
    """

    def __init__(self, *args: object, **kwargs: object) -> None:
        self.saving = Throttle(self.flush)
        super().__init__(*args, **kwargs)

    def save(self) -> None:
        """Write `oracle.json`, unless that was done a moment ago."""
        self.saving.maybe()

    def flush(self) -> None:
        """Write `oracle.json`."""
        oracle: Any = self
        write_text(oracle_file(oracle), json.dumps(oracle.get_state()), error=SearchError)

    def reload(self) -> None:
        """Read nothing: trials are replayed, and a finished one is not run again."""

    def save_trial(self, trial: keras_tuner.engine.trial.Trial) -> None:
        """Write `trial.json`. Raises `SearchError`, which KerasTuner does not print with a traceback."""
        write_text(trial_file(self, trial.trial_id), json.dumps(trial.get_state()), error=SearchError)


class StagedOracle(DurableFiles, keras_tuner.Oracle):
    """Random search in stages: coarse, then finer around the best so far.

    What a trial is depends on the spec, the seed and the stages before alone, so that restarts and the number of
    workers change nothing. Trial 0 is the spec as it is written, unless a constraint forbids it.
    """

    def __init__(self, hyperspec: HyperSpec, store: Store) -> None:
        super().__init__(**_arguments(hyperspec), tune_new_entries=False)
        self.store, self.planner = store, hyperspec.planner
        self.candidates: list[Candidate] = []
        self.plans: list[StagePlan] = []
        own = self.planner.own()
        if own is not None:
            self._add([own])
        self._plan_next()

    @property
    def total(self) -> int:
        """Trials of the whole search, so far as it is known."""
        later = self.planner.tune.stages[len(self.plans) :]
        return len(self.candidates) + sum(stage.trials for stage in later)

    def populate_space(self, trial_id: str) -> dict[str, object]:
        """The next candidate; IDLE while the trials that a stage is planned from still run."""
        number = int(trial_id)
        while number >= len(self.candidates):
            if len(self.plans) == len(self.planner.tune.stages):
                return {"status": "STOPPED"}
            if not self._all_ended():
                return {"status": "IDLE"}
            self._plan_next()
        candidate = self.candidates[number]
        held = held_values(candidate.values, self.planner.space)
        return {"status": "RUNNING", "values": {**held, STAGE: candidate.stage, EPOCHS: candidate.epochs}}

    def plan_known(self) -> bool:
        """Plan the stages whose trials before have ended; whether that is the whole search, and it has ended."""
        while self._all_ended():
            if len(self.plans) == len(self.planner.tune.stages):
                return True
            self._plan_next()
        return False

    def _all_ended(self) -> bool:
        return all(self.store.get(candidate.key) is not None for candidate in self.candidates)

    def _plan_next(self) -> None:
        number = len(self.plans) + 1
        before = {candidate.key for candidate in self.candidates}
        known = [
            record
            for record in self.store.records.values()
            if record.key in before or (record.key in self.store.earlier and record.stage < number)
        ]
        plan = self.planner.stage(number, known, self.plans[-1] if self.plans else None)
        if not plan.candidates:
            reasons = sorted(plan.refused.items(), key=lambda item: -item[1])
            counts = "; ".join(f"{reason} ({count})" for reason, count in reasons[:3])
            raise InputError(
                f"stage {number} has no candidate: {counts}",
                path="tune",
                remedy="widen the ranges or loosen the constraints",
            )
        self.plans.append(plan)
        self._add(candidate for candidate in plan.candidates if candidate.key not in before)

    def _add(self, candidates: Iterable[Candidate]) -> None:
        for candidate in candidates:
            self.candidates.append(candidate)
            self.store.number(candidate.key)


def _arguments(hyperspec: HyperSpec) -> dict[str, object]:
    """What every oracle is made with."""
    metric, hp = Metric.of(hyperspec.tune.objective), keras_tuner.HyperParameters()
    hyperspec.declare_hyperparameters(hp)
    return {
        "objective": keras_tuner.Objective(metric.name, metric.direction),
        "hyperparameters": hp,
        "allow_new_entries": False,
        "seed": hyperspec.tune.seed + 1,  # KerasTuner takes 0 for "at random"
        "max_consecutive_failed_trials": 10**9,
    }


def make_oracle(hyperspec: HyperSpec, store: Store) -> keras_tuner.Oracle:
    """The oracle of a spec's strategy."""
    tune = hyperspec.tune
    if tune.strategy == "staged":
        return StagedOracle(hyperspec, store)
    own = KERAS_TUNERS[tune.strategy]
    if tune.strategy == "hyperband":
        # what it promotes is trained anew for all its epochs, on a network compiled before
        length = {"max_epochs": max(stage.epochs for stage in tune.stages)}
    else:
        length = {"max_trials": sum(stage.trials for stage in tune.stages)}
    durable: type[keras_tuner.Oracle] = type(f"Durable{own.__name__}", (DurableFiles, own), {})
    return durable(**length, **_arguments(hyperspec), tune_new_entries=True)


KERAS_TUNERS = {
    "random": keras_tuner.oracles.RandomSearchOracle,
    "grid": keras_tuner.oracles.GridSearchOracle,
    "bayesian": keras_tuner.oracles.BayesianOptimizationOracle,
    "hyperband": keras_tuner.oracles.HyperbandOracle,
}
"""KerasTuner's own oracle of each strategy but the staged one."""


def epochs_of(values: Mapping[str, Held], tune: Tune) -> int:
    """The epochs that a trial gets."""
    return int(values.get(EPOCHS) or values.get("tuner/epochs") or max(stage.epochs for stage in tune.stages))
