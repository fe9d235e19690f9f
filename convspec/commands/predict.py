"""`convspec predict MODEL IMAGE|FOLDER...`: the classes of images, by a trained network."""

from __future__ import annotations

import argparse
import csv
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from ..api.image_errors import ImageErrors
from ..api.predict import predict
from ..api.results import Row, shares
from ..api.sources import check_is_written
from ..files import whole_file
from ..language.diagnostics import Diagnostic
from ..output_paths import add_overwrite, check_file
from ..printing import counted
from .arguments import RESIZES, keywords

Write = Callable[[Path, Row], None]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("model", metavar="MODEL", help="a .keras file of `convspec train`, or the folder of a run")
    parser.add_argument("images", metavar="IMAGE|FOLDER", nargs="+", help="image files, or folders of them")
    parser.add_argument("--top", type=int, default=3, metavar="N", help="classes shown for each image; 3 unless given")
    how = "how images come to the network's size; as in training unless given"
    parser.add_argument("--resize", choices=RESIZES, help=how)
    form = parser.add_mutually_exclusive_group()
    form.add_argument("--json", action="store_true", help="print a JSON list instead of lines")
    form.add_argument("--csv", metavar="FILE", help="write a table there: file, class, probability, class_2, ...")
    add_overwrite(parser)


def run(args: argparse.Namespace) -> int:
    """Print one line per image: its file, then the classes from the likeliest.

    Images that cannot be read are listed on stderr; the others are predicted, and the exit status is 1.
    """
    check_is_written(args.csv, "--csv", overwrite=args.overwrite)
    if args.csv:
        check_file(Path(args.csv), overwrite=args.overwrite)
    read, errors = 0, ImageErrors()
    found = predict(**keywords(args, "json", "csv", "overwrite"), stream=True)
    with _output(args) as write:
        for path, row in found:
            if isinstance(row, Diagnostic):
                errors.add(row)
            else:
                read += 1
                write(path, row)
    if args.csv:
        print(f"{args.csv}: {counted(read, 'image')}")
    errors.finish(read)
    return 1 if errors.count else 0


@contextmanager
def _output(args: argparse.Namespace) -> Iterator[Write]:
    """What writes one image's classes in the form that was asked for; no form keeps the rows in memory."""
    if args.csv:
        with (
            whole_file(Path(args.csv)) as beside,
            beside.open("w", encoding="utf-8", errors="surrogateescape", newline="") as file,
        ):
            yield _csv_writer(file, min(args.top, _classes(args.model)))
    elif args.json:
        separator = "["

        def write(path: Path, row: Row) -> None:
            nonlocal separator
            text = json.dumps({"file": str(path), "classes": row}, indent=1)
            print(f"{separator}\n " + text.replace("\n", "\n "), end="")
            separator = ","

        yield write
        print("\n]" if separator == "," else "[]")
    else:
        yield lambda path, row: print(f"{path}: {shares(row)}")


def _csv_writer(file: TextIO, columns: int) -> Write:
    """What writes rows of a table, below a header for so many classes, which is there without any row, too."""
    table = csv.writer(file, lineterminator="\n")
    further = (f"{column}_{rank}" for rank in range(2, columns + 1) for column in ("class", "probability"))
    table.writerow(["file", "class", "probability", *further])
    return lambda path, row: table.writerow([path, *(cell for pair in row.items() for cell in pair)])


def _classes(model: str) -> int:
    from ..training.predictor import model_files  # imports Keras, which is there once images are predicted
    from ..training.saving import read_inputs

    return len(read_inputs(model_files(Path(model))[0]).class_names)
