"""Which tests a mutant is tried on."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from pathlib import Path

from .files import Row
from .mutants import package_of

PROCESSES = (
    "tests/data/test_matrix.py",
    "tests/test_gpu_benchmark.py",
    "tests/test_interrupts.py",
    "tests/test_repeated_commands.py",
    "tests/test_site.py",
    "tests/training/test_backends.py",
    "tests/training/test_devices.py",
    "tests/training/test_killed.py",
    "tests/tuning/test_backends.py",
    "tests/tuning/test_cluster.py",
    "tests/tuning/test_killed.py",
    "tests/tuning/test_workers.py",
)
"""Tests that start processes of their own and take long; a mutant is tried on them only if its verdict names them."""

BY_THE_CLOCK = ("tests/language/test_hostile.py", "tests/test_reliability.py")
"""Tests that fail on a busy machine; the same holds for them."""

BUDGET = 4.0
"""Processor seconds of tests, as recorded, that a mutant is tried on at first."""
FULL_BUDGET = 15.0
GIVEN_UP = 20.0
"""Processor seconds of a test that was given up when what it reaches was recorded, at least."""
MOST_CASES = 40
"""Tests of one file at first: many cases of one test tell little more."""
MOST_FILES = 8
"""Files at first that a process without the package has to import."""


def file_of(test: str) -> str:
    """The file of a test."""
    return test.partition("::")[0]


def _plain(test: str) -> str:
    """A test without its class and its case."""
    file, _, name = test.partition("[")[0].partition("::")
    return "::".join([file, *([name.rpartition("::")[2]] if name else [])])


def _meanings(test: str) -> tuple[str, str]:
    return _plain(test), file_of(test)


class Tests:
    """The tests that were collected, and what is known of those that were recorded."""

    def __init__(self, items: Iterable[str], reach: Iterable[Row]) -> None:
        self.items = list(items)
        self.known = set(self.items)
        rows = [row for row in reach if row["test"] in self.known]
        self.failing = {row["test"] for row in rows if not row["passed"]}
        self.seconds: dict[str, float] = {row["test"]: max(row["seconds"], 0.005) for row in rows if row["passed"]}
        self.reaching: dict[tuple[str, int], list[str]] = defaultdict(list)
        self.reaching_file: dict[str, list[str]] = defaultdict(list)
        for row in rows:
            for file, lines in (row["lines"] if row["passed"] else {}).items():
                self.reaching_file[file].append(row["test"])
                for line in lines:
                    self.reaching[file, line].append(row["test"])

    def needed(self, tests: Iterable[str]) -> float:
        """Processor seconds of tests: a second for each that was not recorded, many if its record was given up."""
        return sum(self.seconds.get(test, GIVEN_UP if test in self.failing else 1.0) for test in tests)

    def quick(self, mutant: Row, fresh: bool) -> list[str]:
        """The quickest of those that reach the line, or else the file."""
        own = self.reaching[mutant["path"], mutant["line"]]
        nearest = self._nearest(mutant["path"]) if fresh or not own else []
        return self._within(BUDGET, dict.fromkeys([*own, *nearest]), MOST_CASES, MOST_FILES if fresh else 1000)

    def more(self, mutant: Row) -> list[str]:
        """Those that reach the file or are of its package, all cases of each, those that reach the line first."""
        own = {test.partition("[")[0] for test in self.reaching[mutant["path"], mutant["line"]]}
        near = {test.partition("[")[0] for test in (*self._nearest(mutant["path"]), *self._package(mutant["path"]))}
        whole = [test for test in self.items if test not in self.failing]
        first = self._within(FULL_BUDGET, (test for test in whole if test.partition("[")[0] in own))
        others = (test for test in whole if test.partition("[")[0] in near - own)
        return first + self._within(FULL_BUDGET - self.needed(first), others)

    def named(self, names: Iterable[str]) -> list[str]:
        """Those that a verdict names: a test, one case of it, or all of a file."""
        found: dict[str, None] = {}
        for name in names:
            asked = [name] if name in self.known else [test for test in self.items if _plain(name) in _meanings(test)]
            found |= dict.fromkeys(asked)
        return list(found)

    def _within(self, budget: float, tests: Iterable[str], cases: int = 1000, most: int = 1000) -> list[str]:
        """The quickest that need no more than the budget together, those of one file beside each other."""
        chosen, spent, files = list[str](), 0.0, Counter[str]()
        for test in sorted(tests, key=lambda test: self.seconds.get(test, 1.0)):
            file = file_of(test)
            if files[file] >= cases or (file not in files and len(files) >= most):
                continue
            spent += self.seconds.get(test, 1.0)
            if chosen and spent > budget:
                break
            files[file] += 1
            chosen.append(test)
        order = {file: place for place, file in enumerate(dict.fromkeys(map(file_of, chosen)))}
        return sorted(chosen, key=lambda test: order[file_of(test)])  # shared fixtures are made once

    def _nearest(self, path: str) -> list[str]:
        """Those that run anything of the file, and those of the documents that are made from the code."""
        documents = [test for test in self.seconds if test.startswith("tests/test_docs.py")]
        return [*documents, *(self.reaching_file[path] or self._package(path))]

    def _package(self, path: str) -> list[str]:
        package = package_of(Path(path))
        return [test for test in self.items if test.startswith(f"tests/{package}/")]


def names_of(verdicts: Mapping[str, Row]) -> list[str]:
    """The files of all tests that verdicts name."""
    return sorted({file_of(test) for verdict in verdicts.values() for test in verdict["tests"]})
