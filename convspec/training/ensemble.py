"""Several networks, one prediction: their probabilities averaged (Krizhevsky et al. 2012, table 2)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from ..data.dataset import Dataset
from .history import write_json
from .predictor import Predictor, load_predictor
from .scores import score


def score_ensemble(folder: Path, dataset: Dataset) -> Iterator[str]:
    """Write `ensemble.json` beside the members of a folder, and yield a line for each part of the data."""
    whole = load_predictor(folder)
    found = {}
    for part, (x, y) in list(dataset.parts.items())[1:]:  # the members have seen the training images
        single = [
            score(Predictor((model,), (inputs,)).probabilities(x, dataset.pixel_range), y, whole.class_names).accuracy
            for model, inputs in zip(whole.models, whole.inputs, strict=True)
        ]
        together = score(whole.probabilities(x, dataset.pixel_range), y, whole.class_names).accuracy
        found[part] = {"members": single, "ensemble": together}
        spread = f"{100 * min(single):.2f} to {100 * max(single):.2f} %"
        yield f"{part} accuracy of {len(single)} members {spread}, of their mean {100 * together:.2f} %"
    write_json(folder / "ensemble.json", found)
