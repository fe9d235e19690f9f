"""`convspec.predict`: the classes of images, with probabilities."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from ..quiet import import_keras
from ..spec.faults import Fault, FaultError
from .results import Predictions, Row
from .sources import Place, Resize, check_choice, places


class Running(NamedTuple):
    """A prediction that goes on: how many classes each row has, and the rows as they come."""

    top: int
    rows: Iterator[tuple[Path, Row | Fault]]


def predict(
    model: Place, images: Place | Sequence[Place], *, top: int = 3, resize: Resize | None = None
) -> Predictions:
    """The `top` likeliest classes of each image file with their probabilities, or why the file cannot be read.

    `images` are files, and folders of them; `resize` is how they come to the network's size, as in training by
    default. Raises `FaultError`.
    """
    return Predictions(start(model, images, top, resize).rows)


def start(model: Place, images: Place | Sequence[Place], top: int, resize: Resize | None) -> Running:
    """Predict one image after another, so that any number of them fits into the memory."""
    check_choice("resize", resize, Resize)
    if top < 1:
        raise FaultError(Fault(f"--top {top}: 1 or more classes of each image"))
    import_keras()
    from ..training.predictor import load_predictor, picture_files

    files = picture_files(places(images))
    predictor = load_predictor(model)
    names = predictor.class_names

    def row(found: Any) -> Row | Fault:
        if isinstance(found, Fault):
            return found
        return {names[label]: float(found[label]) for label in found.argsort()[::-1][:top]}

    return Running(min(top, len(names)), ((path, row(found)) for path, found in predictor.predict(files, resize)))
