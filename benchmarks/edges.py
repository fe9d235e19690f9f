"""Whether a search warns that its range ends too early: on real training, over ten seeds.

The same network and images are searched in three spaces. In the first two the learning rate ends below where this
network learns well, once even below the spec's own rate, and the warning should come; the third reaches far beyond it
on both sides, and nothing should be said.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from typing import Any

SEEDS = range(1, 11)
RATE, L2 = "train.optimizer.learning_rate", "train.l2"

PENALTY = {L2: {"log_uniform": [1.0e-6, 1.0e-2]}}

SPACES: dict[str, dict[str, Any]] = {
    "ends too early": {RATE: {"log_uniform": [1.0e-6, 1.0e-3]}, **PENALTY},
    "ends below the spec's 0.001": {RATE: {"log_uniform": [1.0e-6, 1.0e-4]}, **PENALTY},
    "reaches beyond": {RATE: {"log_uniform": [1.0e-5, 1.0e1]}, L2: {"log_uniform": [1.0e-8, 1.0e1]}},
}

STAGES = [{"trials": 24, "epochs": 1}, {"trials": 12, "epochs": 3}]


def run() -> Iterator[str]:
    """Rows: space, seeds with a warning of the rate's upper end, seeds with any other, the best rates."""
    from convspec.keras_import import import_keras

    import_keras()

    yield f"| learning rate's range | of {len(SEEDS)} seeds warned of its upper end | of anything else | best rates |"
    yield "|---|---|---|---|"
    for name, space in SPACES.items():
        found = [_search(space, seed) for seed in SEEDS]
        upper = sum((RATE, "upper") in sides for sides, _ in found)
        others = sum(bool(sides - {(RATE, "upper")}) for sides, _ in found)
        rates = sorted(rate for _, rate in found)
        low, high = space[RATE]["log_uniform"]
        yield f"| {low:g} to {high:g}: {name} | {upper} | {others} | {rates[0]:.1e} to {rates[-1]:.1e} |"


def _search(space: dict[str, Any], seed: int) -> tuple[set[tuple[str, str]], float]:
    """The warned fields with their sides, and the best learning rate."""
    from convspec import load
    from convspec.tuning import search

    from .tuning_spec import document, images

    dataset = images("digits")
    spec = load(document(dataset.input_shape, STAGES, seed, space=space))
    with tempfile.TemporaryDirectory() as folder:
        result = search(spec, lambda asked: dataset, folder, show=False, save_model=False)
    return {(warning.path, warning.side) for warning in result.warnings}, float(result.best.values[RATE])
