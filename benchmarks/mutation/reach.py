"""What the tests reach: for each the lines that it and its shared fixtures run, and how long it takes."""

from __future__ import annotations

import resource
import signal
import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from .files import Row, append, read
from .processes import forked

SLOW = 8.0
"""Processor seconds after which a test is given up."""


def record(folder: Path, copy: Path, items: Iterable[pytest.Item], cases: int) -> None:
    """Record, one file after another, the tests that are not recorded yet; so many cases of each at most."""
    known = {row["test"] for row in read(folder / "reach.jsonl")}
    files: dict[Path, list[pytest.Item]] = defaultdict(list)
    counts = Counter[str](test.partition("[")[0] for test in known)
    for item in items:
        name = item.nodeid.partition("[")[0]
        if item.nodeid not in known and counts[name] < cases:
            counts[name] += 1
            files[item.path].append(item)
    for file, chosen in files.items():
        start = time.monotonic()
        status = forked(lambda chosen=chosen: _record(folder, copy, chosen), 900, 1200)  # type: ignore[misc]
        told = f"{file.relative_to(copy)}: {len(chosen)} tests, {time.monotonic() - start:.0f} s"
        print(told + (f", status {status}" if status else ""), flush=True)


def _record(folder: Path, copy: Path, items: list[pytest.Item]) -> int:
    recorder = Reach(copy)
    signal.signal(signal.SIGPROF, _too_slow)
    signal.signal(signal.SIGALRM, _too_slow)
    items[0].config.pluginmanager.register(recorder)
    recorder.coverage.start()
    for item, following in zip(items, [*items[1:], None], strict=True):
        item.ihook.pytest_runtest_protocol(item=item, nextitem=following)
    recorder.coverage.stop()
    for row in recorder.rows(items):
        append(folder / "reach.jsonl", row)
    return 0


class Reach:
    """Records, for one test file in a fork, the lines that each test and each shared fixture runs."""

    def __init__(self, copy: Path) -> None:
        import coverage

        self.copy = copy
        self.coverage = coverage.Coverage(data_file=None, config_file=False, source=[str(copy / "convspec")])
        self.seconds: dict[str, float] = defaultdict(float)
        self.users: dict[str, set[str]] = defaultdict(set)
        self.failed: set[str] = set()
        self.now = ""

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Any:  # noqa: D102
        for definitions in item._fixtureinfo.name2fixturedefs.values():  # type: ignore[attr-defined]
            self.users[self._shared(definitions[-1])].add(item.nodeid)
        with self._context(item.nodeid):
            return (yield)

    @pytest.hookimpl(wrapper=True)
    def pytest_fixture_setup(self, fixturedef: Any) -> Any:  # noqa: D102
        if fixturedef.scope == "function":
            return (yield)
        with self._context(self._shared(fixturedef)):
            return (yield)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:  # noqa: D102
        if report.failed:
            self.failed.add(report.nodeid)

    @staticmethod
    def _shared(definition: Any) -> str:
        return f"{definition.baseid}::{definition.argname}"

    @contextmanager
    def _context(self, name: str) -> Iterator[None]:
        start, before = _processor_seconds(), self.now
        self.now = name
        self.coverage.switch_context(name)
        _limit(3 * SLOW if "[" not in name and not name.partition("::")[2].startswith("test_") else SLOW)
        try:
            yield
        finally:
            spent = _processor_seconds() - start
            self.seconds[name] += spent
            if before:
                self.seconds[before] -= spent
            self.now = before
            self.coverage.switch_context(before)
            _limit(SLOW if before else 0)

    def rows(self, items: list[pytest.Item]) -> Iterable[Row]:
        """For each test its seconds and the lines it and its shared fixtures run."""
        data = self.coverage.get_data()
        lines: dict[str, dict[str, set[int]]] = defaultdict(lambda: defaultdict(set))
        for file in data.measured_files():
            path = str(Path(file).relative_to(self.copy))
            for line, contexts in data.contexts_by_lineno(file).items():
                for context in contexts:
                    lines[context][path].add(line)
        for item in items:
            shared = [name for name, users in self.users.items() if item.nodeid in users]
            names = [item.nodeid, *shared]
            files = {file for name in names for file in lines[name]}
            yield {
                "test": item.nodeid,
                "seconds": round(sum(self.seconds[name] for name in names if name in self.seconds), 3),
                "passed": item.nodeid not in self.failed,
                "lines": {file: sorted(set().union(*(lines[name][file] for name in names))) for file in sorted(files)},
            }


def _processor_seconds() -> float:
    return sum(
        used.ru_utime + used.ru_stime
        for used in (resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN))
    )


def _limit(seconds: float) -> None:
    """Interrupt what runs after so many seconds of the processor, or four times as many of the clock; never if 0."""
    signal.setitimer(signal.ITIMER_PROF, seconds)
    signal.setitimer(signal.ITIMER_REAL, 4 * seconds)


class TooSlow(Exception):  # noqa: N818
    """A test took longer than `SLOW`."""


def _too_slow(*_: object) -> None:
    raise TooSlow
