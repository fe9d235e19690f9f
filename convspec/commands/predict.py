"""`convspec predict MODEL IMAGE|FOLDER...`: the classes of images, with probabilities."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from ..spec.faults import Fault, FaultError


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command's arguments."""
    parser.add_argument("model", metavar="MODEL", help="a .keras file of `convspec train`, or the folder of a run")
    parser.add_argument("images", metavar="IMAGE|FOLDER", nargs="+", help="image files, or folders of them")
    parser.add_argument("--top", type=int, default=3, metavar="N", help="classes shown for each image; 3 unless given")
    how = "how images come to the network's size; as in training unless given"
    parser.add_argument("--resize", choices=("stretch", "crop", "pad"), help=how)
    parser.add_argument("--json", action="store_true", help="print a JSON list instead of lines")


def run(args: argparse.Namespace) -> int:
    """Print a line an image: its file, then the classes from the likeliest."""
    if args.top < 1:
        raise FaultError(Fault(f"--top {args.top}: 1 or more classes of each image"))

    from ..quiet import import_keras

    import_keras()
    from ..training.predictor import load_predictor, picture_files

    files = picture_files([Path(place) for place in args.images])
    predictor = load_predictor(Path(args.model))
    probabilities = predictor.probabilities(predictor.read(files, args.resize))
    found = []
    for path, row in zip(files, probabilities, strict=True):
        best = row.argsort()[::-1][: args.top]
        found.append((str(path), {predictor.class_names[label]: float(row[label]) for label in best}))
    if args.json:
        print(json.dumps([{"file": file, "classes": classes} for file, classes in found], indent=1))
        return 0
    for file, classes in found:
        print(f"{file}: " + ", ".join(f"{name} {100 * share:.1f} %" for name, share in classes.items()))
    return 0
