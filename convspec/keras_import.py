"""Importing Keras without TensorFlow's remarks about oneDNN and CUDA on the terminal."""

from __future__ import annotations

import importlib
import logging
import os
import re
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cache
from typing import IO

from .packages import in_our_words
from .private_names import TRAINER_GRAPHS
from .process import Shared, environment

REMARK = re.compile(
    rb"([IWEF]\d{4} \d\d:\d\d|[IWEF]0000 |\d{4}-\d\d-\d\d [\d:.]+: [IWEF] )"  # a line of TensorFlow's log
    rb"|WARNING: All log messages before absl::InitializeLog"
    rb"|To enable the following instructions: "
)
"""How a line begins that TensorFlow writes where nothing is wrong."""


def import_keras() -> None:
    """Import Keras for the first time in this process, and have it compute something, without its backend's remarks."""
    import_silently()
    compute_silently()


def import_silently() -> None:
    """Import Keras and its backend; what TensorFlow remarks on the way is not shown.

    TensorFlow writes some lines from C++ before it reads `TF_CPP_MIN_LOG_LEVEL`. If the import fails, they are shown.
    Raises `MissingPackageError` if Keras or its backend is not installed.
    """
    found = sys.modules.get("keras")
    if found is not None and not getattr(found.__spec__, "_initializing", False):  # by another thread, at this moment
        return
    # TensorFlow reads the variable once, when it first logs something
    with environment({"TF_CPP_MIN_LOG_LEVEL": "3"}), held_back(REMARK):
        try:
            import keras
        except ImportError as error:
            raise in_our_words(error) from error

        if keras.backend.backend() != "tensorflow":
            with suppress(ImportError):  # it need not be there, nor work
                importlib.import_module("tensorflow")  # where it can, Keras imports it itself, to seed it


@cache
def compute_silently() -> None:
    """The backend's first operation, at which it searches for devices and logs again."""
    import keras

    with held_back(REMARK):
        keras.ops.ones(1)


def _is_for_the_user(record: logging.LogRecord) -> bool:
    message = record.getMessage()
    return "triggered tf.function retracing" not in message or TRAINER_GRAPHS not in message


without_tracing_warnings = Shared(
    lambda: None,
    lambda: logging.getLogger("tensorflow").addFilter(_is_for_the_user),
    lambda _: logging.getLogger("tensorflow").removeFilter(_is_for_the_user),
)
"""Hide TensorFlow's warnings that Keras's own training graphs are traced again.

TensorFlow counts tracings by the place in the code, and so takes several networks, which each need a graph, for one
that is traced without need. Warnings about any other function are shown.
"""


_holding = threading.RLock()
"""Descriptor 2 is the whole process's: one thread at a time turns it away, and turns it back."""

_terminals: list[int] = []
"""Where descriptor 2 led to before it was turned away, the outermost first."""


def terminal() -> int:
    """The descriptor that leads to the terminal, also while descriptor 2 does not."""
    return _terminals[0] if _terminals else 2


@contextmanager
def held_back(lines: re.Pattern[bytes] | None = None) -> Iterator[None]:
    """Keep what is written to file descriptor 2 from the terminal, or the lines that begin so.

    If an exception other than Ctrl-C leaves this block, everything is shown. Other threads that ask for this wait.
    """
    with _holding:
        yield from _held_back(lines)


def _held_back(lines: re.Pattern[bytes] | None) -> Iterator[None]:
    _flush()
    try:
        terminal = os.dup(2)
    except OSError:  # no stderr at all, as under pythonw
        yield
        return
    with tempfile.TemporaryFile() as log:
        _terminals.append(terminal)
        os.dup2(log.fileno(), 2)
        shown = b""
        try:
            yield
        except KeyboardInterrupt:  # nothing has failed
            shown = _others(log, lines)
            raise
        except BaseException:
            shown = _read(log)
            raise
        else:
            shown = _others(log, lines)
        finally:
            _flush()
            os.dup2(terminal, 2)
            _terminals.pop()
            os.write(2, shown)
            os.close(terminal)


def _others(log: IO[bytes], lines: re.Pattern[bytes] | None) -> bytes:
    """What was written beside the lines that are kept back."""
    if lines is None:
        return b""
    return b"".join(line for line in _read(log).splitlines(keepends=True) if not lines.match(line))


def _read(log: IO[bytes]) -> bytes:
    """What was written so far, Python's own buffer included."""
    _flush()
    log.seek(0)
    return log.read()


def _flush() -> None:
    if sys.stderr is not None:
        sys.stderr.flush()
