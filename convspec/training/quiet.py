"""Importing Keras without TensorFlow's remarks about oneDNN and CUDA on the terminal."""

from __future__ import annotations

import importlib.util
import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager


def import_keras() -> None:
    """Import Keras and its backend for the first time in this process, with its log on `stderr` held back.

    TensorFlow writes some lines from C++ before it reads `TF_CPP_MIN_LOG_LEVEL`; if the import fails they are shown.
    """
    if "keras" in sys.modules:
        return
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    with held_back():
        import keras

        keras.ops.ones(1)  # the backend logs once more at its first operation
        if keras.backend.backend() != "tensorflow" and importlib.util.find_spec("tensorflow") is not None:
            importlib.import_module("tensorflow")  # Keras imports it sooner or later, with any backend


@contextmanager
def held_back() -> Iterator[None]:
    """Keep what is written to file descriptor 2 from the terminal, unless an exception leaves this block."""
    sys.stderr.flush()
    try:
        terminal = os.dup(2)
    except OSError:  # no stderr at all, as under pythonw
        yield
        return
    with tempfile.TemporaryFile() as log:
        os.dup2(log.fileno(), 2)
        try:
            yield
        except BaseException:
            os.dup2(terminal, 2)
            log.seek(0)
            os.write(2, log.read())
            raise
        finally:
            sys.stderr.flush()
            os.dup2(terminal, 2)
            os.close(terminal)
