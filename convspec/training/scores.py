"""How good predictions are: accuracy, loss, and each class by itself."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from keras import ops
from numpy.typing import NDArray

from ..html_tables import text_table


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

    @property
    def summary(self) -> str:
        """`360 test images: accuracy 97.50 %, loss 0.0812`."""
        top5 = f", top-5 accuracy {100 * self.top5_accuracy:.2f} %" if self.top5_accuracy is not None else ""
        return f"{self.images} {self.part} images: accuracy {100 * self.accuracy:.2f} %{top5}, loss {self.loss:.4f}"

    def __str__(self) -> str:
        width = max(5, *(len(row.name) for row in self.classes))
        lines = [self.summary, f"{'class':{width}}  images  precision  recall"]
        for row in self.classes:
            precision, recall = f"{100 * row.precision:7.1f} %", f"{100 * row.recall:4.1f} %"
            lines.append(f"{row.name:{width}}  {row.images:6}  {precision}  {recall}")
        if self.confused is not None:
            truth, guess, count = self.confused
            lines.append(f"most frequent mistake: {truth} taken for {guess}, {count} times")
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        rows = [
            (row.name, row.images, f"{100 * row.precision:.1f} %", f"{100 * row.recall:.1f} %") for row in self.classes
        ]
        return text_table(self.summary, ("class", "images", "precision", "recall"), rows)

    def as_dict(self) -> dict[str, object]:
        """For a JSON file."""
        figures = asdict(self)
        del figures["files"]
        return {"part": figures.pop("part"), **figures}


def confusion_matrix(probabilities: NDArray[np.generic], labels: NDArray[np.int64]) -> NDArray[np.int64]:
    """How many images of each class (row) were taken for each class (column)."""
    from sklearn import metrics

    every = np.arange(probabilities.shape[1])
    matrix: NDArray[np.int64] = metrics.confusion_matrix(labels, probabilities.argmax(axis=1), labels=every)
    return matrix


def score(probabilities: NDArray[np.generic], labels: NDArray[np.int64], class_names: tuple[str, ...]) -> Scores:
    """Compare probabilities `(count, classes)` with labels `(count,)`."""
    from sklearn import metrics

    count, classes = probabilities.shape
    matrix = confusion_matrix(probabilities, labels)
    found = ops.in_top_k(labels, probabilities.astype(np.float32), k=5) if classes > 10 else None
    wrong = matrix - np.diag(matrix.diagonal())
    truth, guess = np.unravel_index(int(wrong.argmax()), wrong.shape)
    most = int(wrong[truth, guess])
    guesses = probabilities.argmax(axis=1)
    precision, recall, _, images = metrics.precision_recall_fscore_support(
        labels, guesses, labels=np.arange(classes), zero_division=0
    )
    return Scores(
        images=count,
        accuracy=float((guesses == labels).mean()),
        top5_accuracy=None if found is None else float(ops.convert_to_numpy(found).mean()),
        loss=float(-np.log(np.maximum(probabilities[np.arange(count), labels], 1e-7)).mean()),
        classes=tuple(
            ClassScore(name, int(count), float(right), float(known))
            for name, count, right, known in zip(class_names, images, precision, recall, strict=True)
        ),
        confused=(class_names[truth], class_names[guess], most) if most else None,
    )
