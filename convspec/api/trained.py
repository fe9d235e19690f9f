"""What is done with trained networks: calls import this module, and Keras with it, once their arguments are checked."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import chain, count
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ..data import Dataset, load_data
from ..data.checks import check_fits
from ..data.pictures import RESIZE, RESIZE_TRAINED
from ..data.pixels import BYTES, as_range
from ..language.diagnostics import Diagnostic, InputError, did_you_mean
from ..option_names import spoken
from ..output_paths import card_path, check_export, check_file, make_folder
from ..reports.evaluation import write_evaluation
from ..reports.saliency import draw_explanation, grad_cam, occlusion, place_of
from ..training import exporting
from ..training.predictor import Predictor, load_model, load_predictor, model_files, picture_files
from ..training.saving import read_inputs
from ..training.scores import Scores, score
from .datasets import note_range
from .results import Explained, Exported, Row

ARRAYS = {"training": "train", "validation": "val", "test": "test"}
ENDINGS = {"saved_model": "_saved_model", "tflite": ".tflite", "onnx": ".onnx"}


def evaluated(
    model: str | Path,
    data: str | Path | Dataset,
    part: str | None,
    resize: str | None,
    out: Path | None,
    data_dir: str | Path | None,
    pixel_range: Sequence[float] | None,
) -> Scores:
    """Scores on a part of the data, with pictures in the folder `out`."""
    predictor = load_predictor(model)
    dataset = _dataset(data, predictor, resize, data_dir, pixel_range)
    part = part or ("test" if dataset.x_test is not None else "validation")
    x, y = getattr(dataset, f"x_{ARRAYS[part]}"), getattr(dataset, f"y_{ARRAYS[part]}")
    if x is None:
        raise InputError("has no test images", file=dataset.name, remedy="--part validation")
    if out is None:
        scores = score(predictor.probabilities(x, dataset.pixel_range), y, predictor.class_names)
        return replace(scores, part=part)
    scores, files = write_evaluation(out, predictor, x, y, dataset.pixel_range, part)
    return replace(scores, part=part, files=tuple(out / name for name in files))


def _dataset(
    data: str | Path | Dataset,
    predictor: Predictor,
    resize: str | None,
    data_dir: str | Path | None,
    pixel_range: Sequence[float] | None,
) -> Dataset:
    """The data set, split as in training, of the model's size and with its classes in its order."""
    inputs = predictor.inputs[0]
    if isinstance(data, Dataset):
        dataset = data.checked()
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
            remedies = {spoken(RESIZE): RESIZE_TRAINED}
            raise InputError(
                one._replace(remedy=remedies.get(one.remedy, one.remedy)) for one in error.diagnostics
            ) from None
    check_fits(dataset, predictor.size, len(predictor.class_names), trained=True)
    dataset = inputs.parted(dataset).in_order_of(predictor.class_names)
    note_range(dataset, predictor.pixel_range)
    return dataset


def predictions(
    model: str | Path, images: Sequence[Path], top: int, resize: str | None
) -> Iterator[tuple[Path, Row | Diagnostic]]:
    """The likeliest classes of one image after another. Raises `InputError` before the first is read."""
    files = picture_files(images)
    predictor = load_predictor(model)
    names = predictor.class_names

    def likeliest(found: NDArray[np.floating] | Diagnostic) -> Row | Diagnostic:
        if isinstance(found, Diagnostic):
            return found
        return {names[label]: float(found[label]) for label in found.argsort()[::-1][:top]}

    return ((path, likeliest(found)) for path, found in predictor.predict(files, resize))


def explanations(
    model: str | Path,
    images: Sequence[Path],
    method: str,
    class_name: str | None,
    layer: str,
    resize: str | None,
    out: Path,
    overwrite: bool,
) -> Iterator[tuple[Path, Explained | Diagnostic]]:
    """Draw one image after another."""
    files = list(dict.fromkeys(picture_files(images)))
    targets = _targets(files, out, method, overwrite)
    predictor = load_predictor(model)
    label = _label(predictor, class_name)
    for file, image in predictor.read(files, resize):
        if isinstance(image, Diagnostic):
            yield file, image
            continue
        found = (
            grad_cam(predictor, image, label, layer, BYTES)
            if method == "grad_cam"
            else occlusion(predictor, image, label, BYTES)
        )
        name = predictor.class_names[found.label]
        draw_explanation(found, image, BYTES, name, targets[file])
        yield file, Explained(name, float(found.probability), *place_of(found), targets[file])


def _label(predictor: Predictor, name: str | None) -> int | None:
    names = predictor.class_names
    if name is not None and name not in names:
        remedy = f"its classes are {', '.join(names)}" if len(names) <= 100 else ""
        raise InputError(f"no class is called {name!r}{did_you_mean(name, names)}", path="--class", remedy=remedy)
    return None if name is None else names.index(name)


def _targets(files: list[Path], out: Path, method: str, overwrite: bool) -> dict[Path, Path]:
    """Where each picture goes: the one file that was named, or a file for each image in a folder."""
    if out.suffix == ".png" and len(files) == 1:
        make_folder(out.parent)
        check_file(out, overwrite=overwrite)
        return {files[0]: out}
    if out.suffix:
        what = "a picture is a .png" if len(files) == 1 else f"one file, {len(files)} images"
        raise InputError(f"--out {out}: {what}", remedy="name a folder, or a file ending in .png for a single image")
    make_folder(out)
    targets = {file: out / f"{name}_{method}.png" for file, name in zip(files, _names(files), strict=True)}
    for target in targets.values():
        check_file(target, overwrite=overwrite)
    return targets


def _names(files: list[Path]) -> list[str]:
    """The files' names without their endings, numbered where several folders have the same."""
    names: dict[str, None] = {}
    for file in files:
        numbered = (f"{file.stem}_{number}" for number in count(2))
        names[next(name for name in chain([file.stem], numbered) if name not in names)] = None
    return list(names)


def exported(
    model: Path, format: str, out: Path | None, raw: bool, overwrite: bool, pixel_range: Sequence[float] | None
) -> Exported:
    """Write a network in another format, and run it beside the original."""
    pixels = None if pixel_range is None else as_range(pixel_range)
    files = model_files(model)
    if len(files) > 1:
        raise InputError("is an ensemble; export its members one by one", file=str(model))
    try:
        inputs = None if raw else read_inputs(files[0])
    except InputError as error:
        raise InputError(
            diagnostic._replace(remedy="--raw exports a network as it is") for diagnostic in error.diagnostics
        ) from None
    path = files[0].with_name(files[0].stem + ENDINGS[format]) if out is None else out
    check_export(path, format, overwrite=overwrite)
    network = load_model(files[0])
    difference = exporting.export(network, format, path, inputs, pixel_range=pixels, overwrite=overwrite)
    if inputs is None:
        return Exported(path, format, difference, None, None)
    return Exported(path, format, difference, card_path(path), pixels or inputs.normalizer.pixel_range)
