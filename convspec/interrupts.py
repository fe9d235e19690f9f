"""Ctrl-C and SIGTERM: noted at once, obeyed where nothing is half done.

Python raises `KeyboardInterrupt` between any two instructions of the main thread: in a destructor or a callback of C it
is swallowed, in the middle of a library's bookkeeping it may crash the process, and during a long call of C it waits.
Here a handler only notes the signal, and long work asks `raise_if_stopped()` between its steps.

A thread reads the signals as they arrive, also while the main thread is in C. For a command (`own_process`) it ends
the process where nobody asks: at once outside of `safe_points`, after `GRACE` seconds or a second signal inside. That
loses nothing, since files are written whole and a run goes on from them as after a crash.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from types import FrameType

GRACE = 3.0
"""Seconds that a command has to come to a safe point."""

Handler = Callable[[int, FrameType | None], object] | int | None

CONTROL_C, TERMINATE = int(signal.SIGINT), int(signal.SIGTERM)


class Terminated(KeyboardInterrupt):
    """Raised at a safe point after SIGTERM, as `KeyboardInterrupt` is after Ctrl-C."""


class _State:
    """What is known of signals; one for the process, as they are."""

    def __init__(self) -> None:
        self.received = 0  # the first signal, or 0
        self.count = 0
        self.watch: _Watch | None = None
        self.sections: list[Callable[[], str]] = []
        self.message = ""
        self.listeners: list[Callable[[bool], None]] = []


_state = _State()


def raise_if_stopped() -> None:
    """Raise `KeyboardInterrupt`, or `Terminated`, if the user or the system has asked to stop: a safe point."""
    if _state.received:
        raise KeyboardInterrupt if _state.received == CONTROL_C else Terminated


def stopped() -> bool:
    """Whether a stop was asked for."""
    return bool(_state.received)


def listen(listener: Callable[[bool], None]) -> None:
    """Have a function called with True, by another thread, when a stop is asked for, and with False when it is over."""
    _state.listeners.append(listener)


def exit_status() -> int:
    """What a command that was stopped ends with: 130 after Ctrl-C, 143 after SIGTERM, as shells and Slurm have it."""
    return 128 + (_state.received or CONTROL_C)


def last_words() -> str:
    """What a command that was stopped says."""
    return f"stopped; {_state.message}" if _state.message else "stopped"


@contextmanager
def handled() -> Iterator[None]:
    """Inside, in the main thread, Ctrl-C is noted, and raised at the next safe point or at the end; a second at once.

    Where the process has a handler of its own for Ctrl-C, or ignores it, nothing is changed.
    """
    if (
        _state.watch is not None
        or threading.current_thread() is not threading.main_thread()
        or signal.getsignal(signal.SIGINT) is not signal.default_int_handler
    ):
        yield
        return
    watch = _state.watch = _Watch(command=False)
    watch.install(signal.SIGINT)
    try:
        yield
        raise_if_stopped()  # it came after the last safe point
    finally:
        watch.restore()
        _state.watch, _state.received, _state.count = None, 0, 0
        _notify(False)


@contextmanager
def safe_points(message: Callable[[], str] = str) -> Iterator[None]:
    """Work of a command that asks `raise_if_stopped()` often; `message` says how it goes on after a stop."""
    _state.sections.append(message)
    try:
        yield
    except KeyboardInterrupt:
        _state.message = _state.message or message()
        raise
    finally:
        _state.sections.pop()


def own_process() -> None:
    """Handle Ctrl-C and SIGTERM from now on until this process, a command's, ends."""
    watch = _state.watch = _Watch(command=True)
    if signal.getsignal(signal.SIGINT) is not signal.SIG_IGN:  # as for what a shell runs in the background
        watch.install(signal.SIGINT)
    watch.install(signal.SIGTERM)


def reinstall() -> None:
    """Install the handlers once more, after a library has put its own in their place."""
    if _state.watch is not None:
        _state.watch.reinstall()


class _Watch:
    """Handlers, and the thread that hears of signals while the main one is busy."""

    def __init__(self, *, command: bool) -> None:
        self.command = command
        self.before: dict[signal.Signals, Handler] = {}
        self.reader: int | None = None
        self.writer: int | None = None
        self.wakeup = -1
        self.thread = threading.Thread(target=self._listen, name="convspec-signals", daemon=True)

    def install(self, which: signal.Signals) -> None:
        """Take a signal over."""
        if self.reader is None and sys.platform != "win32":  # there only sockets wake a thread; the handler will do
            self.reader, self.writer = os.pipe()
            os.set_blocking(self.writer, False)
            self.wakeup = signal.set_wakeup_fd(self.writer, warn_on_full_buffer=False)
            self.thread.start()
        self.before[which] = signal.signal(which, self._note)

    def reinstall(self) -> None:
        """Take the signals over again."""
        for which in self.before:
            signal.signal(which, self._note)
        if self.writer is not None:
            signal.set_wakeup_fd(self.writer, warn_on_full_buffer=False)

    def restore(self) -> None:
        """Put back what was there."""
        for which, handler in self.before.items():
            signal.signal(which, handler)
        if self.reader is not None and self.writer is not None:
            signal.set_wakeup_fd(self.wakeup)
            os.write(self.writer, b"\0")
            self.thread.join()
            os.close(self.reader)
            os.close(self.writer)

    def _note(self, number: int, frame: FrameType | None) -> None:
        """The handler, in the main thread, as soon as that is not in C."""
        _state.received = _state.received or number
        _state.count += 1
        if not self.command and _state.count > 1:
            raise KeyboardInterrupt
        if self.command and self.reader is None:  # no thread hears of it
            self._obey(_state.count)

    def _listen(self) -> None:
        heard = 0
        while self.reader is not None:
            number = os.read(self.reader, 1)[0]
            if number == 0:
                return
            if number not in (CONTROL_C, TERMINATE):
                continue
            heard += 1
            _state.received = _state.received or number
            _notify(True)
            if self.command:
                self._obey(heard)

    def _obey(self, count: int) -> None:
        """End the process, now or in a while."""
        if count > 1 or not _state.sections:
            end_now()
        timer = threading.Timer(GRACE, end_now)
        timer.daemon = True
        timer.start()


def end_now() -> None:
    """End this process, a command's, without unwinding: nothing of a library runs any more."""
    from .files import remove_unfinished
    from .keras_import import terminal

    for section in reversed(_state.sections):
        with suppress(Exception):
            _state.message = _state.message or section()
    remove_unfinished()
    cursor = b"\x1b[?25h" if sys.stdout is not None and sys.stdout.isatty() else b""  # a progress bar had hidden it
    with suppress(OSError):
        os.write(terminal(), cursor + f"\n{last_words()}\n".encode())
    os._exit(exit_status())


def _notify(stopped: bool) -> None:
    for listener in _state.listeners:
        with suppress(Exception):
            listener(stopped)
