"""`convspec explain MODEL IMAGE`: where in an image a trained network sees a class."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from itertools import chain, count
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from ..outputs import add_overwrite, check_file, make_folder
from ..spec.faults import Fault, FaultError, did_you_mean
from .arguments import RESIZES
from .predict import Errors

if TYPE_CHECKING:
    from ..training.predictor import Predictor


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command's arguments."""
    parser.add_argument("model", metavar="MODEL", help="a .keras file of `convspec train`, or the folder of a run")
    parser.add_argument("images", metavar="IMAGE|FOLDER", nargs="+", help="image files, or folders of them")
    parser.add_argument(
        "--method",
        choices=("grad_cam", "occlusion"),
        default="grad_cam",
        help="the gradients of the last feature maps (grad_cam, unless given), or what hiding each place does",
    )
    parser.add_argument("--class", metavar="NAME", dest="class_name", help="the class; the likeliest unless given")
    parser.add_argument("--layer", metavar="NAME", default="", help="with grad_cam: another layer than the last")
    parser.add_argument("--resize", choices=RESIZES, help="how images come to the network's size")
    parser.add_argument("--out", metavar="FILE.png|DIR", help="where to draw; IMAGE_METHOD.png here unless given")
    add_overwrite(parser)


class Explained(NamedTuple):
    """Where a network sees a class in an image; `row` and `column` are those of the place that counts most."""

    class_name: str
    probability: float
    row: int
    column: int
    picture: Path


def run(args: argparse.Namespace) -> int:
    """Draw one picture per image, and print what it shows."""
    errors = Errors()
    for file, found in errors.without(explain(args)):
        name, probability, row, column, picture = found
        print(f"{file}: {name} {100 * probability:.1f} %, most around row {row}, column {column}: {picture}")
    return errors.status()


def explain(args: argparse.Namespace) -> Iterator[tuple[Path, Explained | Fault]]:
    """Draw one image after the other: what each picture shows, or why the image cannot be read."""
    from ..quiet import import_keras

    import_keras()
    from ..data.pixels import BYTES
    from ..report.explaining import draw_explanation, grad_cam, occlusion, place_of
    from ..training.predictor import load_predictor, picture_files

    if args.layer and args.method != "grad_cam":
        raise FaultError(Fault("--layer goes with --method grad_cam"))
    files = list(dict.fromkeys(picture_files([Path(place) for place in args.images])))
    targets = _targets(files, args)
    predictor = load_predictor(Path(args.model))
    label = _label(predictor, args.class_name)
    for file, image in predictor.read(files, args.resize):
        if isinstance(image, Fault):
            yield file, image
            continue
        found = (
            grad_cam(predictor, image, label, args.layer, BYTES)
            if args.method == "grad_cam"
            else occlusion(predictor, image, label, BYTES)
        )
        name = predictor.class_names[found.label]
        draw_explanation(found, image, BYTES, name, targets[file])
        yield file, Explained(name, float(found.probability), *place_of(found), targets[file])


def _label(predictor: Predictor, name: str | None) -> int | None:
    names = predictor.class_names
    if name is not None and name not in names:
        remedy = f"its classes are {', '.join(names)}" if len(names) <= 100 else ""
        raise FaultError(
            Fault(f"no class is called {name!r}{did_you_mean(name, names)}", path="--class", remedy=remedy)
        )
    return None if name is None else names.index(name)


def _targets(files: list[Path], args: Any) -> dict[Path, Path]:
    """Where each picture goes: the one file that was named, or a file for each image in a folder."""
    out = Path(args.out or ".")
    if out.suffix == ".png" and len(files) == 1:
        make_folder(out.parent)
        check_file(out, overwrite=args.overwrite)
        return {files[0]: out}
    if out.suffix:
        message = (
            f"--out {out}: a picture is a .png" if len(files) == 1 else f"--out {out}: one file, {len(files)} images"
        )
        raise FaultError(Fault(message, remedy="name a folder, or a file ending in .png for a single image"))
    make_folder(out)
    targets = {file: out / f"{name}_{args.method}.png" for file, name in zip(files, _names(files), strict=True)}
    for target in targets.values():
        check_file(target, overwrite=args.overwrite)
    return targets


def _names(files: list[Path]) -> list[str]:
    """The files' names without their endings, those of several folders told apart by a number."""
    names: dict[str, None] = {}
    for file in files:
        numbered = (f"{file.stem}_{number}" for number in count(2))
        names[next(name for name in chain([file.stem], numbered) if name not in names)] = None
    return list(names)
