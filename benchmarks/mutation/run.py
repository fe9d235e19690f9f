"""Try mutants on tests, in the process that has collected them."""

from __future__ import annotations

import argparse
import gc
import os
import signal
import sys
import time
from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path
from types import CodeType, FunctionType

import pytest

from .choosing import PROCESSES, Tests, file_of
from .files import VERDICTS, Row, append, change, key, read, results
from .mutants import Place, changed_functions
from .processes import Failed, Zygote, forked

NO_TESTS = 5
"""Pytest's status where no test has a name that was asked for: those of cases can come from what a mutant changes."""

Changed = dict[Place, CodeType] | None
"""Which imported functions a mutant changes, and into what; None if a fresh import is needed."""


class Run:
    """The mutants whose turn it is, each on its tests."""

    def __init__(
        self, folder: Path, copy: Path, zygote: Zygote, items: Iterable[pytest.Item], args: argparse.Namespace
    ) -> None:
        self.folder, self.copy, self.zygote, self.args = folder, copy, zygote, args
        self.items = {item.nodeid: item for item in items}
        self.tests = Tests(self.items, read(folder / "reach.jsonl"))
        self.verdicts = {change(row): row for row in read(VERDICTS)}
        self.failed = copy.with_suffix(".failed")
        self.functions = self._imported_functions()
        self.passing: dict[tuple[str, bool], bool] = {}

    def _imported_functions(self) -> dict[Place, list[FunctionType]]:
        gc.unfreeze()
        found: dict[Place, list[FunctionType]] = defaultdict(list)
        for each in gc.get_objects():
            if isinstance(each, FunctionType) and each.__code__.co_filename.startswith(str(self.copy / "convspec")):
                code = each.__code__
                found[code.co_filename, code.co_qualname, code.co_firstlineno].append(each)
        gc.freeze()
        return found

    def all(self) -> None:
        """Try them and write down what came out."""
        waiting = list(self._waiting())
        if self.args.mode == "named":
            waiting.sort(key=self._cost)
        for count, (mutant, before) in enumerate(waiting[: self.args.most]):
            code = (self.copy / mutant["path"]).read_text("utf-8")
            changed = self._changed(mutant, code)
            tests = self._choose(mutant, before, fresh=changed is None)
            if not tests:
                print(f"NO TESTS {key(mutant)}", flush=True)
                if self.args.mode == "named":
                    continue
            row = self._judged(mutant, tests, changed)
            row["tried"] = sorted({*before.get("tried", ()), self.args.mode})
            if self.args.mode == "named":
                row["named"] = self.verdicts[change(mutant)]["tests"]
            append(self.folder / "results.jsonl", row)
            verdict = "noticed" if row["noticed"] else "MISSED"
            print(f"{count} {verdict} by {row['by']} {row['seconds']} s {key(mutant)}", flush=True)

    def _waiting(self) -> Iterator[tuple[Row, Row]]:
        """The mutants whose turn it is, each with what is known of it."""
        done = results(self.folder / "results.jsonl")
        for mutant in read(self.folder / "mutants.jsonl"):
            before = done.get(key(mutant), {"noticed": False, "by": "", "tried": []})
            if not self.args.only or mutant["path"].startswith(tuple(self.args.only)):
                verdict = self.verdicts.get(change(mutant), {"verdict": "", "tests": []})
                if self._waits(before, verdict):
                    yield mutant, before

    def _waits(self, before: Row, verdict: Row) -> bool:
        match self.args.mode:
            case "repeat":
                return bool(before["noticed"]) and bool(before.get("carried"))
            case "named":
                return not before["noticed"] and bool(verdict["tests"]) and verdict["tests"] != before.get("named")
            case "more":
                waiting = not before["noticed"] and verdict["verdict"] != "equivalent"
                return waiting and bool(before["tried"]) and "more" not in before["tried"]
        return not before["noticed"] and "quick" not in before["tried"]

    def _choose(self, mutant: Row, before: Row, fresh: bool) -> list[str]:
        match self.args.mode:
            case "repeat":
                return self.tests.named([before["by"]]) or self.tests.quick(mutant, fresh)
            case "named":
                return self.tests.named(self.verdicts[change(mutant)]["tests"])
            case "more":
                return self.tests.more(mutant)
        return self.tests.quick(mutant, fresh)

    def _cost(self, both: tuple[Row, Row]) -> tuple[bool, float]:
        """What comes late: tests that start processes, and those that take long."""
        tests = self._choose(*both, fresh=False)
        return any(file_of(test) in PROCESSES for test in tests), self.tests.needed(tests)

    def _changed(self, mutant: Row, original: str) -> Changed:
        name = ".".join(Path(mutant["path"]).with_suffix("").parts).removesuffix(".__init__")
        changed = changed_functions(original, mutant["code"], str(self.copy / mutant["path"]))
        if changed is not None and name in sys.modules and any(place not in self.functions for place in changed):
            return None
        return changed

    def _judged(self, mutant: Row, tests: list[str], changed: Changed) -> Row:
        """What came out; a test that fails without the change, too, notices nothing and is left out."""
        start = time.monotonic()
        while True:
            by = self._fails(mutant, mutant["code"], tests, changed) if tests else ""
            if tests and not by and changed is not None and self.args.mode != "quick":
                changed = None  # what was computed while the tests were imported can hide the change
                by = self._fails(mutant, mutant["code"], tests, changed)
            if not by or self._passes(mutant, [by] if by in self.items else tests, changed is None):
                break
            print(f"FAILS WITHOUT IT {by if by in self.items else tests}", flush=True)
            tests = [test for test in tests if test != by] if by in self.items else []
        return {
            **{name: mutant[name] for name in ("package", "path", "line", "before", "after")},
            "noticed": bool(by),
            "by": by,
            "tests": len(tests),
            "reached": bool(self.tests.reaching[mutant["path"], mutant["line"]]),
            "seconds": round(time.monotonic() - start, 1),
        }

    def _passes(self, mutant: Row, tests: list[str], fresh: bool) -> bool:
        """Whether tests pass on the code as it is, run the same way."""
        if not all(self.passing.get((test, fresh)) for test in tests):
            code = (self.copy / mutant["path"]).read_text("utf-8")
            passed = not self._fails(mutant, code, tests, None if fresh else {})
            self.passing |= {(test, fresh): passed for test in tests}
            append(self.folder / "controls.jsonl", {"tests": tests, "fresh": fresh, "passed": passed})
        return all(self.passing[test, fresh] for test in tests)

    def _fails(self, mutant: Row, code: str, tests: list[str], changed: Changed) -> str:
        """The first test that fails with this code of the mutant's file; an empty text if none does."""
        path = self.copy / mutant["path"]
        original, stamp = path.read_text("utf-8"), path.stat()
        self.failed.unlink(missing_ok=True)
        seconds = 10 * self.tests.needed(tests) + 60
        path.write_text(code, "utf-8")
        try:
            if changed is None:
                status = self.zygote.run(tests, seconds, self.args.mode != "quick")
            else:
                status = forked(lambda: self._patched(tests, changed), seconds)
        finally:
            path.write_text(original, "utf-8")
            os.utime(path, ns=(stamp.st_atime_ns, stamp.st_mtime_ns))
        failed = self.failed.read_text("utf-8") if self.failed.exists() else ""
        return failed or {0: "", NO_TESTS: "", -signal.SIGXCPU: "too long"}.get(status, f"status {status}")

    def _patched(self, tests: list[str], changed: dict[Place, CodeType]) -> int:
        """Run the tests with functions changed; in a fork."""
        for place, code in changed.items():
            for function in self.functions[place]:
                function.__code__ = code
        items = [self.items[test] for test in tests]
        failed = Failed(self.failed)
        items[0].config.pluginmanager.register(failed)
        for item, following in zip(items, [*items[1:], None], strict=True):
            item.ihook.pytest_runtest_protocol(item=item, nextitem=following)
            if failed.failed:
                return 1
        return 0
