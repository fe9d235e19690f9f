"""What convspec changes for the whole process, and gives back: also after an exception, and from several threads.

The first that enters keeps what was there, and the last that leaves puts it back; in between the change holds for all.
"""

from __future__ import annotations

import gc
import os
import sys
import threading
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from functools import cache
from typing import Any


class Shared:
    """A change of the process that any number of threads make and undo together."""

    def __init__(self, read: Callable[[], Any], change: Callable[[], None], restore: Callable[[Any], None]) -> None:
        self.read, self.change, self.restore = read, change, restore
        self.lock, self.users, self.before = threading.RLock(), 0, None

    @contextmanager
    def __call__(self) -> Iterator[None]:
        """The change holds inside."""
        with self.lock:
            if self.users == 0:
                self.before = self.read()
                self.change()
            self.users += 1
        try:
            yield
        finally:
            with self.lock:
                self.users -= 1
                if self.users == 0:
                    before, self.before = self.before, None
                    self.restore(before)


without_collecting = Shared(gc.isenabled, gc.disable, lambda was_on: gc.enable() if was_on else None)
"""Make many objects that stay, such as layers; looking for garbage among them takes up to a sixth of the time."""


def _read_random() -> Any:
    import random  # imported here: looking at a network needs none

    import numpy as np

    context = _tensorflow_context()
    seeds = None if context is None else (context._seed, getattr(context, "_rng", None))
    return random.getstate(), np.random.get_state(), seeds


def _restore_random(before: Any) -> None:
    import random

    import numpy as np

    python, numpy, seeds = before
    random.setstate(python)
    np.random.set_state(numpy)
    context = _tensorflow_context()
    if context is not None and seeds is not None:
        context._seed, context._rng = seeds


def _tensorflow_context() -> Any:
    """TensorFlow's eager context, which holds its global seed (seen in 2.18 to 2.21); None without TensorFlow."""
    if "tensorflow" not in sys.modules:
        return None
    try:
        from tensorflow.python.eager import context

        found = context.context()
        return found if hasattr(found, "_seed") else None
    except ImportError:
        return None


_random_kept = Shared(_read_random, lambda: None, _restore_random)


@contextmanager
def random_states_kept() -> Iterator[None]:
    """Seed Python's, NumPy's, TensorFlow's and Keras's global random numbers inside; they go on behind as before."""
    from keras.src.backend.common import global_state  # of this thread alone; Keras has no public way to read them

    names = ("global_random_seed", "global_seed_generator")
    before = [global_state.get_global_attribute(name) for name in names]
    with _random_kept():
        try:
            yield
        finally:
            for name, value in zip(names, before, strict=True):
                global_state.set_global_attribute(name, value)


REWRITES = ("arithmetic_optimization", "constant_folding")
"""What of Grappler changes how a graph rounds."""


def _determinism() -> Any:
    from tensorflow.python.framework import config  # the public module has no way back

    return config


deterministic_operations = Shared(
    lambda: _determinism().is_op_determinism_enabled(),
    lambda: _determinism().enable_op_determinism(),
    lambda was_on: None if was_on else _determinism().disable_op_determinism(),
)
"""TensorFlow's operations give the same result each time, and some take longer."""


@contextmanager
def arithmetic_as_written() -> Iterator[None]:
    """TensorFlow's graphs that this thread calls inside compute what they say, in that order.

    Grappler rewrites arithmetic, and folds numbers into it, by what else is in a graph: the same training step then
    rounds otherwise in another loop. The options are this thread's and have no public name.
    """
    tensorflow = _tensorflow_context()
    if tensorflow is None:
        yield
        return
    from tensorflow.core.protobuf.rewriter_config_pb2 import RewriterConfig
    from tensorflow.python.eager.context import FunctionCallOptions

    before = tensorflow.function_call_options
    config = tensorflow.config
    config.allow_soft_placement = tensorflow.soft_device_placement
    rewriting = config.graph_options.rewrite_options
    for name in REWRITES:
        setattr(rewriting, name, RewriterConfig.OFF)
    tensorflow.function_call_options = FunctionCallOptions(before.executor_type, config)
    try:
        yield
    finally:
        tensorflow.function_call_options = before


_warnings = threading.RLock()


@contextmanager
def warning_filters(action: Any = "ignore") -> Iterator[list[warnings.WarningMessage] | None]:
    """Treat all warnings alike inside, or with the action "record" yield them in a list.

    Filters are the whole process's, and Python's `catch_warnings` is not for threads: one at a time enters.
    """
    with _warnings, warnings.catch_warnings(record=action == "record") as found:
        warnings.simplefilter("always" if action == "record" else action)
        yield found


@cache
def _variable(name: str, value: str) -> Shared:
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
