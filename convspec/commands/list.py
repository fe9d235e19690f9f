"""`convspec list`: the networks of the catalogue."""

from __future__ import annotations

import argparse
import sys


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command's arguments."""
    parser.add_argument("pattern", nargs="?", default="*", help="a shell pattern, such as 'resnet*'")


def run(args: argparse.Namespace) -> int:
    """Print the names, one a line."""
    from ..spec import list_specs

    names = list_specs(args.pattern)
    if not names:
        print(f"no network matches {args.pattern!r}; `convspec list` names them all", file=sys.stderr)
        return 1
    print("\n".join(names))
    return 0
