"""Whole commands in processes of their own that need not import TensorFlow, which takes longer than what is tested.

A server of Python's `multiprocessing` has imported it and forks itself for each command. What a start of Python from
nothing does is tested elsewhere: tests/test_keras_import.py, tests/test_imports.py, tests/data/test_matrix.py.
"""

from __future__ import annotations

import importlib
import multiprocessing
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import weakref
from collections.abc import Mapping, Sequence
from pathlib import Path

CONTEXT = multiprocessing.get_context("forkserver")
CONTEXT.set_forkserver_preload(["convspec.training.train", "convspec.tuning.searching", "convspec.api.report"])


class Command:
    """`convspec ARGUMENTS`, with the interface of `subprocess.Popen` as far as tests need it."""

    def __init__(
        self,
        arguments: Sequence[str],
        *,
        env: Mapping[str, str] | None = None,
        new_group: bool = False,
        constants: Mapping[str, object] | None = None,
    ) -> None:
        """`constants` replaces constants of modules by their full names, such as seconds to wait."""
        folder = tempfile.mkdtemp()
        weakref.finalize(self, shutil.rmtree, folder, ignore_errors=True)
        self._files = [Path(folder) / name for name in ("out", "err")]
        for file in self._files:
            file.touch()
        environment = dict(os.environ if env is None else env)
        given = (list(arguments), environment, str(Path.cwd()), new_group, dict(constants or {}))
        self._process = CONTEXT.Process(target=_run, args=(*given, *map(str, self._files)), daemon=True)
        self._process.start()
        assert self._process.pid is not None
        self.pid: int = self._process.pid

    @property
    def returncode(self) -> int | None:
        """The exit status, negative for a signal's number; None while it runs."""
        return self._process.exitcode

    def poll(self) -> int | None:
        """As `returncode`."""
        return self._process.exitcode

    def wait(self, timeout: float | None = None) -> int:
        """The exit status at the end."""
        self._process.join(timeout)
        if self._process.exitcode is None:
            raise subprocess.TimeoutExpired("convspec", timeout or 0.0)
        return self._process.exitcode

    def send_signal(self, number: int) -> None:
        """To this process alone."""
        os.kill(self.pid, number)

    def kill(self) -> None:
        """With SIGKILL."""
        os.kill(self.pid, signal.SIGKILL)

    def output(self) -> tuple[str, str]:
        """What it has written to stdout and stderr until now."""
        out, err = (file.read_text("utf-8", "replace") for file in self._files)
        return out, err

    def wait_for(self, text: str) -> None:
        """Until it has written a text to stdout."""
        while text not in self.output()[0]:
            assert self.poll() is None, self.output()
            time.sleep(0.02)

    def communicate(self, timeout: float | None = None) -> tuple[str, str]:
        """What it wrote, at its end."""
        self.wait(timeout)
        return self.output()


def command(arguments: Sequence[str], *, env: Mapping[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    """Run a command to its end."""
    process = Command(arguments, env=env)
    code = process.wait(600)
    return subprocess.CompletedProcess(list(arguments), code, *process.output())


def succeed(arguments: Sequence[str], *, env: Mapping[str, str] | None = None) -> str:
    """Run a command that has to succeed; its output."""
    done = command(arguments, env=env)
    assert done.returncode == 0, done.stderr
    return done.stdout


def _run(
    arguments: list[str],
    environment: dict[str, str],
    folder: str,
    new_group: bool,
    constants: dict[str, object],
    output: str,
    errors: str,
) -> None:
    """In the forked process: what a shell and the start of Python set up, then the command."""
    if new_group:
        os.setpgid(0, 0)
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    signal.signal(signal.SIGINT, signal.default_int_handler)  # the server ignores it
    for number, path in ((1, output), (2, errors)):
        descriptor = os.open(path, os.O_WRONLY | os.O_APPEND)
        os.dup2(descriptor, number)
        os.close(descriptor)
    sys.stdout = open(1, "w", encoding="utf-8", closefd=False)  # noqa: SIM115
    sys.stderr = open(2, "w", encoding="utf-8", closefd=False, buffering=1)  # noqa: SIM115
    sys.argv = ["convspec", *arguments]
    for name, value in constants.items():
        module, _, constant = name.rpartition(".")
        setattr(importlib.import_module(module), constant, value)
    from convspec.__main__ import main

    code = main()
    sys.stdout.flush()
    sys.exit(code)
