"""`convspec.predict`: the classes of images, with probabilities."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Literal, overload

from ..keras_import import import_keras
from ..language.arguments import checked
from ..language.diagnostics import Diagnostic, InputError
from .results import Predictions, Row
from .sources import Place, Resize, places


@overload
def predict(
    model: Place, images: Place | Sequence[Place], *, top: int = 3, resize: Resize | None = None,
    stream: Literal[False] = False,
) -> Predictions: ...  # fmt: skip
@overload
def predict(
    model: Place, images: Place | Sequence[Place], *, top: int = 3, resize: Resize | None = None, stream: Literal[True]
) -> Iterator[tuple[Path, Row | Diagnostic]]: ...
@checked
def predict(
    model: Place, images: Place | Sequence[Place], *, top: int = 3, resize: Resize | None = None, stream: bool = False
) -> Predictions | Iterator[tuple[Path, Row | Diagnostic]]:
    """The `top` likeliest classes of each image file with their probabilities, or why the file cannot be read.

    `images` are files, and folders of them; `resize` is how they come to the network's size, as in training by
    default. With `stream` the results come one after another, so that any number of them fits into memory. Raises
    `InputError`.
    """
    if top < 1:
        raise InputError(f"--top {top}: 1 or more classes of each image")
    import_keras()
    from .trained import predictions

    found = predictions(model, places(images), top, resize)
    return found if stream else Predictions(found)
