"""A whole search: begun or resumed, run, shown, and left in its folder."""

from __future__ import annotations

import math
import os
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing, nullcontext, suppress
from dataclasses import dataclass
from pathlib import Path

import keras
import keras_tuner

from ..builder import check_keras_settings
from ..data.cache import each_split_once
from ..data.dataset import Dataset
from ..files import locked, shown
from ..interrupts import handled
from ..language import InputError, Spec
from ..language.arguments import checked
from ..language.trainable import check_trainable
from ..language.tune import Distribution, Tune
from ..output_paths import check_search_folder
from ..process import random_states_kept
from .boundary_warnings import BoundaryWarning, boundary_warnings
from .data_cache import check_folds
from .hypermodel import HyperSpec, SearchError
from .latency import Latencies
from .manifest import Manifest, summarized
from .planning import Candidate
from .ray_driver import run_on_ray
from .results import write_best
from .search_progress import SearchProgress, table_lines
from .search_result import SearchResult
from .store import Record, Store
from .strategies import StagedOracle, make_oracle
from .tables import history_csv, trials_csv
from .tensorboard import TensorBoardLog
from .throttle import Throttle
from .tuner import ReuseTuner, TrialRunner, best_of, has_chief

ROUNDS = 3
"""How often `widen` moves ranges before it leaves the rest to the user."""


def check_number_format() -> None:
    """Raise `InputError` where Keras computes in other numbers than a search, whose trials share compiled networks."""
    check_keras_settings()
    policy, floatx = keras.config.dtype_policy(), keras.config.floatx()
    wrong = {"floatx": floatx, "dtype_policy": policy.name if policy.variable_dtype != "float32" else "float32"}
    for setting, name in wrong.items():
        if name != "float32":
            message = f"a search keeps its weights and losses in float32, and Keras's {setting} is {name}"
            remedy = f"keras.config.set_{setting}('float32'); train.mixed_precision computes in 16 bits"
            raise InputError(message, path=setting, remedy=remedy)


def is_worker() -> bool:
    """Whether this process is a worker of KerasTuner's own chief, by its environment variables."""
    return has_chief() and "chief" not in os.environ.get("KERASTUNER_TUNER_ID", "")


@checked
def search(
    spec: Spec,
    load: Callable[[Spec], Dataset],
    folder: str | Path,
    *,
    extend: bool = False,
    widen: bool = False,
    workers: int = 0,
    address: str | None = None,
    time_limit: float | None = None,
    tensorboard: bool = False,
    show: bool = True,
    save_model: bool = True,
) -> SearchResult:
    """Search the space of a spec's `tune:` section, or go on where a search in `folder` was stopped.

    `load` gives the images for a network (its input decides their size), once for each size and split. `extend` allows
    another space, constraints or stages than the folder's search had; its trials are kept. `widen` moves ranges whose
    end the best value lies at and searches on. `workers` trains on so many processes of a local Ray, `address` on those
    of a cluster; `time_limit` ends a trial there after so many seconds. `tensorboard` writes each trial's curves and
    values for TensorBoard.

    Ctrl-C stops it after an update and raises `KeyboardInterrupt`, a second one raises that at once.

    Raises `InputError`: no `tune:` section, too few images for its folds, a folder of another search, a disk that
    takes no more, no candidate within the constraints, no trial that was completed.
    """
    check_number_format()
    how, place, worker = RunOptions(workers, address, time_limit, tensorboard, show, widen), Path(folder), is_worker()
    lock = nullcontext() if worker else locked(place)  # KerasTuner's workers share the folder of their chief
    with handled(), random_states_kept(), lock:  # KerasTuner draws from Python's random numbers
        if not worker:
            check_search_folder(place)
        return _search(spec, each_split_once(load), Store(place, worker=worker), how, extend, save_model)


def _search(
    spec: Spec, load: Callable[[Spec], Dataset], store: Store, how: RunOptions, extend: bool, save_model: bool
) -> SearchResult:
    place, hyperspec = store.folder, _hyperspec(spec, store)
    store.open()
    space, moves = Manifest.moved_space(place, hyperspec)
    if moves:  # the same command again, after ranges were moved: go on with those
        hyperspec = _hyperspec(spec, store, with_ranges(hyperspec.tune, space))
    dataset = load(spec)
    check_folds(dataset, hyperspec.tune.folds)
    check_trainable(spec, dataset.classes)
    manifest = Manifest.open(store, hyperspec, dataset, extend=extend, moves=moves)
    with manifest.forgotten_if_nothing_ran():
        result = _round(hyperspec, load, store, manifest, how)
    while how.widen and result.warnings and moves < ROUNDS:
        moves += 1
        ranges = {warning.path: {"range": list(warning.wider)} for warning in result.warnings}
        hyperspec = _hyperspec(spec, store, with_ranges(hyperspec.tune, ranges))
        manifest = Manifest.open(store, hyperspec, dataset, extend=True, moves=moves)
        result = _round(hyperspec, load, store, manifest, how)
    if save_model and not store.worker:
        write_best(hyperspec, store, result.best, load)
    return result


def _hyperspec(spec: Spec, store: Store, tune: Tune | None = None) -> HyperSpec:
    """The space of a search, whose folder keeps the latencies that are measured."""
    found = HyperSpec(spec, tune)
    found.constraint_check.latency = Latencies(found.constraint_check, store)
    return found


@dataclass(frozen=True)
class RunOptions:
    """Where trials run, what is shown, and whether ranges are moved afterwards."""

    workers: int
    address: str | None
    time_limit: float | None
    tensorboard: bool
    show: bool
    widen: bool


def _round(
    hyperspec: HyperSpec, load: Callable[[Spec], Dataset], store: Store, manifest: Manifest, how: RunOptions
) -> SearchResult:
    """Run all trials that are not in the store yet, and write what came out."""
    runner = TrialRunner(hyperspec, store, load)
    oracle = make_oracle(hyperspec, store)
    tables = _Tables(runner, oracle, manifest.fields)
    runner.watchers.append(tables.update)
    if how.tensorboard:
        runner.watchers.append(TensorBoardLog(store.folder / "tensorboard", runner.metric))
    earlier, started = store.seconds(), time.monotonic()
    view = SearchProgress(runner, oracle, manifest.fields, show=how.show)
    runner.watchers.append(view.update)
    with closing(view), closing(tables):
        tables.finished = _is_finished(oracle, manifest)
        view.start(finished=tables.finished, widens=how.widen)
        if not tables.finished and (how.workers or how.address):
            run_on_ray(oracle, runner, how.workers, how.address, how.time_limit, view.say)
        elif not tables.finished:
            _run_here(oracle, runner)
    seconds = earlier if tables.finished else earlier + time.monotonic() - started
    records = tables.records()
    best = best_of(records, runner.metric)
    if best is None:
        raise InputError(manifest.nothing_completed(records))
    warnings: list[BoundaryWarning] = []
    if isinstance(oracle, StagedOracle):
        found = best_of([record for record in records if record.stage], runner.metric) or best
        allowed, written, gain = _allowed(hyperspec, found), None if best.stage else best, runner.metric.gain
        warnings = boundary_warnings(hyperspec.space, oracle.plans, records, found, gain, allowed, written)
    manifest.write(**summarized(records, best, warnings, oracle, hyperspec.space))
    return SearchResult(store.folder, tuple(records), best, tuple(warnings), seconds)


def _is_finished(oracle: keras_tuner.Oracle, manifest: Manifest) -> bool:
    """Whether the folder holds every trial of this search, so that nothing has to be run."""
    store = manifest.store
    if isinstance(oracle, StagedOracle):
        return oracle.plan_known()
    counts = manifest.content.get("trials")
    if not counts or manifest.changed or sum(counts.values()) != len(store.records):
        return False
    for record in sorted(store.records.values(), key=lambda one: math.inf if one.trial is None else one.trial):
        store.number(record.key)
    return True


def _run_here(oracle: keras_tuner.Oracle, runner: TrialRunner) -> None:
    """All trials in this process, by KerasTuner's own loop."""
    oracle.verbose = 0
    try:
        ReuseTuner(oracle, runner, str(runner.store.folder), "keras_tuner").search()
    except SearchError as error:
        raise InputError(error.diagnostics) from None


class _Tables:
    """Keeps the two tables on disk up to date, at most once in so many seconds, and whole at the end."""

    PAUSE = 2.0

    def __init__(self, runner: TrialRunner, oracle: keras_tuner.Oracle, fields: Sequence[str]) -> None:
        self.runner, self.oracle, self.fields = runner, oracle, fields
        self.writing = Throttle(self._write, self.PAUSE)
        self.finished = False  # before anything was run: what KerasTuner wrote stays as it is

    def close(self) -> None:
        self.runner.store.read()  # KerasTuner's workers, if there are any, wrote files that this process has not seen
        self._recall()
        self.runner.store.write_numbers()
        self._write()
        if not self.finished:
            self.oracle.flush()

    def update(self, candidate: Candidate, record: Record) -> None:
        if record.done:
            self.writing.maybe()

    def _write(self) -> None:
        store, records = self.runner.store, self.records()
        store.write(store.folder / "trials.csv", trials_csv(records, self.fields))
        store.write(store.folder / "history.csv", history_csv(records))

    def _recall(self) -> None:
        """Note the trials that KerasTuner's workers ran for an oracle of its own: the chief runs none itself."""
        for trial in () if isinstance(self.oracle, StagedOracle) else self.oracle.trials.values():
            with suppress(InputError):  # a network that the constraints or the shapes forbid
                self.runner.known(self.runner.candidate(trial.hyperparameters.values))

    def records(self) -> list[Record]:
        """The finished trials by their numbers, those of the search that this one extends included."""
        return self.runner.store.numbered()


def _allowed(hyperspec: HyperSpec, best: Record) -> Callable[[str, object], bool]:
    """Whether the best network may have another value of one field."""

    def allowed(path: str, value: object) -> bool:
        values = {**best.values, path: value}
        try:
            hyperspec.constraint_check.spec(values)
        except InputError:
            return False
        return not hyperspec.constraint_check.verdict(values)

    return allowed


def with_ranges(tune: Tune, ranges: Mapping[str, Mapping[str, object]]) -> Tune:
    """The search with other ends of some ranges, `{path: {"range": [low, high]}}`."""
    space = dict(tune.space)
    for path, described in ranges.items():
        if "range" in described:
            own = space[path]
            space[path] = Distribution.model_validate({own.kind: described["range"], "when": own.when})
    return tune.model_copy(update={"space": space})


def show_search(folder: Path) -> list[str]:
    """The table of a finished or stopped search, as lines, from its files. Raises `InputError`."""
    manifest = Manifest.read(folder)
    store = Store(folder, set_aside=False)
    store.read()
    broken = [f"warning: {shown(path)} cannot be read; the search runs its trial again" for path in store.broken]
    return table_lines(manifest, list(store.records.values())) + broken
