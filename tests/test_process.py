"""What convspec changes for the whole process while it works comes back: after the last of several threads, too."""

from __future__ import annotations

import gc
import os
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from tensorflow.python.framework import config

from convspec.keras_import import REMARK, held_back
from convspec.language.recipe import Recipe
from convspec.process import environment, without_collecting

from .process_state import changes, process_state

THREADS = 8


def test_the_state_would_show_a_change(monkeypatch: pytest.MonkeyPatch) -> None:
    before = process_state()
    monkeypatch.setenv("CONVSPEC_TEST", "1")
    np.seterr(divide="raise")
    found = changes(before, process_state())
    np.seterr(**before["NumPy's errors"])
    assert found.keys() == {"environment", "NumPy's errors"}


def test_the_terminal_comes_back_to_eight_threads(capfd: pytest.CaptureFixture[str]) -> None:
    before = os.fstat(2)[:2]

    def hold(number: int) -> None:
        for _ in range(20):
            with held_back(REMARK):
                os.write(2, f"thread {number}\n".encode())

    with ThreadPoolExecutor(THREADS) as threads:
        list(threads.map(hold, range(THREADS)))
    assert os.fstat(2)[:2] == before
    assert sorted(capfd.readouterr().err.splitlines()) == sorted(
        f"thread {n}" for n in range(THREADS) for _ in range(20)
    )


FIRST = """
import os, threading, warnings, sys, signal, gc
def state():
    return (os.fstat(2)[:2], list(warnings.filters), dict(os.environ), gc.isenabled(), gc.get_threshold(),
            signal.getsignal(signal.SIGINT), sys.stderr, sys.getrecursionlimit())
import convspec
before, errors = state(), []
def touch():
    try:
        convspec.build(convspec.load("lenet5"))
    except BaseException as error:
        errors.append(repr(error))
threads = [threading.Thread(target=touch) for _ in range(8)]
[thread.start() for thread in threads]; [thread.join() for thread in threads]
after = state()
print(errors, [index for index, (a, b) in enumerate(zip(before, after)) if a != b])
print("still there", file=sys.stderr)
"""


def test_a_first_build_from_eight_threads(tmp_path: Path) -> None:
    """Keras and TensorFlow are imported by it; what they themselves change in the warning filters is theirs."""
    done = subprocess.run([sys.executable, "-c", FIRST], capture_output=True, text=True, check=True)
    assert done.stdout in ("[] []\n", "[] [1]\n")
    assert done.stderr == "still there\n"


def test_a_collector_that_was_off_before_stays_off() -> None:
    assert gc.isenabled()
    with without_collecting():
        assert not gc.isenabled()
    assert gc.isenabled()
    gc.disable()
    try:
        with without_collecting():
            assert not gc.isenabled()
        assert not gc.isenabled()
    finally:
        gc.enable()


def test_a_recipe_that_is_deterministic_makes_nothing_else_so() -> None:
    from convspec.training.compiling import reproducible

    with reproducible(Recipe(deterministic=True)):
        assert config.is_op_determinism_enabled()
    assert not config.is_op_determinism_enabled()


@pytest.mark.parametrize("override", [False, True])
def test_an_environment_variable_holds_until_the_last_thread_leaves(
    monkeypatch: pytest.MonkeyPatch, override: bool
) -> None:
    """A enters, B enters, A leaves, B leaves."""
    name = "CONVSPEC_TEST_VARIABLE"
    monkeypatch.delenv(name, raising=False)
    entered, left, found = threading.Event(), threading.Event(), []

    def second() -> None:
        with environment({name: "ours"}, override=override):
            entered.set()
            left.wait(10)
            found.append(os.environ.get(name))

    thread = threading.Thread(target=second)
    with environment({name: "ours"}, override=override):
        thread.start()
        assert entered.wait(10)
    left.set()
    thread.join()
    assert found == ["ours"]
    assert name not in os.environ


def test_an_environment_variable_of_the_user_stays_unless_it_is_overridden(monkeypatch: pytest.MonkeyPatch) -> None:
    name = "CONVSPEC_TEST_VARIABLE"
    monkeypatch.setenv(name, "theirs")
    with environment({name: "ours"}):
        assert os.environ[name] == "theirs"
    with environment({name: "ours"}, override=True), environment({name: "ours"}):
        assert os.environ[name] == "ours"
    assert os.environ[name] == "theirs"
