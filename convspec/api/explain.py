"""`convspec.explain`: where in an image a trained network sees a class."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain, count
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from ..keras_import import import_keras
from ..language.diagnostics import Diagnostic, InputError, did_you_mean
from ..output_paths import check_file, make_folder
from .results import Explained, Explanations
from .sources import Place, Resize, check_choice, places

if TYPE_CHECKING:
    from ..training.predictor import Predictor

Method = Literal["grad_cam", "occlusion"]


def explain(
    model: Place,
    images: Place | Sequence[Place],
    *,
    method: Method = "grad_cam",
    class_name: str | None = None,
    layer: str = "",
    resize: Resize | None = None,
    out: Place | None = None,
    overwrite: bool = False,
) -> Explanations:
    """Draw where in images a network sees a class: for each file what the picture shows, or why it is unreadable.

    Parameters
    ----------
    images
        Image files, and folders of them.
    method
        `grad_cam` takes the gradients of the last feature maps, or of `layer`; `occlusion` hides each place in turn.
    class_name
        The class; by default the likeliest.
    out
        A folder for IMAGE_METHOD.png, by default the current one; or the .png of a single image.

    Raises
    ------
    InputError
        For an unknown class or layer, and for files that are there already, unless `overwrite`.
    """
    return Explanations(explanations(model, images, method, class_name, layer, resize, out, overwrite))


def explanations(
    model: Place,
    images: Place | Sequence[Place],
    method: Method,
    class_name: str | None,
    layer: str,
    resize: Resize | None,
    out: Place | None,
    overwrite: bool,
) -> Iterator[tuple[Path, Explained | Diagnostic]]:
    """Draw one image after another."""
    check_choice("method", method, Method)
    check_choice("resize", resize, Resize)
    import_keras()
    from ..data.pixels import BYTES
    from ..report.saliency import draw_explanation, grad_cam, occlusion, place_of
    from ..training.predictor import load_predictor, picture_files

    if layer and method != "grad_cam":
        raise InputError(Diagnostic("--layer goes with --method grad_cam"))
    files = list(dict.fromkeys(picture_files(places(images))))
    targets = _targets(files, Path(out or "."), method, overwrite)
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
        message = f"no class is called {name!r}{did_you_mean(name, names)}"
        raise InputError(Diagnostic(message, path="--class", remedy=remedy))
    return None if name is None else names.index(name)


def _targets(files: list[Path], out: Path, method: Method, overwrite: bool) -> dict[Path, Path]:
    """Where each picture goes: the one file that was named, or a file for each image in a folder."""
    if out.suffix == ".png" and len(files) == 1:
        make_folder(out.parent)
        check_file(out, overwrite=overwrite)
        return {files[0]: out}
    if out.suffix:
        what = "a picture is a .png" if len(files) == 1 else f"one file, {len(files)} images"
        remedy = "name a folder, or a file ending in .png for a single image"
        raise InputError(Diagnostic(f"--out {out}: {what}", remedy=remedy))
    make_folder(out)
    targets = {file: out / f"{name}_{method}.png" for file, name in zip(files, _names(files), strict=True)}
    for target in targets.values():
        check_file(target, overwrite=overwrite)
    return targets


def _names(files: list[Path]) -> list[str]:
    """The files' names without their endings, those of several folders told apart by a number."""
    names: dict[str, None] = {}
    for file in files:
        numbered = (f"{file.stem}_{number}" for number in count(2))
        names[next(name for name in chain([file.stem], numbered) if name not in names)] = None
    return list(names)
