"""`convspec list`: the networks of the catalogue."""

from __future__ import annotations

import argparse
import sys

from ..language import list_specs


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("pattern", nargs="?", default="*", help="a shell pattern, such as 'resnet*'")
    parser.add_argument("--figures", action="store_true", help="with parameters, MACs, size, input, depth and weights")


def run(args: argparse.Namespace) -> int:
    lines = list_specs(args.pattern)
    if not lines:
        print(f"no network matches {args.pattern!r}; `convspec list` names them all", file=sys.stderr)
        return 1
    if args.figures:
        from ..api.catalogue import table_of_figures  # a shell that completes names shall not wait for pydantic

        lines = table_of_figures(args.pattern)
    print("\n".join(lines))
    return 0
