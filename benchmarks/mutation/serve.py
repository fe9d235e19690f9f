"""The process that imports TensorFlow and the tests, and forks from then on."""

from __future__ import annotations

import argparse
import importlib
import os
import sys
from pathlib import Path

import pytest

from .choosing import BY_THE_CLOCK, PROCESSES, file_of, names_of
from .files import ROOT, VERDICTS, change, prepare, read, results
from .processes import OPTIONS, Examples, Zygote
from .reach import record
from .run import Run

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


class Server:
    """Instead of running the tests: records what they reach, or tries mutants on them."""

    def __init__(self, folder: Path, copy: Path, zygote: Zygote, args: argparse.Namespace) -> None:
        self.folder = folder
        self.copy = copy
        self.zygote = zygote
        self.args = args

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:  # noqa: D102
        if report.failed:
            print(f"NOT COLLECTED {report.nodeid}\n{report.longrepr}", flush=True)

    def pytest_runtestloop(self, session: pytest.Session) -> bool:  # noqa: D102
        from tensorflow.python.eager import context

        if context.context()._initialized:
            raise RuntimeError("TensorFlow has computed something while the tests were collected: a fork would hang")
        if self.args.command == "reach":
            record(self.folder, self.copy, session.items, self.args.cases)
        else:
            Run(self.folder, self.copy, self.zygote, session.items, self.args).all()
        sys.stdout.flush()
        os._exit(0)


def _tests(folder: Path, args: argparse.Namespace) -> list[str]:
    """The files that are imported, and those that are not."""
    ignored = [f"--ignore={file}" for file in (*PROCESSES, *BY_THE_CLOCK)]
    if args.tests:
        return [*args.tests, *(ignored if args.command == "reach" else [])]
    if args.command == "run" and args.mode == "named":
        missed = {change(row) for row in results(folder / "results.jsonl").values() if not row["noticed"]}
        files = names_of({change(row): row for row in read(VERDICTS) if change(row) in missed})
    elif args.command == "run" and args.mode == "repeat":
        files = sorted({file_of(row["by"]) for row in read(folder / "results.jsonl") if row["by"].startswith("tests/")})
    else:
        return ["tests", *ignored]
    return [file for file in files if (ROOT / file).exists()]


def serve(folder: Path, args: argparse.Namespace) -> None:
    """Import everything, then record or run."""
    copy = prepare(folder, folder / "_".join([args.command, *([args.mode] if args.command == "run" else [])]))
    tests = _tests(folder, args)
    os.chdir(copy)
    sys.path[:] = [str(copy), *(place for place in sys.path if Path(place or ".").resolve() != ROOT)]
    for name in [name for name in sys.modules if name.partition(".")[0] == "benchmarks"]:
        del sys.modules[name]
    os.environ["MUTATION_ERRORS"] = str(folder / "error.txt")
    os.environ.update(PYTHONPATH=str(copy), PYTHONDONTWRITEBYTECODE="1", TF_CPP_MIN_LOG_LEVEL="3")
    for name in IMPORTED:
        importlib.import_module(name)
    zygote = Zygote(copy.with_suffix(".failed"))
    full = args.command == "run" and args.mode != "quick"
    os._exit(int(pytest.main([*OPTIONS, *tests], plugins=[Examples(full), Server(folder, copy, zygote, args)])))
