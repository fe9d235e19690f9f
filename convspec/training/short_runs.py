"""Whether a run has updates enough for its running means: batch normalisation's and those of the weights."""

from __future__ import annotations

import math
from collections.abc import Iterator

from ..graph.normalization import BatchNormalization
from ..spec import Spec
from ..spec.recipe import Recipe

NEGLIGIBLE = 0.01
"""The share of its initial value that a moving average may hold; below it counts as none."""


def initial_share(momentum: float, updates: int) -> float:
    """The share of its initial value in a moving average, `momentum ** updates`; 0 where it is negligible."""
    share = math.pow(momentum, updates)
    return share if share > NEGLIGIBLE else 0.0


def updates_needed(momentum: float) -> int:
    """The updates after which a moving average holds a negligible share of its initial value."""
    return math.ceil(math.log(NEGLIGIBLE) / math.log(momentum)) if 0 < momentum < 1 else 1


def momentum_of_spec(spec: Spec) -> float | None:
    """The momentum of the slowest batch normalisation of a network; None if it has none."""
    found = (node.operation for node in spec.layers if isinstance(node.operation, BatchNormalization))
    return max((operation.momentum for operation in found), default=None)


def short_run_warnings(recipe: Recipe, momentum: float | None, updates: int) -> Iterator[str]:
    """A sentence with a remedy for each running mean that so many updates are too few for.

    `momentum` is that of the slowest batch normalisation, None without any.
    """
    if momentum is not None and recipe.precise_batch_norm is None and (share := initial_share(momentum, updates)):
        yield (
            f"{updates:,} updates are few for batch normalisation: its moving averages of momentum {momentum:g} hold "
            f"{share:.0%} of their initial values at the end, and need {updates_needed(momentum):,} updates; "
            "validation then tells little about the weights: set train.precise_batch_norm to 1024, lower the momentum, "
            "or train longer"
        )
    if recipe.ema is not None and (reached := (1 + updates) / (10 + updates)) < recipe.ema:
        yield (
            f"{updates:,} updates are few for train.ema: {recipe.ema:g}, a mean over about {1 / (1 - recipe.ema):,.0f} "
            f"updates: its decay rises to {reached:.3g} only, so that the weights are the mean over about the last "
            f"tenth of the run; set train.ema to {math.floor(100 * reached) / 100:g}, or train longer"
        )
