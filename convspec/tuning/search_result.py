"""What came out of a search."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import keras

from ..hooks import notebook_html
from ..language import load
from ..training.devices import gpus
from ..training.progress import duration
from .boundary_warnings import BoundaryWarning
from .store import Record, trial_name
from .tables import short_names, value_text


@dataclass(frozen=True)
class SearchResult:
    """What a search found: its trials in the order of their numbers, the best of them, and what to be wary of.

    `pictures` are files in the folder that `convspec.tune` drew.
    `seconds` is the time of searching, of a search that was taken up again with the trials before.
    """

    folder: Path
    records: tuple[Record, ...]
    best: Record
    warnings: tuple[BoundaryWarning, ...]
    seconds: float
    pictures: tuple[Path, ...] = ()

    def __str__(self) -> str:
        return "\n".join(summary(self))

    def _repr_html_(self) -> str | None:
        """What a notebook shows."""
        return notebook_html(self.folder)


def summary(result: SearchResult) -> list[str]:
    """What came out, what to be wary of, and where it lies."""
    states = [record.state for record in result.records]
    counts = [f"{states.count(state)} {state}" for state in ("completed", "aborted", "pruned", "failed")]
    best, names = result.best, short_names(list(result.best.values))
    values = "  ".join(f"{names[path]}: {value_text(value)}" for path, value in best.values.items())
    values = values if best.stage else f"the spec as written  {values}".rstrip()
    files = ["best.yaml", "best.keras", "trials.csv", "history.csv", "search.json"]
    files += [path.name for path in result.pictures]
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
