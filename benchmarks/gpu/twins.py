"""Inference and training step of twins beside keras.applications', on a batch that lies in the device's memory.

What is timed is the program that Keras itself runs. If the two are the same text in StableHLO, they are compiled once,
and each is run with weights of its own.
"""

from __future__ import annotations

import math
import os
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from statistics import median
from typing import Any

import jax
import keras

import convspec.architectures as ours

from ..steps import in_turn
from ..twins import median_ratio
from . import programs
from .plan import Case
from .processes import Send, reason

POLICY = {"float32": "float32", "bfloat16": "mixed_bfloat16"}


def rows(send: Send, groups: list[list[Case]], rounds: int, round_seconds: float) -> None:
    """Send a message for each case and kind of step: milliseconds of both, their ratio; or why there are none.

    The cases of a group are compiled at the same time, and timed when nothing is compiled any more.
    """
    for group in groups:
        with ThreadPoolExecutor(min(8, os.cpu_count() or 1)) as pool:
            pairs = [(case, _attempt(_Pair, case, pool)) for case in group]
            for _, pair in pairs:
                if isinstance(pair, _Pair):
                    pair.wait()
        while pairs:
            case, pair = pairs.pop(0)
            for kind in ("inference", "training step"):
                found = pair if isinstance(pair, str) else _attempt(pair.time, kind, rounds, round_seconds)
                send({"kind": kind, "case": str(case), **({"why": found} if isinstance(found, str) else found)})
            del pair


def _attempt(work: Callable[..., Any], *arguments: Any) -> Any:
    """What comes out, or a text that says why nothing did."""
    try:
        return work(*arguments)
    except Exception as error:
        return reason(error)


class _Pair:
    """Our network and Keras's, traced, and being compiled by the threads of a pool."""

    def __init__(self, case: Case, pool: ThreadPoolExecutor) -> None:
        before = keras.config.dtype_policy()
        keras.config.set_dtype_policy(POLICY[case.dtype])
        try:
            self.models = [_model(applications, case) for applications in (ours, keras.applications)]
            classes = self.models[0].output_shape[-1]
            self.batch = programs.images((case.batch, case.size, case.size, 3), classes)
            traced = {
                "inference": [programs.trace_inference(model, self.batch[0]) for model in self.models],
                "training step": [programs.trace_training(model, self.batch) for model in self.models],
            }
        finally:
            keras.config.set_dtype_policy(before)
        self.same = {kind: ours.as_text() == theirs.as_text() for kind, (ours, theirs) in traced.items()}
        self.compiled = {
            kind: [pool.submit(program.compile) for program in (pair[:1] if self.same[kind] else pair)]
            for kind, pair in traced.items()
        }
        self.states: list[Any] = []

    def wait(self) -> None:
        """Return when everything is compiled, or has failed."""
        for futures in self.compiled.values():
            for future in futures:
                future.exception()

    def time(self, kind: str, rounds: int, round_seconds: float) -> dict[str, Any]:
        """Milliseconds of a step of both, the median of rounds in turn, and the median of the rounds' ratios."""
        if not self.states:  # the same numbers, each with an own copy
            values = programs.numbers(self.models[0])
            self.states = [programs.on_device(values) for _ in self.models]
            self.batch = programs.on_device(self.batch)
        compiled = [future.result() for future in self.compiled[kind]]
        steps = [
            (_inference if kind == "inference" else _training)(program, state, self.batch)
            for program, state in zip(compiled * (2 if self.same[kind] else 1), self.states, strict=True)
        ]
        count = _count(steps[0], round_seconds)
        found = in_turn([_repeated(step, count) for step in steps], warm=min(2, rounds), rounds=rounds)
        our, their = ([seconds / count for seconds in one] for one in found)
        return {
            "milliseconds": [1000 * median(our), 1000 * median(their)],
            "ratio": median_ratio(our, their),
            "remark": ("the same program" if self.same[kind] else "two programs")
            + f", {rounds} rounds of {count} {'step' if count == 1 else 'steps'}",
        }


def _model(applications: Any, case: Case) -> keras.Model:
    build = getattr(applications, case.network)
    keras.backend.clear_session()  # names that are numbered start anew
    options = {} if case.top else {"include_top": False, "pooling": "avg"}
    model = programs.outline(lambda: build(weights=None, input_shape=(case.size, case.size, 3), **options))
    return programs.compiled_with(model, keras.optimizers.SGD(0.01, momentum=0.9), "categorical_crossentropy")


def _inference(program: Any, state: Any, batch: Any) -> Callable[[], Any]:
    return lambda: program(state[0], state[1], batch[0])


def _training(program: Any, state: Any, batch: Any) -> Callable[[], Any]:
    def step() -> Any:
        _, new = program(tuple(state), batch)
        state[:] = map(list, new)  # the old values are gone: the program works in their memory
        return new

    return step


def _repeated(step: Callable[[], Any], count: int) -> Callable[[], Any]:
    """So many steps, until the device is done with them."""

    def call() -> None:
        for _ in range(count):
            last = step()
        jax.block_until_ready(last)

    return call


def _count(step: Callable[[], Any], seconds: float) -> int:
    """How many steps take so long; the first two, which load the program, do not count."""
    if not seconds:
        return 1
    taken = math.inf
    for _ in range(3):
        start = time.perf_counter()
        jax.block_until_ready(step())
        taken = time.perf_counter() - start
    return max(1, min(1000, math.ceil(seconds / taken)))
