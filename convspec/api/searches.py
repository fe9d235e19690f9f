"""Searches in their folders, and what there is to say of one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TypedDict, Unpack

import keras

from ..data import Dataset
from ..interrupts import safe_points
from ..language import Spec, load
from ..language.short_runs import warnings_of_trials
from ..report.search_pictures import search_pictures
from ..training.devices import gpus
from ..training.progress import duration
from ..tuning.searching import SearchResult, is_worker, search, show_search as show_search
from ..tuning.store import trial_name
from ..tuning.tables import short_names, value_text
from .sources import printer


class SearchOptions(TypedDict):
    """How `search` goes about it."""

    extend: bool
    widen: bool
    workers: int
    address: str | None
    time_limit: float | None
    tensorboard: bool


def run_search(
    spec: Spec, images: Callable[[Spec], Dataset], folder: Path, *, verbose: bool, **options: Unpack[SearchOptions]
) -> SearchResult | None:
    """Search, and draw what was found; None in a worker of a chief. `verbose` is that of the call."""
    dataset, tell = images(spec), printer(verbose)
    for line in (dataset, *_folds(spec, dataset)):
        tell(line)
    for warning in warnings_of_trials(spec, len(dataset.y_train)):
        tell(f"warning: {warning}")
    with safe_points(lambda: f"finished trials are in {folder}, and the same command goes on"):
        result = search(spec, images, folder, show=verbose, **options)
    if is_worker():
        tell(f"done; the chief writes the tables of {folder}")
        return None
    result = replace(result, pictures=tuple(search_pictures(folder)))
    for line in summary(result):
        tell(line)
    return result


def _folds(spec: Spec, dataset: Dataset) -> list[str]:
    """What cross-validation does with the images."""
    if spec.tune is None or spec.tune.folds is None:
        return []
    count = len(dataset.y_train) + len(dataset.y_val)
    return [f"trials train on {spec.tune.folds} folds of the {count:,} training and validation images together"]


def summary(result: SearchResult) -> list[str]:
    """What came out, what to be wary of, and where it lies."""
    states = [record.state for record in result.records]
    counts = [f"{states.count(state)} {state}" for state in ("completed", "aborted", "pruned", "failed")]
    best, names = result.best, short_names(list(result.best.values))
    values = "  ".join(f"{names[path]}: {value_text(value)}" for path, value in best.values.items())
    values = values if best.stage else f"the spec as written  {values}".rstrip()
    files = [
        "best.yaml",
        "best.keras",
        "trials.csv",
        "history.csv",
        "search.json",
        *(path.name for path in result.pictures),
    ]
    return [
        f"{', '.join(count for count in counts if not count.startswith('0 '))} in {duration(result.seconds)}",
        f"best: trial {trial_name(best)}  {best.score:.4f}  {values}",
        *(f"warning: {warning}" for warning in result.warnings),
        *repeated(result),
        f"{result.folder}: {', '.join(files)}",
    ]


def repeated(result: SearchResult) -> list[str]:
    """Whether training best.yaml repeats its trial."""
    path = result.folder / "best.yaml"
    if not path.exists():
        return []
    recipe = load(path).train
    why = {
        "the score is the mean of several trainings": result.best.deviation is not None,
        "trials on a GPU are compiled by XLA": bool(gpus()),
        "train.jit_compile is true": recipe.jit_compile,
        f"{keras.backend.backend()} compiles them apart": keras.backend.backend() != "tensorflow",
        "train.deterministic is false": not recipe.deterministic,
    }
    reasons = [reason for reason, holds in why.items() if holds]
    if reasons:
        return [f"training best.yaml may give other figures than its trial: {'; '.join(reasons)}"]
    return ["training best.yaml on this machine repeats its trial, bit for bit"]
