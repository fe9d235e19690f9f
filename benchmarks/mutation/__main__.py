"""Run a command: `python -m benchmarks.mutation --help`."""

from __future__ import annotations

import argparse
from pathlib import Path

from . import __doc__ as description
from .carry import carry
from .files import append, freeze, lines_since
from .mutants import sample
from .rates import sample_table
from .serve import serve
from .table import table
from .verdicts import add


def draw(folder: Path, count: int, seed: int, since: str) -> None:
    """Draw mutants of the package as it is; if a commit is named, two thirds from lines that are new since then."""
    freeze(folder)
    (folder / "mutants.jsonl").unlink(missing_ok=True)
    old, new = lines_since(since) if since else (None, None)
    if new is not None:
        for mutant in sample(folder, round(count * 2 / 3), seed, new):
            append(folder / "mutants.jsonl", {**mutant._asdict(), "new": True})
    for mutant in sample(folder, count if new is None else round(count / 3), seed, old):
        append(folder / "mutants.jsonl", mutant._asdict())


def arguments() -> argparse.Namespace:
    """What the command line asks for."""
    parser = argparse.ArgumentParser(
        prog="benchmarks.mutation", description=description, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--folder", type=Path, default=Path(".mutation"))
    commands = parser.add_subparsers(dest="command", required=True)
    drawing = commands.add_parser("draw")
    drawing.add_argument("--mutants", type=int, default=1800)
    drawing.add_argument("--since", default="", metavar="COMMIT", help="two thirds from lines that are new since then")
    carrying = commands.add_parser("carry")
    carrying.add_argument("old", type=Path, help="the folder of another state of the code")
    carrying.add_argument("--no-draw", action="store_true", help="draw nothing for mutants whose lines are gone")
    for each in (drawing, carrying):
        each.add_argument("--seed", type=int, default=1)
    reaching = commands.add_parser("reach")
    reaching.add_argument("tests", nargs="*")
    reaching.add_argument("--cases", type=int, default=1000, help="how many cases of a parametrised test, at most")
    running = commands.add_parser("run")
    running.add_argument("mode", nargs="?", choices=("quick", "named", "more", "repeat"), default="quick")
    running.add_argument("--only", nargs="+", default=[], help="mutants of these files or folders")
    running.add_argument("--tests", nargs="*", default=[], help="these tests are imported; all if none is named")
    running.add_argument("--most", type=int, default=100_000, help="how many mutants")
    adding = commands.add_parser("verdicts")
    adding.add_argument("files", nargs="+", type=Path)
    commands.add_parser("table")
    commands.add_parser("rates")
    return parser.parse_args()


def main() -> None:
    """Run a command."""
    args = arguments()
    folder = args.folder.resolve()
    if args.command == "draw":
        draw(folder, args.mutants, args.seed, args.since)
    elif args.command == "carry":
        carry(args.old.resolve(), folder, args.seed, replace=not args.no_draw)
    elif args.command == "verdicts":
        add(folder, args.files)
    elif args.command == "rates":
        print("\n".join(sample_table()))
    elif args.command == "table":
        print("\n".join(table(folder)))
    else:
        serve(folder, args)


if __name__ == "__main__":
    main()
