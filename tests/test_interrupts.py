"""Ctrl-C and SIGTERM stop a command at a safe point, and leave a library's caller with `KeyboardInterrupt`."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from convspec import interrupts
from convspec.interrupts import Terminated, handled, raise_if_stopped

from .warm import Command

SPEC = """
name: tiny
input: [8, 8, 1]
classes: 10
body: [conv3-8, maxpool2/2]
head: {flatten: true, fc: [16]}
train: {epochs: 300, batch_size: 8, optimizer: {name: sgd, learning_rate: 0.01}}
tune:
  space: {train.optimizer.learning_rate: {log_uniform: [1.0e-3, 1.0e-1]}}
  stages: [{trials: 200, epochs: 20}]
"""


def lowest_descriptor() -> int:
    """The number that the next open file would have."""
    descriptor = os.dup(0)
    os.close(descriptor)
    return descriptor


@pytest.fixture
def handlers():
    """Python's handler of Ctrl-C, which a test may have to find; afterwards it is that again."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    free = lowest_descriptor()
    yield
    assert lowest_descriptor() == free, "a pipe is left open"
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    signal.signal(signal.SIGINT, before)


def interrupt() -> None:
    os.kill(os.getpid(), signal.SIGINT)


def test_a_signal_waits_for_the_next_safe_point(handlers: None) -> None:
    reached = []

    def work() -> None:
        with handled():
            interrupt()
            reached.append("behind the signal")
            raise_if_stopped()
            reached.append("behind the safe point")

    with pytest.raises(KeyboardInterrupt):
        work()
    assert reached == ["behind the signal"]
    raise_if_stopped()  # it is over


def test_a_signal_in_a_destructor_is_not_lost(handlers: None) -> None:
    class Dying:
        def __del__(self) -> None:
            interrupt()
            time.sleep(0.01)  # where Python would raise, and pass over it

    def work() -> None:
        with handled():
            Dying()

    with pytest.raises(KeyboardInterrupt):
        work()


def test_a_second_signal_is_raised_at_once(handlers: None) -> None:
    def work() -> None:
        with handled():
            interrupt()
            interrupt()
            pytest.fail("it goes on")

    with pytest.raises(KeyboardInterrupt):
        work()


def test_another_thread_hears_of_it_while_the_main_thread_is_busy(handlers: None) -> None:
    heard = threading.Event()
    interrupts.listen(lambda stopped: heard.set() if stopped else None)

    def work() -> None:
        with handled():
            timer = threading.Timer(0.05, interrupt)
            timer.start()
            assert heard.wait(10)
            timer.join()

    with pytest.raises(KeyboardInterrupt):
        work()


def test_a_command_that_comes_to_no_safe_point_is_ended_without_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """Here the handler sees to it, as on Windows, where no thread hears of a signal."""
    ended, state = threading.Event(), interrupts._State()
    state.sections.append(str)
    for name, value in {"_state": state, "GRACE": 0.01, "end_now": ended.set}.items():
        monkeypatch.setattr(interrupts, name, value)
    interrupts._Watch(command=True)._note(signal.SIGTERM, None)
    assert ended.wait(10)


def test_what_is_inside_changes_nothing(handlers: None) -> None:
    with handled():
        inner = signal.getsignal(signal.SIGINT)
        with handled():
            assert signal.getsignal(signal.SIGINT) == inner
        assert signal.getsignal(signal.SIGINT) == inner


def test_a_handler_of_the_users_own_stays(handlers: None) -> None:
    def own(number: int, frame: object) -> None: ...

    signal.signal(signal.SIGINT, own)
    with handled():
        assert signal.getsignal(signal.SIGINT) is own
    signal.signal(signal.SIGINT, signal.default_int_handler)


def test_in_another_thread_no_handler_is_installed(handlers: None) -> None:
    found = []

    def work() -> None:
        with handled():
            found.append(signal.getsignal(signal.SIGINT))

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert found == [signal.default_int_handler]


def test_after_sigterm_the_exception_is_a_keyboard_interrupt_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(interrupts._state, "received", int(signal.SIGTERM))
    with pytest.raises(KeyboardInterrupt) as raised:
        raise_if_stopped()
    assert raised.type is Terminated
    assert interrupts.exit_status() == 143


def words(folder: Path, *arguments: str) -> list[str]:
    spec = folder / "tiny.yaml"
    spec.write_text(SPEC)
    return [arguments[0], str(spec), "--data", "digits", *arguments[1:]]


def wait_for(path: Path, process: Command) -> None:
    deadline = time.monotonic() + 120
    while not path.exists():
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < deadline
        time.sleep(0.02)


def end(process: Command | subprocess.Popen[str], number: signal.Signals) -> tuple[int, str, float]:
    """The exit status, what was written to stderr, and how long it took after the signal."""
    process.send_signal(number)
    start = time.monotonic()
    _, errors = process.communicate(timeout=60)
    return process.wait(), errors, time.monotonic() - start


@pytest.mark.parametrize(("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_training_stops_and_says_how_it_goes_on(tmp_path: Path, number: signal.Signals, status: int) -> None:
    out = tmp_path / "run"
    process = Command(words(tmp_path, "train", "--out", str(out)))
    wait_for(out / "history.json", process)
    code, errors, seconds = end(process, number)
    assert code == status
    # TensorFlow sometimes logs that a pipeline was cancelled
    assert errors.endswith(f"\nstopped; {out} holds the last whole epoch; the same command with --resume goes on\n")
    assert "Traceback" not in errors
    assert seconds < 5
    assert json.loads((out / "history.json").read_text())
    assert not [path for path in out.iterdir() if path.name.startswith(".convspec-")]


def test_a_search_stops_in_the_middle_of_a_trial(tmp_path: Path) -> None:
    out = tmp_path / "search"
    process = Command(words(tmp_path, "tune", "--out", str(out)))
    wait_for(out / "trials.csv", process)
    code, errors, seconds = end(process, signal.SIGINT)
    assert (code, errors) == (130, f"\nstopped; finished trials are in {out}, and the same command goes on\n")
    assert seconds < 5


EARLY = """
import os, signal, sys
import convspec.__main__ as command

class Interrupting:
    def find_spec(self, name, path=None, target=None):
        if name == "convspec.interrupts":
            os.kill(os.getpid(), signal.SIGINT)

sys.meta_path.insert(0, Interrupting())
command.main()
"""


def test_a_signal_before_the_first_import_is_obeyed_at_once() -> None:
    done = subprocess.run([sys.executable, "-c", EARLY, "list"], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (130, "", "\nstopped\n")


@pytest.mark.parametrize("moment", [0.3, 1.0])
def test_an_import_is_no_reason_to_wait(tmp_path: Path, moment: float) -> None:
    asked = [sys.executable, "-m", "convspec", *words(tmp_path, "check")]
    process = subprocess.Popen(asked, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    time.sleep(moment)
    assert end(process, signal.SIGINT)[:2] == (130, "\nstopped\n"), "it takes longer than this to import TensorFlow"
