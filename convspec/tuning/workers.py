"""Trials on several processes or machines, by Ray: it restarts a worker that dies and gives its trial to it again.

The driver holds the oracle and the folder; each worker keeps its compiled networks, and one GPU or a share of it. A
driver that dies goes on from the folder as any search does.
"""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from ..data.dataset import Dataset
from ..data.sized import data_key
from ..interrupts import raise_if_stopped, reinstall
from ..spec import Fault, FaultError
from ..spec.writing import plain
from .planning import Candidate
from .store import Store
from .trial import Outcome, Row
from .tuner import TrialRunner, attempt, begun, metrics_of

POLL = 0.2
"""Seconds between two looks at the workers."""


class TrialWorker:
    """An actor that trains candidates. What a call needs comes with it: a process that was restarted has forgotten."""

    def __init__(self, document: dict[str, Any], folder: str) -> None:
        from ..quiet import import_keras

        import_keras()
        from ..spec import load
        from .hypermodel import HyperSpec
        from .trial import Trainer

        self.hyperspec = HyperSpec(load(document))
        self.folder = Path(folder)
        self.datasets: dict[str, Dataset] = {}
        self.trainer = Trainer(self.hyperspec.tune, lambda spec: self.datasets[data_key(spec)])

    def process(self) -> int:
        """The number of this process, once it has started."""
        return os.getpid()

    def run(
        self, dataset: Dataset, stage: int, epochs: int, values: dict[str, Any], worse: Any, keep_above: float | None
    ) -> Outcome:
        """Train one candidate; each epoch is written into the search's folder, where this machine has it."""
        spec = self.hyperspec.judge.spec({} if stage == 0 else values, epochs=epochs)
        self.datasets.setdefault(data_key(spec), dataset)
        begin = begun(Candidate(stage, epochs, values, spec))

        def report(rows: list[Row]) -> None:
            if (self.folder / "trials").is_dir():
                Store(self.folder).put(replace(begin, history=rows))

        return attempt(self.trainer, spec, report=report, worse=worse, keep_above=keep_above, keep=True)


def run_on_ray(oracle: Any, runner: TrialRunner, workers: int, address: str | None) -> None:
    """Run all trials of an oracle. Raises `FaultError` without Ray, or where the cluster does not answer."""
    oracle.verbose = 0
    oracle._set_project_dir(str(runner.store.folder), "keras_tuner")
    with _ray(workers, address) as ray:
        _Driver(ray, oracle, runner, workers).run()


class _Driver:
    """Hands trials to idle workers and takes back what they came to."""

    def __init__(self, ray: Any, oracle: Any, runner: TrialRunner, workers: int) -> None:
        self.ray, self.oracle, self.runner = ray, oracle, runner
        count, resources = _share(ray.cluster_resources(), workers)
        actor = ray.remote(max_restarts=-1, max_task_retries=-1, **resources)(TrialWorker)
        spec = runner.hyperspec.spec
        document = plain(spec.source) | {"tune": tune_document(runner)}
        self.data = {data_key(spec): ray.put(runner.load(spec))}
        place = str(runner.store.folder.resolve())
        self.idle = {f"worker{number}": actor.remote(document, place) for number in range(count)}
        ray.get([worker.process.remote() for worker in self.idle.values()])
        self.busy: dict[Any, tuple[str, Any, Any, Candidate]] = {}

    def run(self) -> None:
        """Until the oracle has no more."""
        while self._hand_out() or self.busy:
            raise_if_stopped()
            done, _ = self.ray.wait(list(self.busy), num_returns=1, timeout=POLL)
            for reference in done:
                name, worker, trial, candidate = self.busy.pop(reference)
                self._end(trial, self.runner.finish(candidate, self._outcome(reference)))
                self.idle[name] = worker

    def _outcome(self, reference: Any) -> Outcome:
        """What a worker came to. Raises its fault as its own: Ray's has a worker's traceback for a text."""
        try:
            return self.ray.get(reference)  # type: ignore[no-any-return]
        except FaultError as error:
            raise getattr(error, "cause", error) from None

    def _hand_out(self) -> bool:
        """Give every idle worker a trial; whether there are more to come."""
        for name in list(self.idle):
            while True:
                trial = self.oracle.create_trial(name)
                if trial.status == "STOPPED":
                    return False
                if trial.status == "IDLE":
                    return True
                candidate = self._candidate(trial)
                if candidate is not None:
                    break
            worker = self.idle.pop(name)
            self.busy[self._start(worker, candidate)] = (name, worker, trial, candidate)
        return True

    def _candidate(self, trial: Any) -> Candidate | None:
        """The candidate of a trial that has to be trained; one that is known, or forbidden, ends at once."""
        from .oracle import HOPELESS

        metric = self.runner.metric
        try:
            candidate = self.runner.candidate(trial.hyperparameters.values)
        except FaultError:
            self._report(trial, {metric.name: HOPELESS[metric.direction], "aborted": 1.0})
            return None
        known = self.runner.known(candidate)
        if known is None:
            return candidate
        self._end(trial, known)
        return None

    def _start(self, worker: Any, candidate: Candidate) -> Any:
        key = data_key(candidate.spec)
        if key not in self.data:
            self.data[key] = self.ray.put(self.runner.load(candidate.spec))
        rule, bar = self.runner.rule(candidate), self.runner.bar()
        return worker.run.remote(self.data[key], candidate.stage, candidate.epochs, candidate.values, rule, bar)

    def _end(self, trial: Any, record: Any) -> None:
        self._report(trial, metrics_of(record, self.runner.metric))

    def _report(self, trial: Any, metrics: dict[str, float]) -> None:
        self.oracle.update_trial(trial.trial_id, metrics)
        trial.status = "COMPLETED"
        self.oracle.end_trial(trial)


def tune_document(runner: TrialRunner) -> dict[str, Any]:
    """The `tune:` section as a document has it, with ranges that were moved."""
    return runner.tune.model_dump(mode="json", exclude_defaults=True)


def _share(resources: dict[str, float], workers: int) -> tuple[int, dict[str, Any]]:
    """How many workers, and what each takes of the cluster: a GPU or a share where there are any."""
    cpus, gpus = int(resources.get("CPU", 1)), resources.get("GPU", 0.0)
    count = workers or int(gpus) or cpus
    return count, {
        "num_cpus": max(1, cpus // count) if count <= cpus else cpus / count,
        "num_gpus": min(1.0, gpus / count),
    }


@contextmanager
def _ray(workers: int, address: str | None) -> Iterator[Any]:
    """A Ray that this process starts on 127.0.0.1 alone, or a cluster that it joins; leaves others' Rays be."""
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    os.environ.setdefault("RAY_DEDUP_LOGS", "0")
    if address is None:
        # Ray turns 127.0.0.1 into the machine's own address, unless it believes that it cannot span machines.
        os.environ["RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER"] = "0"
    try:
        import ray
    except ImportError:
        raise FaultError(Fault("several workers need Ray", remedy="pip install 'convspec[distributed]'")) from None
    quiet: dict[str, Any] = {"logging_level": "ERROR", "log_to_driver": False, "configure_logging": True}
    mine = not ray.is_initialized()
    if mine and address is None:
        cpus = max(workers, os.cpu_count() or 1)
        # "local": one of its own, whatever other Ray runs on this machine, a killed search's for instance
        ray.init("local", num_cpus=cpus, include_dashboard=False, _node_ip_address="127.0.0.1", **quiet)
    elif mine and address is not None:
        _reach(address)
        ray.init(address=address, **quiet)
    reinstall()  # Ray puts a handler of its own for SIGTERM in the place of ours
    try:
        yield ray
    finally:
        if mine:
            ray.shutdown()


def _reach(address: str) -> None:
    """Raise where nothing listens at an address: Ray itself would try for minutes."""
    host, _, port = address.rpartition(":")
    try:
        with socket.create_connection((host, int(port)), timeout=10):
            return
    except (OSError, ValueError) as error:
        message = f"no Ray answers at {address}: {getattr(error, 'strerror', None) or error}"
        remedy = "`ray start --head --port=6379` starts one; see docs/tuning.md"
        raise FaultError(Fault(message, remedy=remedy)) from None
