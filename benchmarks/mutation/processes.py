"""Forks in which tests run, and the plugins that pytest has there."""

from __future__ import annotations

import json
import os
import resource
import signal
import sys
import time
import traceback
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

FEW_EXAMPLES = 15
"""Examples of a property test at first; later as many as the test says."""
OPTIONS = ("-q", "-s", "--tb=native", "-p", "no:cacheprovider", "-W", "ignore::pytest.PytestAssertRewriteWarning")


def forked(work: Callable[[], int], seconds: float, patience: float | None = None) -> int:
    """The exit status of `work` in a fork, or minus a signal; SIGXCPU after so many seconds of the processor.

    Or after `patience` seconds of the clock, four times as many unless given.
    """
    sys.stdout.flush()
    child = os.fork()
    if child == 0:
        status = 70
        try:
            os.setsid()
            sys.dont_write_bytecode = True
            quiet = os.open(os.devnull, os.O_RDWR)
            for stream in (0, 1, 2):
                os.dup2(quiet, stream)
            limit = int(seconds) + 1
            resource.setrlimit(resource.RLIMIT_CPU, (limit, limit + 5))
            status = work()
        except BaseException as error:  # told to whoever runs this; the status alone says little
            Path(os.environ["MUTATION_ERRORS"]).write_text(repr(error) + "\n" + traceback.format_exc(), "utf-8")
        finally:
            os._exit(status)
    end = time.monotonic() + (4 * seconds if patience is None else patience)
    while True:
        ended, state = os.waitpid(child, os.WNOHANG)
        if ended:
            break
        if time.monotonic() > end:
            os.killpg(child, signal.SIGKILL)
            os.waitpid(child, 0)
            state = signal.SIGXCPU
            break
        time.sleep(0.01)
    with suppress(ProcessLookupError):  # what its tests started and left behind
        os.killpg(child, signal.SIGKILL)
    return os.waitstatus_to_exitcode(state)


class Zygote:
    """A process that has imported TensorFlow but not the package; it forks and runs pytest in the fork."""

    def __init__(self, result: Path) -> None:
        self.result = result
        jobs, self._jobs = os.pipe()
        self._answers, answers = os.pipe()
        if os.fork() == 0:
            os.close(self._jobs)
            with os.fdopen(jobs) as lines:
                for line in lines:
                    job = json.loads(line)
                    status = forked(lambda job=job: self._pytest(**job), job["seconds"])  # type: ignore[misc]
                    os.write(answers, f"{status}\n".encode())
            os._exit(0)
        os.close(jobs)
        self._read = os.fdopen(self._answers)

    def run(self, tests: list[str], seconds: float, full: bool) -> int:
        """The exit status of pytest with these tests, which stops at the first failure."""
        os.write(self._jobs, (json.dumps({"tests": tests, "seconds": seconds, "full": full}) + "\n").encode())
        return int(self._read.readline())

    def _pytest(self, tests: list[str], seconds: float, full: bool) -> int:
        files = list(dict.fromkeys(test.partition("::")[0] for test in tests))
        return int(pytest.main([*OPTIONS, "-x", *files], plugins=[Examples(full), Only(tests), Failed(self.result)]))


class Failed:
    """Writes down the first test that fails."""

    def __init__(self, result: Path) -> None:
        self.result = result
        self.failed = False

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:  # noqa: D102
        if report.failed and not self.failed:
            self.failed = True
            self.result.write_text(report.nodeid, "utf-8")


class Only:
    """These tests in this order."""

    def __init__(self, tests: list[str]) -> None:
        self.places = {test: place for place, test in enumerate(tests)}

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:  # noqa: D102
        items[:] = sorted(
            (item for item in items if item.nodeid in self.places), key=lambda item: self.places[item.nodeid]
        )


class Examples:
    """Property tests draw the same examples each time, and few."""

    def __init__(self, full: bool) -> None:
        self.full = full

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:  # noqa: D102
        import hypothesis  # not before pytest, which rewrites the assertions of its plugin

        for item in items:
            function: Any = getattr(item, "function", None)
            function = getattr(function, "__func__", function)
            own = getattr(function, "_hypothesis_internal_use_settings", None)
            if own is not None:
                count = own.max_examples if self.full else min(own.max_examples, FEW_EXAMPLES)
                function._hypothesis_internal_use_settings = hypothesis.settings(
                    own, max_examples=count, derandomize=True, database=None, deadline=None
                )
