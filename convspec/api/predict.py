"""`convspec.predict`: the classes of images, with probabilities."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from ..keras_import import import_keras
from ..language.diagnostics import Diagnostic, InputError
from .results import Predictions, Row
from .sources import Place, Resize, check_choice, places


class Running(NamedTuple):
    """A prediction that goes on: how many classes each row has, and the rows as they come."""

    top: int
    rows: Iterator[tuple[Path, Row | Diagnostic]]


def predict(
    model: Place, images: Place | Sequence[Place], *, top: int = 3, resize: Resize | None = None
) -> Predictions:
    """The `top` likeliest classes of each image file with their probabilities, or why the file cannot be read.

    `images` are files, and folders of them; `resize` is how they come to the network's size, as in training by
    default. Raises `InputError`.
    """
    return Predictions(start(model, images, top, resize).rows)


def start(model: Place, images: Place | Sequence[Place], top: int, resize: Resize | None) -> Running:
    """Predict one image after another, so that any number of them fits into the memory."""
    check_choice("resize", resize, Resize)
    if top < 1:
        raise InputError(Diagnostic(f"--top {top}: 1 or more classes of each image"))
    import_keras()
    from ..training.predictor import load_predictor, picture_files

    files = picture_files(places(images))
    predictor = load_predictor(model)
    names = predictor.class_names

    def row(found: Any) -> Row | Diagnostic:
        if isinstance(found, Diagnostic):
            return found
        return {names[label]: float(found[label]) for label in found.argsort()[::-1][:top]}

    return Running(min(top, len(names)), ((path, row(found)) for path, found in predictor.predict(files, resize)))
