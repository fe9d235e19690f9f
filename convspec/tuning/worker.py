"""A worker of a search: a process, started by Ray, that trains one candidate after the other."""

from __future__ import annotations

import os
from pathlib import Path

from ..data.cache import data_key
from ..data.dataset import Dataset
from ..keras_import import import_keras
from ..language import load
from ..training.conditions import Settings, use_settings
from .cluster import Process, note_exits, traces
from .hypermodel import HyperSpec
from .space import Values
from .trial import Outcome, Row, Trainer, Verdict
from .tuner import attempt


class TrialWorker:
    """An actor that trains candidates, on compiled networks that it keeps.

    `run` has a thread of its own; `alive` answers beside it, so that the driver can tell slow from stuck. A worker
    writes nothing into the search's folder: one that was given up, and wakes again, cannot spoil a trial.
    """

    def __init__(self, document: dict[str, object], settings: Settings) -> None:
        note_exits()
        import_keras()
        self.settings = settings
        self.hyperspec = HyperSpec(load(document))
        self.datasets: dict[str, Dataset] = {}
        self.trainer = Trainer(self.hyperspec.tune, lambda spec: self.datasets[data_key(spec)])
        self.rows: tuple[int, list[Row]] = (0, [])

    def hello(self) -> Process:
        """This process, and where its log is."""
        try:
            log = str(Path("/proc/self/fd/2").readlink())
        except OSError:  # no Linux
            log = ""
        started, _, kills = traces()(os.getpid(), log, "")
        return Process(os.getpid(), started, log, kills)

    def alive(self) -> tuple[int, list[Row]]:
        """The number of the task that runs, or ran last, and its epochs so far."""
        return self.rows

    def run(
        self, task: int, dataset: Dataset, epochs: int, values: Values, worse: Verdict, keep_above: float | None
    ) -> Outcome:
        """Train one candidate."""
        use_settings(self.settings)  # here, as Keras keeps the dtype policy of each thread apart
        self.rows = (task, [])
        spec = self.hyperspec.constraint_check.spec(values, epochs=epochs)
        self.datasets.setdefault(data_key(spec), dataset)

        def report(rows: list[Row]) -> None:
            self.rows = (task, list(rows))

        return attempt(self.trainer, spec, report=report, worse=worse, keep_above=keep_above, keep=True)
