"""Resuming a run with another number of epochs than it was started with."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ..files import shown
from ..language.diagnostics import Diagnostic, InputError
from ..language.recipe import Recipe
from .checkpoint import epochs_done


def may_go_on(changed: Mapping[str, tuple[Any, Any]], folder: Path, recipe: Recipe, *, same_graph: bool) -> bool:
    """Whether a run differs from the one in its folder in the number of epochs alone, and can be resumed with the new.

    `changed` holds for each differing field what it was and what it is. A spec's fingerprint covers the recipe and so
    differs, too; `same_graph` says that the network is known to be the same. Training is then that of a run with the
    new number from the start. Raises `InputError` with the reason if the epochs that are done would have been others.
    """
    if changed.keys() - {"fingerprint"} != {"recipe.epochs"} or ("fingerprint" in changed and not same_graph):
        return False
    was, wanted = changed["recipe.epochs"]
    checkpoint = folder / "checkpoint.npz"
    done = epochs_done(checkpoint) if checkpoint.exists() else 0
    if wanted < done:
        message = f"{done} epochs are done already, more than the {wanted} that are asked for"
        raise InputError(Diagnostic(message, file=shown(folder), path="train.epochs", remedy="name another --out"))
    if done and recipe.schedule.kind.needs_length:
        message = (
            f"was started for {was} epochs and cannot go on to {wanted}: with the schedule {recipe.schedule.name} the "
            f"rate of every epoch depends on their number, so that its first {done} would have been others"
        )
        remedy = (
            f"train all {wanted} epochs into another --out; or go on with another schedule from its weights: "
            f"--finetune {shown(folder)} --freeze none and another --out"
        )
        raise InputError(Diagnostic(message, file=shown(folder), path="train.epochs", remedy=remedy))
    return True
