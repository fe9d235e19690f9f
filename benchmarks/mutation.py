"""Mutation testing: is a change of the code in one random place noticed by the tests?

    python -m benchmarks.mutation draw --mutants 1800     # draw them
    python -m benchmarks.mutation reach tests/spec ...    # learn which test reaches which line, and how long it takes
    python -m benchmarks.mutation run                     # try each mutant on the tests that reach it, quickest first
    python -m benchmarks.mutation run --again             # those not noticed: all tests that reach them, in full
    python -m benchmarks.mutation run --again --on tests/spec/test_new.py   # or the tests that were written since
    python -m benchmarks.mutation table                   # what came out, by package

Everything is kept in a folder, `.mutation` unless `--folder` names another: a copy of the repository, in which the
mutants are tried, `mutants.jsonl`, `reach.jsonl` and `results.jsonl`. Each row is written as it comes, and a command
that is repeated goes on where it stopped.

One process imports TensorFlow and all tests and forks for each mutant. The fork writes the changed file into the copy,
where modules that were not imported yet and subprocesses find it, gives functions that were imported their changed
code, and runs the tests until the first failure. A change of a module's or a class's own statements needs a process
that has not imported the package: another one, that has TensorFlow alone, forks for those. Each thirtieth mutant is
followed by a control, the same tests on the code as it is; they have to pass.

Noticed means that a test fails, that the tests cannot be collected, or that they need ten times their processor time
and half a minute more. Tests that fail or take over `SLOW` seconds without any change are left out of `reach`.
"""

from __future__ import annotations

import argparse
import gc
import importlib
import json
import os
import resource
import shutil
import signal
import sys
import time
import traceback
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import FunctionType
from typing import Any

import pytest

ROOT = Path(__file__).parent.parent
COPIED = ("convspec", "tests", "docs", "examples", "benchmarks", "README.md", "CHANGELOG.md", "CONTRIBUTING.md")
ALSO = ("LICENSE", "Makefile", "pyproject.toml", "mkdocs.yml", ".gitignore")

STARTS_THREADS = ("tests/training/conftest.py", "\nimport_keras()\n")
"""A statement that starts TensorFlow's threads, after which a process cannot fork; left out in the copy."""

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
    "tests/tuning/test_without_tensorflow.py",
    "tests/tuning/test_workers.py",
)
"""Tests that start processes of their own and take long; no mutant is tried on them."""

BY_THE_CLOCK = ("tests/spec/test_hostile.py", "tests/test_reliability.py")
"""Tests that fail on a busy machine; no mutant is tried on them either."""

SLOW = 8.0
"""Processor seconds after which a test is given up when the lines that it reaches are recorded."""
BUDGET = 4.0
"""Processor seconds of tests, as recorded, that a mutant is tried on at first."""
FULL_BUDGET = 15.0
FEW_EXAMPLES = 15
"""Examples of a property test at first; `--again` tries as many as the test says."""
CONTROL_EVERY = 30
IMPORTED = (
    *(
        "numpy",
        "keras",
        "tensorflow",
        "pydantic",
        "sklearn.datasets",
        "scipy.stats",
        "PIL.Image",
        "keras_tuner",
        "yaml",
    ),
    *("coverage", "hypothesis.strategies", "_hypothesis_pytestplugin", "jsonschema", "xdist.plugin", "pytest_timeout"),
)
"""Packages that a fork finds imported: the package's, the tests', and pytest's plugins."""
OPTIONS = ("-q", "-s", "--tb=native", "-p", "no:cacheprovider", "-W", "ignore::pytest.PytestAssertRewriteWarning")


def read(path: Path) -> list[dict[str, Any]]:
    """The rows of a file; none if there is no file."""
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()] if path.exists() else []


def append(path: Path, row: dict[str, Any]) -> None:
    """Write a row at the end of a file."""
    with path.open("a", encoding="utf-8") as file:
        file.write(json.dumps(row) + "\n")


# Processes ----------------------------------------------------------------------------------------------------------


def forked(work: Callable[[], int], seconds: float, patience: float = 600.0) -> int:
    """The exit status of `work` in a fork, or minus a signal; SIGXCPU after so many seconds of the processor."""
    sys.stdout.flush()
    child = os.fork()
    if child == 0:
        status = 70
        try:
            os.setsid()
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
    end = time.monotonic() + patience
    while True:
        ended, state = os.waitpid(child, os.WNOHANG)
        if ended:
            break
        if time.monotonic() > end:
            os.killpg(child, signal.SIGKILL)
            _, state = os.waitpid(child, 0)
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
            function = getattr(item, "function", None)
            function = getattr(function, "__func__", function)
            own = getattr(function, "_hypothesis_internal_use_settings", None)
            if own is not None:
                count = own.max_examples if self.full else min(own.max_examples, FEW_EXAMPLES)
                function._hypothesis_internal_use_settings = hypothesis.settings(
                    own, max_examples=count, derandomize=True, database=None, deadline=None
                )


# What the tests reach -----------------------------------------------------------------------------------------------


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

    def rows(self, items: list[pytest.Item]) -> Iterable[dict[str, Any]]:
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


# In the process that has collected the tests ------------------------------------------------------------------------


class Server:
    """Instead of running the tests: records what they reach, or tries mutants on them."""

    def __init__(self, folder: Path, zygote: Zygote, args: argparse.Namespace) -> None:
        self.folder = folder
        self.copy = folder / place(args)
        self.zygote = zygote
        self.args = args
        self.result = self.copy.with_suffix(".failed")

    def pytest_runtestloop(self, session: pytest.Session) -> bool:  # noqa: D102
        from tensorflow.python.eager import context

        if context.context()._initialized:
            raise RuntimeError("TensorFlow has computed something while the tests were collected: a fork would hang")
        self.items = {item.nodeid: item for item in session.items}
        (self._reach if self.args.command == "reach" else self._run)()
        sys.stdout.flush()
        os._exit(0)

    # what the tests reach

    def _reach(self) -> None:
        known = {row["test"] for row in read(self.folder / "reach.jsonl")}
        files: dict[Path, list[pytest.Item]] = defaultdict(list)
        cases = Counter[str](test.partition("[")[0] for test in known)
        for item in self.items.values():
            name = item.nodeid.partition("[")[0]
            if item.nodeid not in known and cases[name] < self.args.cases:
                cases[name] += 1
                files[item.path].append(item)
        for file, items in files.items():
            start = time.monotonic()
            status = forked(lambda items=items: self._record(items), 900, 1200)  # type: ignore[misc]
            print(f"{file.relative_to(self.copy)}: {len(items)} tests, {time.monotonic() - start:.0f} s, {status}")

    def _record(self, items: list[pytest.Item]) -> int:
        recorder = Reach(self.copy)
        signal.signal(signal.SIGPROF, _too_slow)
        signal.signal(signal.SIGALRM, _too_slow)
        items[0].config.pluginmanager.register(recorder)
        recorder.coverage.start()
        for item, following in zip(items, [*items[1:], None], strict=True):
            item.ihook.pytest_runtest_protocol(item=item, nextitem=following)
        recorder.coverage.stop()
        for row in recorder.rows(items):
            append(self.folder / "reach.jsonl", row)
        return 0

    # mutants

    def _run(self) -> None:
        self.tests = [row for row in read(self.folder / "reach.jsonl") if row["passed"] and row["test"] in self.items]
        self.failing = {row["test"] for row in read(self.folder / "reach.jsonl") if not row["passed"]}
        self.seconds = {row["test"]: max(row["seconds"], 0.005) for row in self.tests}
        self.reaching: dict[tuple[str, int], list[str]] = defaultdict(list)
        self.reaching_file: dict[str, list[str]] = defaultdict(list)
        for row in self.tests:
            for file, lines in row["lines"].items():
                self.reaching_file[file].append(row["test"])
                for line in lines:
                    self.reaching[file, line].append(row["test"])
        gc.unfreeze()
        self.functions: dict[tuple[str, str, int], list[FunctionType]] = defaultdict(list)
        for each in gc.get_objects():
            if isinstance(each, FunctionType) and each.__code__.co_filename.startswith(str(self.copy / "convspec")):
                code = each.__code__
                self.functions[code.co_filename, code.co_qualname, code.co_firstlineno].append(each)
        gc.freeze()
        done = {row["key"]: row for row in read(self.folder / "results.jsonl")}
        for count, mutant in enumerate(read(self.folder / "mutants.jsonl")):
            key = f"{mutant['path']}|{mutant['line']}|{mutant['number']}"
            before = done.get(key)
            if (before is not None and before["noticed"]) or (before is None) == self.args.again:
                continue  # noticed, or not the turn of this command
            if self.args.only and not mutant["path"].startswith(tuple(self.args.only)):
                continue
            row = {name: mutant[name] for name in ("package", "path", "line", "number", "before", "after")}
            row = {"key": key, **row, **self._try(mutant, mutant["code"])}
            row["full"] = row["full"] or (before is not None and before["full"])
            failed = row["how"].removeprefix("fresh ")
            if failed in self.items and failed not in self.seconds and not self._passes(failed):
                row |= {"noticed": False, "how": f"{failed} fails without it"}
            append(self.folder / "results.jsonl", row)
            verdict = "noticed" if row["noticed"] else "SURVIVED"
            print(
                f"{count} {verdict} {row['how']} {row['seconds']}s {key}: {row['before']} => {row['after']}", flush=True
            )
            if count % CONTROL_EVERY == 0:
                control = {
                    "key": f"control {key}",
                    **self._try(mutant, (self.copy / mutant["path"]).read_text("utf-8")),
                }
                append(self.folder / "controls.jsonl", control)
                if control["noticed"]:
                    print(f"CONTROL FAILED {control}", flush=True)

    def _passes(self, test: str) -> bool:
        """Whether a test passes without any change."""
        return forked(lambda: self._patched([test], {}), 120) == 0

    def _try(self, mutant: dict[str, Any], code: str) -> dict[str, Any]:
        """Run the tests that reach the mutant."""
        path = self.copy / mutant["path"]
        original = path.read_text("utf-8")
        stamp = path.stat()
        start = time.monotonic()
        self.result.unlink(missing_ok=True)
        tests, fresh = self._choose(mutant, original, code)
        needed = sum(self.seconds.get(test, 1.0) for test in tests)
        path.write_text(code, "utf-8")
        try:
            if fresh is None:
                status = self.zygote.run(tests, 10 * needed + 60, self.args.again)
            else:
                status = forked(lambda: self._patched(tests, fresh), 10 * needed + 30)
        finally:
            path.write_text(original, "utf-8")
            os.utime(path, ns=(stamp.st_atime_ns, stamp.st_mtime_ns))
        failed = self.result.read_text("utf-8") if self.result.exists() else ""
        return {
            "noticed": status != 0,
            "how": ("fresh " if fresh is None else "")
            + (failed or {0: "", -signal.SIGXCPU: "too long"}.get(status, f"status {status}")),
            "tests": len(tests),
            "reached": bool(self.reaching[mutant["path"], mutant["line"]]),
            "full": self.args.again and not self.args.on,
            "seconds": round(time.monotonic() - start, 1),
        }

    def _choose(self, mutant: dict[str, Any], original: str, code: str) -> tuple[list[str], Any]:
        """The tests to run, and what of the imported code to change; None if that is not possible."""
        file = str(self.copy / mutant["path"])
        name = ".".join(Path(mutant["path"]).with_suffix("").parts).removesuffix(".__init__")
        changed = changed_functions(original, code, file) if original != code else {}
        if changed is not None and name in sys.modules and any(place not in self.functions for place in changed):
            changed = None
        reaching = self.reaching[mutant["path"], mutant["line"]] or self._nearest(mutant["path"])
        if self.args.again:  # every case of a test, also of those that were not recorded
            names = {test.partition("[")[0] for test in (*reaching, *self._nearest(mutant["path"]))}
            reaching = [test for test in self.items if test.partition("[")[0] in names and test not in self.failing]
        if changed is None and not self.args.again:
            own = self.reaching[mutant["path"], mutant["line"]]
            reaching = list(dict.fromkeys([*own, *self._nearest(mutant["path"])]))
        if self.args.on:
            return [test for test in self.items if test.startswith(tuple(self.args.on))], changed
        chosen, spent, files = [], 0.0, Counter[str]()
        most = FULL_BUDGET if self.args.again else BUDGET
        for test in sorted(reaching, key=lambda test: self.seconds.get(test, 1.0)):
            module = test.partition("::")[0]
            if changed is None and not self.args.again and module not in files and len(files) > 8:
                continue
            if files[module] >= 40 and not self.args.again:  # many cases of one test tell little more
                continue
            spent += self.seconds.get(test, 1.0)
            if chosen and spent > most:
                break
            files[module] += 1
            chosen.append(test)
        order = list(dict.fromkeys(test.partition("::")[0] for test in chosen))
        chosen.sort(key=lambda test: order.index(test.partition("::")[0]))  # shared fixtures are made once
        return chosen, changed

    def _nearest(self, path: str) -> list[str]:
        """Tests that run anything of the file, and those of the documents that are made from the code."""
        documents = [test for test in self.seconds if test.startswith("tests/test_docs.py")]
        package = package_of(Path(path))
        own = [test for test in self.seconds if test.startswith(f"tests/{package}/")] if package != "top" else []
        if self.args.again:
            return list(dict.fromkeys([*documents, *self.reaching_file[path], *own]))
        return list(dict.fromkeys([*documents, *(self.reaching_file[path] or own)]))

    def _patched(self, tests: list[str], changed: dict[Any, Any]) -> int:
        """Run the tests with functions changed; in a fork."""
        for place, code in changed.items():
            for function in self.functions[place]:
                function.__code__ = code
        items = [self.items[test] for test in tests]
        failed = Failed(self.result)
        items[0].config.pluginmanager.register(failed)
        for item, following in zip(items, [*items[1:], None], strict=True):
            item.ihook.pytest_runtest_protocol(item=item, nextitem=following)
            if failed.failed:
                return 1
        return 0


# Commands -----------------------------------------------------------------------------------------------------------


def place(args: argparse.Namespace) -> str:
    """The folder of the copy in which a command works, so that two of them do not meet."""
    return f"{args.command}_again" if getattr(args, "again", False) else str(args.command)


def prepare(folder: Path, copy: Path) -> Path:
    """A copy of the repository in the folder; its package as it was drawn from, its tests as they are now."""
    copy.mkdir(parents=True, exist_ok=True)
    for name in COPIED:
        source, target = (folder if name == "convspec" else ROOT) / name, copy / name
        if source.is_dir():
            shutil.copytree(source, target, dirs_exist_ok=True, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy2(source, target)
    for name in ALSO:
        shutil.copy2(ROOT / name, copy / name)
    path, statement = STARTS_THREADS
    (copy / path).write_text((ROOT / path).read_text("utf-8").replace(statement, ""), "utf-8")
    return copy


def draw(folder: Path, count: int, seed: int) -> None:
    """Draw the mutants."""
    path = folder / "mutants.jsonl"
    folder.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    shutil.rmtree(folder / "convspec", ignore_errors=True)
    shutil.copytree(ROOT / "convspec", folder / "convspec", ignore=shutil.ignore_patterns("__pycache__"))
    for mutant in sample(folder, count, seed):
        append(path, mutant._asdict())


def serve(folder: Path, args: argparse.Namespace) -> None:
    """Import everything, then record or run."""
    copy = prepare(folder, folder / place(args))
    os.chdir(copy)
    sys.path[:] = [str(copy), *(place for place in sys.path if Path(place or ".").resolve() != ROOT)]
    for name in [name for name in sys.modules if name.partition(".")[0] == "benchmarks"]:
        del sys.modules[name]
    os.environ["MUTATION_ERRORS"] = str(folder / "error.txt")
    os.environ.update(PYTHONPATH=str(copy), PYTHONDONTWRITEBYTECODE="1", TF_CPP_MIN_LOG_LEVEL="3")
    sys.dont_write_bytecode = False
    for name in IMPORTED:
        importlib.import_module(name)
    zygote = Zygote(copy.with_suffix(".failed"))
    plugins = [Examples(getattr(args, "again", False)), Server(folder, zygote, args)]
    tests = (args.tests if args.command == "reach" else args.on) or ["tests"]
    ignored = [f"--ignore={file}" for file in (*PROCESSES, *BY_THE_CLOCK)]
    os._exit(int(pytest.main([*OPTIONS, *ignored, *tests], plugins=plugins)))


def table(folder: Path) -> Iterable[str]:
    """By package: how many mutants were tried, and noticed at first or by more tests; then those that were not."""
    rows = {row["key"]: row for row in read(folder / "results.jsonl")}
    counts: dict[str, Counter[tuple[str, bool]]] = defaultdict(Counter)
    for row in rows.values():
        verdict = "noticed" if row["noticed"] else "missed"
        for package in (row["package"], "all"):
            counts[package][verdict, row["full"]] += 1
    yield "| package | mutants | noticed by the quick tests | by more tests | missed by them too | missed, one try |"
    yield "|---|---|---|---|---|---|"
    for package, count in sorted(counts.items(), key=lambda entry: (entry[0] == "all", entry[0])):
        cells = [count[verdict, full] for verdict in ("noticed", "missed") for full in (False, True)]
        at_once, later, once, never = cells
        yield f"| {package} | {count.total()} | {at_once} | {later} | {never} | {once} |"
    for row in rows.values():
        if not row["noticed"]:
            tries = "" if row["full"] else " (one try)"
            yield f"- `{row['path']}:{row['line']}`{tries}: `{row['before']}` becomes `{row['after']}`"


def main() -> None:
    """Run a command."""
    parser = argparse.ArgumentParser(prog="benchmarks.mutation", description=__doc__.partition("\n")[0])
    parser.add_argument("--folder", type=Path, default=Path(".mutation"))
    commands = parser.add_subparsers(dest="command", required=True)
    drawing = commands.add_parser("draw")
    drawing.add_argument("--mutants", type=int, default=1800)
    drawing.add_argument("--seed", type=int, default=1)
    reaching = commands.add_parser("reach")
    reaching.add_argument("tests", nargs="*")
    reaching.add_argument("--cases", type=int, default=1000, help="how many cases of a parametrised test, at most")
    running = commands.add_parser("run")
    running.add_argument("only", nargs="*", help="files or folders whose mutants are tried; all if none is named")
    running.add_argument(
        "--again", action="store_true", help="those that were not noticed, on all tests that reach them"
    )
    running.add_argument("--on", nargs="+", default=[], help="on the tests of these files instead, such as new ones")
    commands.add_parser("table")
    args = parser.parse_args()
    folder = args.folder.resolve()
    if args.command == "draw":
        draw(folder, args.mutants, args.seed)
    elif args.command == "table":
        print("\n".join(table(folder)))
    else:
        serve(folder, args)


from .mutants import changed_functions, package_of, sample  # noqa: E402

if __name__ == "__main__":
    main()
