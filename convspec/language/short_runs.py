"""Whether a run has updates enough for its running means: batch normalisation's and those of the weights."""

from __future__ import annotations

import math
from collections.abc import Iterator

from ..graph.normalization import BatchNormalization
from ..printing import counted
from .recipe import Recipe
from .spec import Spec

NEGLIGIBLE = 0.01
"""The share of its initial value that a moving average may hold; below it counts as none."""

SMALLEST = 1618
"""The training images of the smallest data set that has a name, digits: fewer need no word."""


def initial_share(momentum: float, updates: int) -> float:
    """The share of its initial value in a moving average, `momentum ** updates`; 0 where it is negligible."""
    share = math.pow(momentum, updates)
    return share if share > NEGLIGIBLE else 0.0


def updates_needed(momentum: float) -> int:
    """The updates after which a moving average holds a negligible share of its initial value."""
    return math.ceil(math.log(NEGLIGIBLE) / math.log(momentum)) if 0 < momentum < 1 else 1


def updates_for_ema(decay: float) -> int:
    """The updates after which the rising decay of `train.ema` has come to what the recipe says."""
    return math.ceil(round((10 * decay - 1) / (1 - decay), 6))  # without the error of 1 - decay


def momentum_of_spec(spec: Spec) -> float | None:
    """The momentum of the slowest batch normalisation of a network; None if it has none."""
    found = (node.operation for node in spec.layers if isinstance(node.operation, BatchNormalization))
    return max((operation.momentum for operation in found), default=None)


def short_run_warnings(recipe: Recipe, momentum: float | None, updates: int) -> Iterator[str]:
    """A sentence with a remedy for each running mean that so many updates are too few for.

    `momentum` is that of the slowest batch normalisation, None without any.
    """
    if _follows(recipe) and momentum is not None and (share := initial_share(momentum, updates)):
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


def warnings_of_trials(spec: Spec, images: int) -> Iterator[str]:
    """The warnings for the shortest trials of a spec's search on so many training images."""
    if spec.tune is None:
        return
    epochs = min(stage.epochs for stage in spec.tune.stages)
    updates = epochs * -(-images // spec.train.batch_size)
    for warning in short_run_warnings(spec.train, momentum_of_spec(spec), updates):
        yield f"trials of {counted(epochs, 'epoch')}: {warning}"


def images_needed(spec: Spec) -> Iterator[str]:
    """A sentence for each running mean that a small data set gives too few updates for: before images are known."""
    recipe, momentum = spec.train, momentum_of_spec(spec)
    needs = {}
    if _follows(recipe) and momentum is not None:
        needs[f"batch normalisation's moving averages of momentum {momentum:g}"] = updates_needed(momentum)
    if recipe.ema is not None:
        needs[f"the averaged weights of train.ema: {recipe.ema:g}"] = updates_for_ema(recipe.ema)
    for what, updates in needs.items():
        images = (math.ceil(updates / recipe.epochs) - 1) * recipe.batch_size + 1
        if images > SMALLEST:
            yield (
                f"{what} need {updates:,} updates: in {recipe.epochs} epochs of batches of {recipe.batch_size} these "
                f"are {images:,} training images or more; --data counts those at hand"
            )


def _follows(recipe: Recipe) -> bool:
    """Whether a validation uses moving averages that began at 0 and 1.

    Otherwise statistics are computed, with `ema` in any case, or came with the weights of another network.
    """
    return recipe.precise_batch_norm is None and recipe.ema is None and recipe.finetune is None
