"""All constructors of keras.applications: looking at ours without building it, and building it, against Keras's own.

CPU seconds of a warm process, in fresh Keras sessions. In every round both are built (who goes first is drawn by lot,
and turned round for the next round), then Keras's summary and our look at the network, analysis and printed table, are
taken; the ratios are the medians of the rounds', since the machine's pace changes between them. One round before is not
counted: the first model of a kind compiles what all later ones use. Garbage is collected before each build and each
summary, and once before the looks, of which the least of five counts: walking TensorFlow's million objects empties the
processor's caches, and a look of three milliseconds would be measured in a process that is anything but warm.

Single builds vary by a fifth, so a few rounds cannot tell which of two equals is the faster: builds that come out near
1 get many more rounds, and the interval in which their ratio lies.
"""

from __future__ import annotations

import gc
import inspect
import math
import random
import time
from collections.abc import Callable, Iterator
from statistics import geometric_mean, mean, median, stdev
from typing import Any

from convspec import analyze
from convspec.analysis.table import render
from convspec.architectures.registry import constructors

ROUNDS, LOOKS = 6, 5

NEAR, MANY = 0.95, 40
"""Builds whose ratio is above the first have the second number of rounds in all."""


def run() -> Iterator[str]:
    """Rows: network, a look, Keras's build and summary, ratio; our build, Keras's build, ratio."""
    from convspec.keras_import import import_keras

    import_keras()
    import keras

    import convspec.architectures as ours

    names = {name: spec for spec, name in _twins(keras)}
    looks, builds, close = [], [], []
    yield "| network | look | Keras: build, summary | ratio | our build | Keras's build | ratio |"
    yield "|---|---|---|---|---|---|---|"
    for name, spec in names.items():
        ours_of, theirs_of = getattr(ours, name), getattr(keras.applications, name)
        built: dict[str, Any] = {}

        def our_build(build: Callable[..., Any] = ours_of) -> None:
            build(weights=None)

        def their_build(build: Callable[..., Any] = theirs_of, built: dict[str, Any] = built) -> None:
            built.update(model=build(weights=None))

        our_builds, their_builds, summaries, our_looks = in_turn(
            our_build, their_build, lambda built=built, spec=spec: _summary_and_look(built["model"], spec)
        )
        their_looks = [build + summary for build, summary in zip(their_builds, summaries, strict=True)]
        looks.append(median_ratio(their_looks, our_looks))
        if median_ratio(our_builds, their_builds) > NEAR:
            more = in_turn(our_build, their_build, rounds=MANY - ROUNDS)
            our_builds, their_builds = our_builds + more[0], their_builds + more[1]
            close.append(f"{name} {_interval(our_builds, their_builds)}")
        builds.append(median_ratio(our_builds, their_builds))
        yield (
            f"| {name} | {median(our_looks) * 1000:.0f} ms | {median(their_looks):.2f} s | 1/{looks[-1]:.0f} | "
            f"{median(our_builds):.2f} s | {median(their_builds):.2f} s | {builds[-1]:.2f} |"
        )
    yield ""
    yield (
        f"Looks: 1/{min(looks):.0f} to 1/{max(looks):.0f} of Keras's time. Builds: {min(builds):.2f} to "
        f"{max(builds):.2f} of it, on the whole {geometric_mean(builds):.3f}; {sum(ratio > 1 for ratio in builds)} of "
        f"{len(builds)} above 1. Those near 1, in {MANY} rounds, as geometric means: {', '.join(close) or 'none'}."
    )


def _twins(keras: Any) -> Iterator[tuple[str, str]]:
    """Name of the spec and of the constructor of each network that both have."""
    theirs = {name for name, value in vars(keras.applications).items() if inspect.isfunction(value)}
    for spec, build in constructors().items():
        if build.__name__ in theirs:
            yield spec, build.__name__


def in_turn(
    ours: Callable[[], object],
    theirs: Callable[[], object],
    then: Callable[[], list[float]] = list,
    rounds: int = ROUNDS,
) -> list[list[float]]:
    """The seconds of each in every round, in fresh sessions, and what else is measured after both."""
    lot, measured, order = random.Random(1), [], [0, 1]
    for number in range(1 + rounds):
        order = lot.sample(order, 2) if number % 2 else order[::-1]
        seconds = [0.0, 0.0]
        for index in order:
            seconds[index] = _seconds((ours, theirs)[index], fresh=True)
        if number:
            measured.append(seconds + then())
    return [list(column) for column in zip(*measured, strict=True)]


def _summary_and_look(model: Any, spec: str) -> list[float]:
    """The seconds of Keras's summary, and of looking at ours, the least of a few."""
    summary = _seconds(lambda: model.summary(print_fn=lambda _: None))
    return [summary, _seconds(lambda: render(analyze(spec)), runs=LOOKS)]


def median_ratio(ours: list[float], theirs: list[float]) -> float:
    """How they compare where the machine's pace changes from one round to the next."""
    return median(our / their for our, their in zip(ours, theirs, strict=True))


def _interval(ours: list[float], theirs: list[float]) -> str:
    """Geometric mean of the rounds' ratios, and the interval that holds it in 95 of 100 such runs."""
    logs = [math.log(our / their) for our, their in zip(ours, theirs, strict=True)]
    reach = 1.96 * stdev(logs) / math.sqrt(len(logs))
    return f"{math.exp(mean(logs)):.3f} ({math.exp(mean(logs) - reach):.3f} to {math.exp(mean(logs) + reach):.3f})"


def _seconds(work: Callable[[], object], runs: int = 1, *, fresh: bool = False) -> float:
    import keras

    times = []
    if fresh:
        keras.backend.clear_session()
    gc.collect()
    for _ in range(runs):
        start = time.process_time()
        work()
        times.append(time.process_time() - start)
    return min(times)
