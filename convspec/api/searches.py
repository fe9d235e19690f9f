"""Searches in their folders, and what there is to say of one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TypedDict, Unpack

from ..data import Dataset
from ..interrupts import safe_points
from ..language import Spec
from ..language.short_runs import warnings_of_trials
from ..reports.search_pictures import search_pictures
from ..tuning.search_result import SearchResult
from ..tuning.searching import is_worker, search, show_search as show_search
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
    tell(result)
    return result


def _folds(spec: Spec, dataset: Dataset) -> list[str]:
    """What cross-validation does with the images."""
    if spec.tune is None or spec.tune.folds is None:
        return []
    count = len(dataset.y_train) + len(dataset.y_val)
    return [f"trials train on {spec.tune.folds} folds of the {count:,} training and validation images together"]
