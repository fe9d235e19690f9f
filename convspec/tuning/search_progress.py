"""What a person sees of a search: a table that fills on a terminal, a line a trial elsewhere."""

from __future__ import annotations

import sys
import time
from collections.abc import Mapping, Sequence
from functools import partial

import keras_tuner
from rich.live import Live
from rich.table import Table

from ..option_names import spoken
from ..printing import counted, printable, start_display
from ..text_tables import aligned
from ..training.progress import duration
from .manifest import Manifest
from .objective import Metric
from .planning import Candidate
from .store import FINISHED, Record, trial_name
from .strategies import StagedOracle
from .tables import short_names, trial_line, value_text
from .throttle import Throttle
from .tuner import TrialRunner

ROWS = 12
"""Trials that the live table shows."""


class SearchProgress:
    """Shows the trials of a search while it runs, unless `show` is false."""

    def __init__(
        self, runner: TrialRunner, oracle: keras_tuner.Oracle, fields: Sequence[str] = (), *, show: bool = True
    ) -> None:
        self.runner, self.oracle, self.metric, self.show = runner, oracle, runner.metric, show
        self.names = short_names(fields or [dimension.path for dimension in runner.hyperspec.space])
        self.running: dict[str, Record] = {}
        self.seen: dict[str, int] = {}
        self.started = time.monotonic()
        self.found = len(runner.store.records)
        self.live: Live | None = None
        self.drawing = Throttle(self._draw)

    def start(self, *, finished: bool = False, widens: bool = False) -> None:
        """Notify what was found, and show what runs; `widens` says that a finished search may have its ranges moved."""
        if self.found:
            others = self._by_others()
            options = "--extend or --widen" if isinstance(self.oracle, StagedOracle) else "--extend"
            if not finished:
                self.say(f"{counted(self.found, 'finished trial')} found{others}; going on")
            else:
                further = "" if widens else f"; {options} searches on"
                self.say(f"the search is finished: {counted(self.found, 'trial')}{others}{further}")
        for path in self.runner.store.broken:
            self.say(f"{path}: could not be read and is set aside; its trial runs again")
        if self.show and sys.stdout.isatty():
            self.live = start_display(partial(Live, self._table(), refresh_per_second=4, transient=True))

    def _by_others(self) -> str:
        """How many trials another version of convspec ran, or another backend; empty if none."""
        here, records = _trained_with(self.runner.versions), self.runner.store.records.values()
        found = [_trained_with(record.versions) for record in records]
        counts = {
            "another version of convspec": sum(version != here[0] for version, _ in found),
            "another backend": sum(backend not in ("", here[1]) for _, backend in found),
        }
        others = [f"{count} of {what}" for what, count in counts.items() if count]
        return f", {' and '.join(others)}, which may have trained otherwise" if others else ""

    def close(self) -> None:
        """Leave the trials that were best on the terminal, where there is one."""
        if self.live is not None:
            self.live.stop()
            for line in ranked_lines(list(self.runner.store.records.values()), self.metric, self.names)[: ROWS + 1]:
                self.say(line)

    def update(self, candidate: Candidate, record: Record) -> None:
        """Take in an epoch or the end of a trial."""
        self.seen[record.key] = len(record.history)
        if record.done:
            self.running.pop(record.key, None)
        else:
            self.running[record.key] = record
        if self.live is not None:
            self.drawing.maybe()
        elif record.done and self.show:
            numbered = len(self.runner.store.records)
            line = trial_line(record, self.metric.name, self.names, numbered, self.total())
            self.say(f"{line}  {self.left()} left")

    def total(self) -> int:
        """Trials of the whole search."""
        total = getattr(self.oracle, "total", None) or self.oracle.max_trials
        return int(total or len(self.runner.order)) + len(self.runner.store.earlier - set(self.runner.order))

    def left(self) -> str:
        """The time that is left, by the pace of the epochs so far."""
        epochs = sum(self.seen.values())
        if not epochs:
            return "?"
        known, tune = self.runner.store.records, self.runner.tune
        if isinstance(self.oracle, StagedOracle):
            ahead = sum(candidate.epochs for candidate in self.oracle.candidates if candidate.key not in known)
            ahead += sum(stage.trials * stage.epochs for stage in tune.stages[len(self.oracle.plans) :])
        else:  # KerasTuner's own decide as they go on: trials as long as those so far
            ahead = (self.total() - len(known)) * sum(record.epochs for record in known.values()) // max(1, len(known))
        repeats = tune.runs * (tune.folds or 1)
        return duration((time.monotonic() - self.started) / epochs * ahead * repeats)

    def _draw(self) -> None:
        if self.live is not None:
            self.live.update(self._table())

    def say(self, line: str) -> None:
        """Write a line, above the table where there is one."""
        if self.show:
            sys.stdout.write(spoken(line) + "\n")
            sys.stdout.flush()

    def _table(self) -> Table:
        table = Table(caption=f"{len(self.runner.store.records)} / {self.total()} trials, {self.left()} left")
        ranked = rank(list(self.runner.store.records.values()), self.metric)[:ROWS]
        header, *rows = _rows(ranked, self.metric, self.names)
        for name in header:
            table.add_column(printable(name), justify="right")
        for row in rows:
            table.add_row(*map(printable, row))
        for record in self.running.values():
            table.add_row(*map(printable, _cells("", record, self.metric, self.names)), style="dim")
        return table


def _trained_with(versions: Mapping[str, str]) -> tuple[str, str]:
    """The version of convspec and the backend that ran a trial; empty for one from before they were recorded."""
    convspec, backend = (versions.get(name, "").partition(" ")[0] for name in ("convspec", "backend"))
    return convspec, backend


def rank(records: Sequence[Record], metric: Metric) -> list[Record]:
    """Completed trials, the best first, then those that ended early."""
    return sorted(records, key=lambda one: (one.state != "completed", *metric.merit(one)))


def _cells(number: str, record: Record, metric: Metric, names: dict[str, str]) -> list[str]:
    values = [value_text(record.values[path]) if path in record.values else "" for path in names]
    values = values if record.stage else ["as written", *([""] * (len(values) - 1))]
    seen = record.history[-1].get(metric.name) if record.history else None
    score = record.score if record.score is not None else seen
    epochs = f"{int(record.history[-1]['epoch']) if record.history else 0}/{record.epochs}"
    shown = "" if score is None else f"{score:.4f}"
    return [number, trial_name(record), str(record.stage), *values, epochs, shown, record.state]


def _rows(ranked: Sequence[Record], metric: Metric, names: dict[str, str]) -> list[list[str]]:
    """The header of the table and a row for each trial, the best first."""
    header = ["rank", "trial", "stage", *names.values(), "epochs", metric.name, "state"]
    return [header, *(_cells(str(rank), record, metric, names) for rank, record in enumerate(ranked, start=1))]


def ranked_lines(records: Sequence[Record], metric: Metric, names: dict[str, str]) -> list[str]:
    """The table as text, its columns aligned."""
    return aligned(_rows(rank(records, metric), metric, names), left=(), ruler=False)


def table_lines(manifest: Manifest, records: Sequence[Record]) -> list[str]:
    """The table of a search's folder, with its counts and warnings."""
    content = manifest.content
    metric = Metric(content["objective"]["name"], content["objective"]["direction"])
    lines = ranked_lines(records, metric, short_names(manifest.fields))
    counts = {state: sum(record.state == state for record in records) for state in FINISHED}
    lines.append(", ".join(f"{count} {state}" for state, count in counts.items() if count))
    return lines + [f"warning: {warning['text']}" for warning in content.get("warnings", [])]
