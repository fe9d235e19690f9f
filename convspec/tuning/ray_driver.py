"""Trials on several processes or machines, by Ray.

The driver holds the oracle and the folder; each worker keeps its compiled networks, and one GPU or a share of it.
Workers come and go: a node that joins is given workers, and the trial of a worker that is gone is given to another. A
driver that dies goes on from the folder as any search does.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import keras_tuner

from ..data.cache import data_key
from ..language import InputError
from ..language.writing import plain
from ..printing import counted
from ..private_names import set_project_folder
from ..training.progress import duration
from .cluster import Cluster, Death, running, tick
from .planning import Candidate
from .pool import Notify, Worker, WorkerPool, in_words
from .trial import Outcome, Row
from .tuner import TrialRunner, begun, metrics_of

if TYPE_CHECKING:
    import ray

POLL = 0.1
"""Seconds between two queries of the workers."""

HEARTBEAT = 1.0
"""Seconds between two heartbeats that a worker is asked for."""

SILENCE = 30.0
"""Seconds without an answer after which a worker counts as gone."""

ATTEMPTS = 3
"""Workers that a trial may end, or hang, before it has failed."""

SLOWER = 10.0
"""A trial is stuck when it takes so many times as long for an epoch as the slowest known, and longer than `LEAST`."""

LEAST = 300.0
"""Seconds for an epoch before which no trial is stuck, since compiling takes its time too."""

UNKNOWN = 600.0
"""Seconds without an epoch after which a warning names a trial while no epoch's duration is known."""

HINT = "a smaller train.batch_size or a smaller network needs less memory"


def run_on_ray(
    oracle: keras_tuner.Oracle, runner: TrialRunner, workers: int, address: str | None, limit: float | None, say: Notify
) -> None:
    """Run all trials of an oracle; `limit` is the seconds that a trial may take, `say` gets a line for each worker
    that comes or goes.

    Raises `InputError` without Ray, where the cluster does not answer, or where no worker is left; `KeyboardInterrupt`
    where a stop was asked for.
    """
    oracle.verbose = 0
    set_project_folder(oracle, runner.store.folder, "keras_tuner")
    driver = _Driver(oracle, runner, workers, limit, say)
    if not driver.prepare():  # all is known already
        return
    with running(workers, address) as cluster:
        driver.run(cluster)


@dataclass
class Task:
    """A trial that has to be trained, and what came of it so far."""

    number: int
    name: str
    trial: keras_tuner.engine.trial.Trial
    candidate: Candidate
    crashes: list[str]
    begun: float = 0.0
    progress: float = 0.0
    """When it was begun, and when an epoch of it ended last."""
    history: list[Row] = field(default_factory=list)
    """The epochs of this attempt, as far as they are known."""
    warned: int = 0


class _Driver:
    """Hands trials to idle workers, takes back what they came to, and notices who is gone."""

    pool: WorkerPool

    def __init__(
        self, oracle: keras_tuner.Oracle, runner: TrialRunner, workers: int, time_limit: float | None, notify: Notify
    ) -> None:
        self.oracle, self.runner, self.wanted = oracle, runner, workers
        self.time_limit, self.notify = time_limit, notify
        self.document = plain(runner.hyperspec.spec.source) | {"tune": tune_document(runner)}
        self.data: dict[str, ray.ObjectRef] = {}
        self.again: list[Task] = []
        self.tasks = 0
        self.now = time.monotonic()
        self.epoch_seconds, self.epoch_macs = 0.0, 0
        self.more, self.training = True, False

    def prepare(self) -> bool:
        """Whether there is anything to train, before anybody is asked to."""
        first = self._next()
        self.again += [first] if first is not None else []
        return bool(self.again) or self.more

    def run(self, cluster: Cluster) -> None:
        """Until the oracle has no more."""
        self.pool = pool = WorkerPool(cluster, self.wanted, self.document, self.notify)
        self.now = time.monotonic()
        try:
            while self.more or self.again or any(worker.task for worker in pool.workers):
                self._watch()
                self._hand_out()
                references = [worker.result for worker in pool.workers if worker.result is not None]
                done = cluster.ready(references, POLL)
                for worker in [one for one in pool.workers if one.result in done]:
                    self._take_back(worker)
        finally:
            pool.close()

    def _watch(self) -> None:
        """Take in what has changed since the last call."""
        tick()
        last, self.now = self.now, time.monotonic()
        passed = min(self.now - last, 1.0)  # while this process was stopped itself, nobody could answer it
        for worker in self.pool.list_nodes(self.now):
            self._lose(worker, Death("its machine is lost", machine=True))
        for worker in list(self.pool.workers):
            if worker.process is None:
                self.pool.greet(worker)
            else:
                self._listen(worker, passed)
            if worker in self.pool.workers and worker.task is not None:
                self._check_time(worker)
        wanted = self.more or bool(self.again)
        if wanted:
            self.pool.start_missing(late=self.training)
        self.pool.check_alone(wanted=wanted)

    # --- is it alive

    def _listen(self, worker: Worker, passed: float) -> None:
        """Ask a worker for its epochs; one that does not answer for long is gone."""
        worker.silent += passed
        if worker.heartbeat is not None and self.pool.cluster.ready([worker.heartbeat]):
            heartbeat, worker.heartbeat = worker.heartbeat, None
            try:
                number, rows = self.pool.cluster.value(heartbeat)
            except Exception as error:
                self._lose(worker, self.pool.death(worker, error))
                return
            worker.silent = 0.0
            if worker.task is not None and number == worker.task.number:
                self._epochs(worker.task, rows)
        if worker.heartbeat is None and self.now - worker.asked >= HEARTBEAT:
            worker.asked = self.now
            worker.heartbeat = worker.actor.alive.options(concurrency_group="heartbeat").remote()
        if worker.silent > SILENCE:
            death = self.pool.death(worker, None)
            words = "its machine did not answer" if death.machine else "it did not answer"
            self._lose(worker, replace(death, words=f"{words} for {SILENCE:.0f} s", memory=False))

    def _epochs(self, task: Task, rows: list[Row]) -> None:
        """Write the epochs of a running trial into its file."""
        if len(rows) <= len(task.history):
            return
        self._learn(task.candidate, rows[len(task.history) :])
        task.history, task.progress = list(rows), self.now
        begin = begun(task.candidate)
        self.runner.report(task.candidate, replace(begin, history=rows, crashes=list(task.crashes)))

    def _learn(self, candidate: Candidate, rows: list[Row]) -> None:
        """Remember how long the slowest epoch took, and of how large a network."""
        slowest = max((row.get("seconds", 0.0) for row in rows), default=0.0)
        if slowest > self.epoch_seconds:
            self.epoch_seconds = slowest
        self.epoch_macs = max(self.epoch_macs, _macs(candidate))

    def _check_time(self, worker: Worker) -> None:
        """End a trial that takes longer than it may; warn of one whose limit is unknown."""
        task = worker.task
        assert task is not None
        if self.time_limit is not None:
            if self.now - task.begun > self.time_limit:
                self._stop_slow(worker, task)
            return
        waited = self.now - task.progress
        if self.epoch_seconds:
            limit = max(LEAST, SLOWER * self.epoch_seconds * max(1.0, _macs(task.candidate) / max(1, self.epoch_macs)))
            if waited > limit:
                words = f"{task.name} has ended no epoch for {duration(limit)}"
                self._lose(worker, replace(self.pool.death(worker, None), words=words, machine=False, memory=False))
        elif waited > UNKNOWN * 2**task.warned:
            task.warned += 1
            self.notify(
                f"{task.name} on {worker} has ended no epoch for {duration(waited)}; --time-limit ends such trials"
            )

    def _stop_slow(self, worker: Worker, task: Task) -> None:
        """A trial that is over `--time-limit`: slow where it has got on, stuck where it has not."""
        limit = duration(self.time_limit or 0.0)
        if not task.history:
            words = f"{task.name} has ended no epoch within the time limit of {limit}"
            self._lose(worker, replace(self.pool.death(worker, None), words=words, machine=False, memory=False))
            return
        self.pool.end(worker)
        self.pool.death(worker, None)
        reason = f"takes longer than the time limit of {limit}: it ended after {counted(len(task.history), 'epoch')}"
        self._finish(worker, task, self._failed(task, reason))

    # --- who is gone

    def _lose(self, worker: Worker, death: Death) -> None:
        """Give a worker up, and its trial to another, unless the trial ended as many as it may."""
        joined = sum(one.process is not None for one in self.pool.workers)
        self.pool.end(worker)
        self.notify(f"1 of {counted(joined, 'worker')} is gone: {worker}: {death.words}")
        task = worker.task
        if task is None:
            return
        if death.machine:  # a machine's end is not the trial's doing
            self.again.append(task)
            self.notify(f"{task.name} is given to another worker")
            return
        task.crashes.append(f"{worker}: {death.words}")
        if len(task.crashes) < ATTEMPTS:
            self.runner.store.put(replace(begun(task.candidate), crashes=list(task.crashes)))
            self.again.append(task)
            self.notify(f"{task.name} is tried again, attempt {len(task.crashes) + 1} of {ATTEMPTS}")
            return
        hint = f"; {HINT}" if death.memory else ""
        reason = f"ended its worker in each of {ATTEMPTS} attempts; in the last one {death.words}{hint}"
        self._finish(worker, task, self._failed(task, reason))

    def _failed(self, task: Task, reason: str) -> Outcome:
        """What a trial came to that did not get to its end: the epochs that are known, and the time it took."""
        return Outcome("failed", reason, seconds=self.now - task.begun, history=task.history)

    # --- trials

    def _hand_out(self) -> None:
        """Give every idle worker a trial."""
        for worker in self.pool.workers:
            if worker.process is None or worker.task is not None:
                continue
            task = self.again.pop(0) if self.again else self._next()
            if task is None:
                return
            self._begin(worker, task)

    def _next(self) -> Task | None:
        """The next trial that has to be trained; those that are known, or forbidden, end at once."""
        metric = self.runner.metric
        while self.more:
            tick()
            trial = self.oracle.create_trial(f"task{self.tasks}")  # one that asked before gets the same again
            if trial.status == "STOPPED":
                self.more = False
                return None
            if trial.status == "IDLE":
                return None
            try:
                candidate = self.runner.candidate(trial.hyperparameters.values)
            except InputError:
                self._report(trial, metrics_of(None, metric))
                continue
            known = self.runner.known(candidate)
            if known is not None:
                self._report(trial, metrics_of(known, metric))
                continue
            self.tasks += 1
            before = self.runner.store.unfinished(candidate.key)
            name = f"trial {self.runner.store.number(candidate.key):04d}"
            return Task(self.tasks, name, trial, candidate, list(before.crashes) if before else [])
        return None

    def _begin(self, worker: Worker, task: Task) -> None:
        candidate = task.candidate
        key = data_key(candidate.spec)
        if key not in self.data:
            self.data[key] = self.pool.cluster.ray.put(self.runner.load(candidate.spec))
        rule, best_score = self.runner.rule(candidate), self.runner.best_score()
        self.tasks += 1
        task.number, task.history, task.warned = self.tasks, [], 0
        task.begun = task.progress = self.now = time.monotonic()
        worker.task, self.training = task, True
        values = candidate.values if candidate.stage else {}  # stage 0 is the spec as it is written
        worker.result = worker.actor.run.remote(task.number, self.data[key], candidate.epochs, values, rule, best_score)

    def _take_back(self, worker: Worker) -> None:
        """What a worker came to. Raises its error as its own: Ray's has a worker's traceback for a text."""
        task = worker.task
        assert task is not None
        try:
            outcome: Outcome = self.pool.cluster.value(worker.result)
        except InputError as error:
            raise getattr(error, "cause", error) from None
        except self.pool.cluster.ray.exceptions.RayTaskError as error:  # an error in the worker, which is alive
            outcome = self._failed(task, in_words(error))
        except Exception as error:
            self._lose(worker, self.pool.death(worker, error))
            return
        worker.task = worker.result = None
        self._learn(task.candidate, outcome.history)
        self._finish(worker, task, outcome)

    def _finish(self, worker: Worker, task: Task, outcome: Outcome) -> None:
        begin = replace(begun(task.candidate), node=worker.node.name, versions=self.pool.versions_of(worker))
        record = self.runner.finish(task.candidate, outcome, replace(begin, crashes=list(task.crashes)))
        self._report(task.trial, metrics_of(record, self.runner.metric))

    def _report(self, trial: keras_tuner.engine.trial.Trial, metrics: dict[str, float]) -> None:
        self.oracle.update_trial(trial.trial_id, metrics)
        trial.status = "COMPLETED"
        self.oracle.end_trial(trial)


def tune_document(runner: TrialRunner) -> dict[str, object]:
    """The `tune:` section as a document has it, with ranges that were moved."""
    return runner.tune.model_dump(mode="json", exclude_defaults=True)


def _macs(candidate: Candidate) -> int:
    return sum(node.macs or 0 for node in candidate.spec.graph.nodes)
