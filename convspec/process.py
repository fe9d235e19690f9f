"""What convspec changes for the whole process, and gives back: also after an exception, and from several threads.

The first that enters keeps what was there, and the last that leaves puts it back; in between the change holds for all.
"""

from __future__ import annotations

import gc
import os
import threading
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from functools import cache
from typing import Any, Generic, Literal, TypeVar

from . import private_names

Before = TypeVar("Before")


class Shared(Generic[Before]):
    """A change of the process that any number of threads make and undo together."""

    def __init__(
        self, read: Callable[[], Before], change: Callable[[], None], restore: Callable[[Before], None]
    ) -> None:
        self.read, self.change, self.restore = read, change, restore
        self.lock, self.users = threading.RLock(), 0
        self.before: list[Before] = []  # what was there, while there are users

    @contextmanager
    def __call__(self) -> Iterator[None]:
        """The change holds inside."""
        with self.lock:
            if self.users == 0:
                self.before = [self.read()]
                self.change()
            self.users += 1
        try:
            yield
        finally:
            with self.lock:
                self.users -= 1
                if self.users == 0:
                    self.restore(self.before.pop())


without_collecting = Shared(gc.isenabled, gc.disable, lambda was_on: gc.enable() if was_on else None)
"""Make many objects that stay, such as layers; looking for garbage among them takes up to a sixth of the time."""


def _read_random() -> Any:
    import random  # imported here: looking at a network needs none

    import numpy as np

    return random.getstate(), np.random.get_state(), private_names.tensorflow_seeds()


def _restore_random(before: Any) -> None:
    import random

    import numpy as np

    python, numpy, seeds = before
    random.setstate(python)
    np.random.set_state(numpy)
    private_names.restore_tensorflow_seeds(seeds)


_random_kept = Shared(_read_random, lambda: None, _restore_random)


class _Inside(threading.local):
    depth = 0


_inside = _Inside()
"""How many blocks of `random_states_kept` this thread is in."""


@contextmanager
def random_states_kept() -> Iterator[None]:
    """Seed Python's, NumPy's, TensorFlow's and Keras's global random numbers inside; they go on as before afterwards.

    This holds for nested blocks, too.
    """
    before = private_names.take_keras_random_state()  # of this thread alone
    with _random_kept():
        outer = _read_random() if _inside.depth else None
        _inside.depth += 1
        try:
            yield
        finally:
            _inside.depth -= 1
            if outer is not None:
                _restore_random(outer)
            private_names.restore_keras_random_state(before)


deterministic_operations = Shared(
    private_names.is_deterministic,
    lambda: private_names.set_deterministic(True),
    lambda was_on: None if was_on else private_names.set_deterministic(False),
)
"""TensorFlow's operations give the same result each time, and some take longer."""


_warnings = threading.RLock()


@contextmanager
def warning_filters(action: Literal["ignore", "record"] = "ignore") -> Iterator[list[warnings.WarningMessage] | None]:
    """Treat all warnings alike inside, or with the action "record" yield them in a list.

    Filters are the whole process's, and Python's `catch_warnings` is not for threads: one at a time enters.
    """
    with _warnings, warnings.catch_warnings(record=action == "record") as found:
        warnings.simplefilter("always" if action == "record" else "ignore")
        yield found


@cache
def _variable(name: str, value: str) -> Shared[str | None]:
    """An environment variable that has a value; before, it may have had another or none."""

    def restore(before: str | None) -> None:
        if before is None:
            os.environ.pop(name, None)
        else:
            os.environ[name] = before

    return Shared(lambda: os.environ.get(name), lambda: os.environ.update({name: value}), restore)


@contextmanager
def environment(values: Mapping[str, str], *, override: bool = False) -> Iterator[None]:
    """Set environment variables for what reads them inside; those that are set keep their value, unless `override`."""
    with ExitStack() as stack:
        for name, value in values.items():
            variable = _variable(name, value)
            with variable.lock:
                if override or variable.users or name not in os.environ:
                    stack.enter_context(variable())
        yield
