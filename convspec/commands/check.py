"""`convspec check`: what is wrong with spec files, and with `--data` what is worth knowing before a long run."""

from __future__ import annotations

import argparse
import sys
from typing import Any

from ..api.check import check_picture, errors_of, notes, sanity
from ..outputs import add_overwrite
from .arguments import add_data, add_input, add_set, keywords


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command's arguments."""
    parser.add_argument("files", nargs="+", metavar="FILE", help="spec files, or names of the catalogue")
    add_data(parser, required=False)
    add_input(parser, "with another input, such as 28x28x1")
    add_set(parser, "with a field set so")
    parser.add_argument("--picture", metavar="FILE.png", help="with --data: where to draw the learning-rate range test")
    add_overwrite(parser)


def run(args: argparse.Namespace) -> int:
    """Print the errors of all files, or that each is right; 1 where there is an error or a warning."""
    if args.picture is not None:
        check_picture(args.picture, args.data, overwrite=args.overwrite)
    options = keywords(args, "files", "overwrite")
    wrong = [file for file in args.files if not _is_right(file, **options)]
    return 1 if wrong else 0


def _is_right(file: str, overrides: Any, input_shape: Any, data: str | None, **options: Any) -> bool:
    """Whether a file has neither errors nor warnings; prints them, or what is worth knowing."""
    if errors := errors_of(file, overrides, input_shape):
        for error in errors:
            print(error, file=sys.stderr)
        return False
    print(f"{file}: ok", flush=True)
    if data is None:
        for note in notes(file, overrides, input_shape):
            print(f"  {note}")
        return True
    sane = True
    for line in sanity(file, data, overrides, input_shape, **options):
        print(line, flush=True)
        sane = sane and line.ok
    return sane
