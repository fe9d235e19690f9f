"""`convspec check`: what is wrong with spec files, and with `--data` what is worth knowing before a long run."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable
from dataclasses import asdict
from functools import partial
from typing import Any

from ..api.check import check_picture, errors_of, notes, sanity
from ..api.sources import check_has_use
from ..language import Diagnostic
from ..language.yaml_loader import read_stdin
from ..output_paths import add_overwrite
from .arguments import add_data, add_input, add_set, keywords


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command's arguments."""
    parser.add_argument("files", nargs="+", metavar="FILE", help="spec files, names of the catalogue, or - for stdin")
    add_data(parser, required=False)
    add_input(parser, "with another input, such as 28x28x1")
    add_set(parser, "with a field set so")
    parser.add_argument("--json", action="store_true", help="print what was found as JSON")
    parser.add_argument("--picture", metavar="FILE.png", help="with --data: where to draw the learning-rate range test")
    add_overwrite(parser)


def run(args: argparse.Namespace) -> int:
    """Print the errors of all files, or that each is right; 1 where there is an error or a warning."""
    if args.picture is not None:
        check_picture(args.picture, args.data, overwrite=args.overwrite)
    options = keywords(args, "files", "overwrite", "json")
    check_has_use(args.data, data_dir=args.data_dir, pixel_range=args.pixel_range)
    found = [_found(file, quiet=args.json, **options) for file in args.files]
    if args.json:
        print(json.dumps(found, indent=2))
    return 0 if all(one["ok"] for one in found) else 1


def _found(
    file: str, overrides: Any, input_shape: Any, data: str | None, *, quiet: bool, **options: Any
) -> dict[str, Any]:
    """What `--json` prints of a file: errors and warnings, or what is worth knowing; printed unless `quiet`."""
    tell: Callable[..., None] = _nothing if quiet else partial(print, flush=True)
    source: Any = read_stdin() if file == "-" else file
    errors = errors_of(source, overrides, input_shape)
    found: dict[str, Any] = {"file": file, "ok": not errors, "errors": [_as_json(error) for error in errors]}
    if errors:
        tell(*errors, sep="\n", file=sys.stderr)
        return found
    tell(f"{file}: ok")
    if data is None:
        found["notes"] = list(notes(source, overrides, input_shape))
        for note in found["notes"]:
            tell(f"  {note}")
        return found
    found["checks"] = []
    for line in sanity(source, data, overrides, input_shape, **options):
        tell(line)
        found["checks"].append(asdict(line))
        found["ok"] = found["ok"] and line.ok
    return found


def _nothing(*_: object, **__: object) -> None:
    pass


def _as_json(error: Diagnostic) -> dict[str, Any]:
    """An error by its parts; null where the line is not known."""
    texts = {name: getattr(error, name) for name in ("file", "path", "message", "remedy", "source")}
    return {**texts, "line": error.line or None, "column": error.column or None, "text": str(error)}
