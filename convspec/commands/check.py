"""`convspec check`: what is wrong with spec files."""

from __future__ import annotations

import argparse
import json
from dataclasses import asdict

from ..api.check import check
from ..api.results import Findings
from ..language import Diagnostic
from ..language.yaml_loader import read_stdin
from ..output_paths import add_overwrite
from .arguments import add_data, add_input, add_set, keywords


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("files", nargs="+", metavar="FILE", help="spec files, names of the catalogue, or - for stdin")
    add_data(parser, required=False)
    add_input(parser, "with another input, such as 28x28x1")
    add_set(parser, "with a field set so")
    parser.add_argument("--json", action="store_true", help="print what was found as JSON")
    parser.add_argument("--picture", metavar="FILE.png", help="with --data: where to draw the learning-rate range test")
    add_overwrite(parser)


def run(args: argparse.Namespace) -> int:
    """Print the errors of all files, or that each is right; 1 where there is an error or a warning."""
    options = keywords(args, "files", "json")
    found = [
        (file, check(read_stdin() if file == "-" else file, **options, verbose=not args.json)) for file in args.files
    ]
    if args.json:
        print(json.dumps([_as_json(file, findings) for file, findings in found], indent=2))
    return 0 if all(findings.ok for _, findings in found) else 1


def _as_json(file: str, findings: Findings) -> dict[str, object]:
    """Errors, or what the sanity checks found, or without them what is worth knowing."""
    errors = [_error(one) for one in findings if isinstance(one, Diagnostic)]
    checks = [asdict(one) for one in findings if not isinstance(one, Diagnostic)]
    found: dict[str, object] = {"file": file, "ok": findings.ok, "errors": errors}
    return found | ({} if errors else {"checks": checks} if checks else {"notes": list(findings.notes)})


def _error(error: Diagnostic) -> dict[str, str | int | None]:
    """An error by its parts; null where the line is not known."""
    texts = {name: getattr(error, name) for name in ("file", "path", "message", "remedy", "source")}
    return {**texts, "line": error.line or None, "column": error.column or None, "text": str(error)}
