"""`convspec.evaluate`: how good a trained network is, class by class."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from ..keras_import import import_keras
from ..language.arguments import checked
from ..output_paths import OUTCOME, check_file, make_folder
from .sources import Place, Resize, check_has_use, check_is_written

if TYPE_CHECKING:
    from ..data import Dataset
    from ..training.scores import Scores

Part = Literal["training", "validation", "test"]


@checked
def evaluate(
    model: Place,
    data: Place | Dataset,
    *,
    part: Part | None = None,
    resize: Resize | None = None,
    out: Place | None = None,
    overwrite: bool = False,
    data_dir: Place | None = None,
    pixel_range: Sequence[float] | None = None,
) -> Scores:
    """How good a trained network is on the test images, else on those that training kept for validation.

    `resize` is how images come to the network's size; as in training by default. `out` is a folder for the confusion
    matrix and the surest mistakes. Raises `InputError`.
    """
    check_is_written(out, overwrite=overwrite)
    check_has_use(data, resize=resize, data_dir=data_dir, pixel_range=pixel_range)
    if out is not None:
        make_folder(Path(out))
        for name in OUTCOME:
            check_file(Path(out) / name, overwrite=overwrite)
    import_keras()
    from .trained import evaluated

    return evaluated(model, data, part, resize, None if out is None else Path(out), data_dir, pixel_range)
