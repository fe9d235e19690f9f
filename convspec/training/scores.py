"""How good predictions are: accuracy, loss, and each class by itself."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class ClassScore:
    """One class: of the images predicted as it, the share that are; of those that are, the share found."""

    name: str
    images: int
    precision: float
    recall: float


@dataclass(frozen=True)
class Scores:
    """Shares are from 0 to 1; `confused` is the most frequent mistake (true class, predicted class, images).

    `part` says which images were used (test, validation, training), `files` what was drawn.
    """

    images: int
    accuracy: float
    top5_accuracy: float | None
    loss: float
    classes: tuple[ClassScore, ...]
    confused: tuple[str, str, int] | None
    part: str = ""
    files: tuple[Path, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """For a JSON file."""
        figures = asdict(self)
        del figures["files"]
        return {"part": figures.pop("part"), **figures}


def confusion_matrix(probabilities: NDArray[Any], labels: NDArray[np.int64]) -> NDArray[np.int64]:
    """How many images of each class (row) were taken for each class (column)."""
    classes = probabilities.shape[1]
    matrix = np.zeros((classes, classes), np.int64)
    np.add.at(matrix, (labels, probabilities.argmax(axis=1)), 1)
    return matrix


def score(probabilities: NDArray[Any], labels: NDArray[np.int64], class_names: tuple[str, ...]) -> Scores:
    """Compare probabilities `(count, classes)` with labels `(count,)`."""
    count, classes = probabilities.shape
    matrix = confusion_matrix(probabilities, labels)
    right = matrix.diagonal()
    top5 = None
    if classes > 10:
        best = np.argpartition(-probabilities, 4, axis=1)[:, :5]
        top5 = float((best == labels[:, None]).any(axis=1).mean())
    wrong = matrix - np.diag(right)
    truth, guess = np.unravel_index(int(wrong.argmax()), wrong.shape)
    most = int(wrong[truth, guess])
    columns = zip(class_names, right, matrix.sum(axis=0), matrix.sum(axis=1), strict=True)
    return Scores(
        images=count,
        accuracy=float(right.sum() / count),
        top5_accuracy=top5,
        loss=float(-np.log(np.maximum(probabilities[np.arange(count), labels], 1e-7)).mean()),
        classes=tuple(
            ClassScore(name, int(images), _share(hit, guesses), _share(hit, images))
            for name, hit, guesses, images in columns
        ),
        confused=(class_names[truth], class_names[guess], most) if most else None,
    )


def _share(part: np.int64, whole: np.int64) -> float:
    return float(part / whole) if whole else 0.0
