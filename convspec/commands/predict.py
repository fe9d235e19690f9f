"""`convspec predict MODEL IMAGE|FOLDER...`: the classes of images, with probabilities."""

from __future__ import annotations

import argparse
import csv
import json
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from ..api.predict import start
from ..api.results import Row
from ..files import whole_file
from ..language.diagnostics import Diagnostic
from ..output_paths import add_overwrite, check_file
from ..printing import counted
from .arguments import RESIZES, keywords

Write = Callable[[Path, Row], None]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command's arguments."""
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
    if args.csv:
        check_file(Path(args.csv), overwrite=args.overwrite)
    running, errors = start(**keywords(args, "json", "csv", "overwrite")), Errors()
    with _output(args, running.top) as write:
        for path, row in errors.without(running.rows):
            write(path, row)
    if args.csv:
        print(f"{args.csv}: {counted(errors.read, 'image')}")
    return errors.status()


class Errors:
    """What goes wrong with single images: each is printed on stderr at once, a remedy only the first time."""

    def __init__(self) -> None:
        self.read, self.count = 0, 0
        self._remedies: set[str] = set()

    def without(self, results: Iterable[tuple[Path, Any]]) -> Iterator[tuple[Path, Any]]:
        """The results of the images that could be read."""
        for path, found in results:
            if not isinstance(found, Diagnostic):
                self.read += 1
                yield path, found
                continue
            self.count += 1
            print(found._replace(remedy="") if found.remedy in self._remedies else found, file=sys.stderr)
            self._remedies.add(found.remedy)

    def status(self) -> int:
        """The command's exit status; says how many images were left out of several."""
        if self.count and self.read + self.count > 1:
            print(f"{self.count:,} of {counted(self.read + self.count, 'image')} could not be read", file=sys.stderr)
        return 1 if self.count else 0


@contextmanager
def _output(args: argparse.Namespace, top: int) -> Iterator[Write]:
    """What writes one image's classes in the form that was asked for; no form keeps the rows in memory."""
    if args.csv:
        with (
            whole_file(Path(args.csv)) as beside,
            beside.open("w", encoding="utf-8", errors="surrogateescape", newline="") as file,
        ):
            table = csv.writer(file, lineterminator="\n")
            further = (f"{column}_{rank}" for rank in range(2, top + 1) for column in ("class", "probability"))
            table.writerow(["file", "class", "probability", *further])
            yield lambda path, row: table.writerow([path, *(cell for pair in row.items() for cell in pair)])
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
        yield lambda path, row: print(
            f"{path}: " + ", ".join(f"{name} {100 * share:.1f} %" for name, share in row.items())
        )
