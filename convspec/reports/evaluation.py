"""What a trained network does on images it has not learnt from, as files beside its model."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ..data.pixels import PixelRange
from ..files import write_text
from ..output_paths import OUTCOME, make_folder
from ..text_tables import csv_text
from ..training.predictor import Predictor
from ..training.scores import Scores, confusion_matrix, score
from .confusion import draw_confusion
from .filters import draw_filters
from .mistakes import draw_mistakes


def write_evaluation(
    folder: Path, predictor: Predictor, x: NDArray[np.generic], y: NDArray[np.int64], pixel_range: PixelRange, part: str
) -> tuple[Scores, list[str]]:
    """Score images and write `classes.csv`, `confusion.png`, `mistakes.png` and `filters.png`; the scores, the names.

    `pixel_range` is that of these images; `part` (test, validation) is named in the pictures. Where there are no
    mistakes, or the network does not begin with a convolution of an image, the picture is left out, and one of an
    earlier run removed.
    """
    make_folder(folder)
    probabilities, names = predictor.probabilities(x, pixel_range), predictor.class_names
    scores = score(probabilities, y, names)
    accuracy = f"{100 * scores.accuracy:.2f} % of {len(y):,} {part} images right"
    table, confusion, mistakes, filters = (folder / name for name in OUTCOME)
    write_text(table, _table(scores))
    draw_confusion(confusion_matrix(probabilities, y), names, confusion, accuracy)
    drawn = {
        mistakes: draw_mistakes(probabilities, y, x, pixel_range, names, mistakes),
        filters: draw_filters(predictor.models[0], filters),
    }
    for path in (path for path, there in drawn.items() if not there):
        path.unlink(missing_ok=True)
    return scores, [table.name, confusion.name, *(path.name for path, there in drawn.items() if there)]


def _table(scores: Scores) -> str:
    rows = (
        {"class": row.name, "images": row.images, "precision": f"{row.precision:.6f}", "recall": f"{row.recall:.6f}"}
        for row in scores.classes
    )
    return csv_text(("class", "images", "precision", "recall"), rows)
