"""All constructors of keras.applications: looking at ours without building it, and building it, against Keras's own.

CPU seconds of a warm process, in fresh Keras sessions; a look is analysis and printed table, the least of nine. The
two build in turn, whoever goes first changing from round to round, after one build each that is not counted: the first
model of a kind compiles what all later ones use. The ratio is the median of the rounds'.
"""

from __future__ import annotations

import gc
import inspect
import time
from collections.abc import Callable, Iterator
from statistics import geometric_mean, median
from typing import Any

from convspec import analyze
from convspec.analysis.table import render
from convspec.architectures.registry import constructors

ROUNDS = 5


def run() -> Iterator[str]:
    """Rows: network, a look, Keras's build and summary, ratio; our build, Keras's build, ratio."""
    from convspec.training.quiet import import_keras

    import_keras()
    import keras

    import convspec.architectures as ours

    names = {name: spec for spec, name in _twins(keras)}
    looks, builds = [], []
    yield "| network | look | Keras: build, summary | ratio | our build | Keras's build | ratio |"
    yield "|---|---|---|---|---|---|---|"
    for name, spec in names.items():
        theirs = getattr(keras.applications, name)
        look = _seconds(lambda spec=spec: render(analyze(spec)), runs=9)
        our_builds, their_builds = in_turn(
            lambda name=name: getattr(ours, name)(weights=None), lambda theirs=theirs: theirs(weights=None)
        )
        our_build, their_build = median(our_builds), median(their_builds)
        built = theirs(weights=None)
        summary = _seconds(lambda built=built: built.summary(print_fn=lambda _: None))
        looks.append((their_build + summary) / look)
        builds.append(median_ratio(our_builds, their_builds))
        yield (
            f"| {name} | {look * 1000:.0f} ms | {their_build + summary:.2f} s | 1/{looks[-1]:.0f} | "
            f"{our_build:.2f} s | {their_build:.2f} s | {builds[-1]:.2f} |"
        )
    yield ""
    yield (
        f"Looks: 1/{min(looks):.0f} to 1/{max(looks):.0f} of Keras's time. Builds: {min(builds):.2f} to "
        f"{max(builds):.2f} of it, on the whole {geometric_mean(builds):.3f}; {sum(ratio > 1 for ratio in builds)} of "
        f"{len(builds)} above 1."
    )


def _twins(keras: Any) -> Iterator[tuple[str, str]]:
    """Name of the spec and of the constructor of each network that both have."""
    theirs = {name for name, value in vars(keras.applications).items() if inspect.isfunction(value)}
    for spec, build in constructors().items():
        if build.__name__ in theirs:
            yield spec, build.__name__


def in_turn(*works: Callable[[], object]) -> list[list[float]]:
    """The seconds of each in every round, in fresh sessions."""
    times: list[list[float]] = [[] for _ in works]
    for number in range(1 + ROUNDS):
        for index in range(len(works))[:: -1 if number % 2 else 1]:
            seconds = _seconds(works[index], fresh=True)
            if number:
                times[index].append(seconds)
    return times


def median_ratio(ours: list[float], theirs: list[float]) -> float:
    """How they compare where the machine's pace changes from one round to the next."""
    return median(our / their for our, their in zip(ours, theirs, strict=True))


def _seconds(work: Callable[[], object], runs: int = 1, *, fresh: bool = False) -> float:
    import keras

    times = []
    for _ in range(runs):
        if fresh:
            keras.backend.clear_session()
        gc.collect()
        start = time.process_time()
        work()
        times.append(time.process_time() - start)
    return min(times)
