"""Candidates of a search judged a second, by analysis alone, against building them in Keras to find out.

To find out, all have to be built, also those that turn out too large, as KerasTuner's `max_model_size` does; beside
that stand those alone that are within the limits.
"""

from __future__ import annotations

import gc
import itertools
import time
from collections.abc import Iterator
from typing import Any

import convspec
from convspec.language import Spec
from convspec.tuning.constraints import ConstraintCheck
from convspec.tuning.sampling import samples
from convspec.tuning.space import Region, Values, dimensions

JUDGED, BUILT, ROUNDS = 1_000, 8, 2

SMALL: dict[str, Any] = {
    "name": "small",
    "input": [32, 32, 3],
    "classes": 10,
    "parameters": {"width": 8},
    "body": [
        {"block": "conv_relu_pool", "filters": "${width}", "repeat": 2},
        {"block": "conv_relu_pool", "filters": "${2 * width}", "kernel_size": 3},
    ],
    "head": {"flatten": True, "fc": [64]},
    "tune": {
        "space": {
            "parameters.width": {"log_int": [4, 4096]},
            "body[1].kernel_size": {"choice": [1, 3, 5]},
            "head.fc[0]": {"log_int": [16, 1024]},
        },
        "constraints": {"parameters": "< 1_000_000"},
    },
}
"""Ten layers."""

DEEP: dict[str, Any] = {
    "name": "deep",
    "input": [224, 224, 3],
    "parameters": {"width": 64},
    "body": [
        {"block": "conv_norm_act", "filters": "${width}", "kernel_size": 7, "strides": 2},
        "maxpool3/2",
        {
            "block": "table",
            "columns": ["n", "filters", "strides"],
            "rows": [[3, "${width}", 1], [4, "${2 * width}", 2], [6, "${4 * width}", 2], [3, "${8 * width}", 2]],
            "of": {
                "block": "bottleneck",
                "repeat": "${n}",
                "filters": "${filters}",
                "strides": "${strides if i == 0 else 1}",
            },
        },
    ],
    "tune": {
        "space": {"parameters.width": {"int": [16, 512]}},
        "constraints": {"macs": "< 1_000_000_000"},
    },
}
"""ResNet-50 at any width."""


def run() -> Iterator[str]:
    """Rows: network, layers, candidates judged a second; built a second, ratio, for all and for those that will do."""
    from convspec.keras_import import import_keras

    import_keras()
    gc.set_threshold(100_000)  # as on the command line
    yield "| network | layers | judged a second | built in Keras a second | ratio | within the limits | ratio |"
    yield "|---|---|---|---|---|---|---|"
    for document in (SMALL, DEEP):
        spec = convspec.load(document)
        judged, built, built_within = _rates(spec)
        yield (
            f"| {spec.name} | {len(spec.graph.layers())} | {judged:,.0f} | {built:.2f} | {judged / built:,.0f} | "
            f"{built_within:.2f} | {judged / built_within:,.0f} |"
        )


def _rates(spec: Spec) -> tuple[float, float, float]:
    """Candidates a second: judged; built, as they come; built, those that are judged good. The best of the rounds."""
    candidates = list(itertools.islice(_distinct(spec), JUDGED))
    good = [one for one in candidates if not ConstraintCheck(spec, spec.tune).verdict(one)][:BUILT]
    judging = min(_seconds_to_judge(spec, candidates) for _ in range(ROUNDS))
    building, building_good = (
        min(_seconds_to_build(spec, some) for _ in range(ROUNDS)) for some in (candidates[:BUILT], good)
    )
    return len(candidates) / judging, BUILT / building, len(good) / building_good


def _distinct(spec: Spec) -> Iterator[Values]:
    space = dimensions(spec.tune)
    seen = set()
    for values in itertools.islice(samples(1, 1, space, {one.path: Region() for one in space}), 20 * JUDGED):
        if (key := tuple(values.items())) not in seen:
            seen.add(key)
            yield values


def _seconds_to_judge(spec: Spec, candidates: list[Values]) -> float:
    constraint_check = ConstraintCheck(spec, spec.tune)
    gc.collect()
    start = time.perf_counter()
    for values in candidates:
        constraint_check.verdict(values)
    return time.perf_counter() - start


def _seconds_to_build(spec: Spec, candidates: list[Values]) -> float:
    import keras

    constraint_check, total = ConstraintCheck(spec, spec.tune), 0.0
    for values in candidates:
        one = constraint_check.spec(values)
        keras.backend.clear_session()  # the networks before, some of gigabytes, are not part of it
        start = time.perf_counter()
        convspec.build(one)
        total += time.perf_counter() - start
    return total
