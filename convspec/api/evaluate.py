"""`convspec.evaluate`: how good a trained network is, class by class."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from ..keras_import import import_keras
from ..language.diagnostics import Diagnostic, InputError
from ..output_paths import OUTCOME, check_file, make_folder
from .sources import Place, Resize, check_choice, check_has_use

if TYPE_CHECKING:
    from ..data import Dataset
    from ..training.predictor import Predictor
    from ..training.scores import Scores

Part = Literal["training", "validation", "test"]
SUFFIXES = {"training": "train", "validation": "val", "test": "test"}


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
    check_choice("part", part, Part)
    check_choice("resize", resize, Resize)
    check_has_use(data, resize=resize, data_dir=data_dir, pixel_range=pixel_range)
    if out is not None:
        make_folder(Path(out))
        for name in OUTCOME:
            check_file(Path(out) / name, overwrite=overwrite)
    import_keras()
    from ..training.predictor import load_predictor
    from ..training.scores import score

    predictor = load_predictor(model)
    dataset = _dataset(data, predictor, resize, data_dir, pixel_range)
    part = part or ("test" if dataset.x_test is not None else "validation")
    x, y = getattr(dataset, f"x_{SUFFIXES[part]}"), getattr(dataset, f"y_{SUFFIXES[part]}")
    if x is None:
        raise InputError(Diagnostic("has no test images", file=dataset.name, remedy="--part validation"))
    if out is None:
        scores = score(predictor.probabilities(x, dataset.pixel_range), y, predictor.class_names)
        return replace(scores, part=part)
    from ..report.evaluation import write_evaluation

    scores, files = write_evaluation(Path(out), predictor, x, y, dataset.pixel_range, part)
    return replace(scores, part=part, files=tuple(Path(out) / name for name in files))


def _dataset(
    data: Place | Dataset,
    predictor: Predictor,
    resize: Resize | None,
    data_dir: Place | None,
    pixel_range: Sequence[float] | None,
) -> Dataset:
    """The data set, split as in training, of the model's size and with its classes in its order."""
    from ..data import Dataset, load_data
    from ..data.checks import check_fits
    from ..data.pictures import RESIZE, RESIZE_TRAINED
    from .datasets import note_range

    inputs = predictor.inputs[0]
    if isinstance(data, Dataset):
        dataset = data
    else:
        try:
            dataset = load_data(
                data,
                validation_split=inputs.validation_split,
                seed=inputs.seed,
                data_dir=data_dir,
                input_shape=predictor.size,
                resize=resize or inputs.resize,
                pixel_range=pixel_range,
            )
        except InputError as error:  # what helps in training is no option here
            diagnostics = (
                one._replace(remedy=RESIZE_TRAINED) if one.remedy == RESIZE else one for one in error.diagnostics
            )
            raise InputError(diagnostics) from None
    check_fits(dataset, predictor.size, len(predictor.class_names), trained=True)
    dataset = inputs.parted(dataset).in_order_of(predictor.class_names)
    note_range(dataset, predictor.pixel_range)
    return dataset
