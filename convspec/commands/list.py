"""`convspec list`: the networks of the catalogue."""

from __future__ import annotations

import argparse
import sys


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command's arguments."""
    parser.add_argument("pattern", nargs="?", default="*", help="a shell pattern, such as 'resnet*'")
    parser.add_argument("--figures", action="store_true", help="with parameters, MACs, size, input, depth and weights")


def run(args: argparse.Namespace) -> int:
    """Print the names, one a line, or a table."""
    from ..language import list_specs

    lines = list_specs(args.pattern)
    if not lines:
        print(f"no network matches {args.pattern!r}; `convspec list` names them all", file=sys.stderr)
        return 1
    print("\n".join(_table(args.pattern) if args.figures else lines))
    return 0


def _table(pattern: str) -> list[str]:
    """A row a network; MACs of one with an open input are those at 224x224."""
    from ..analysis.figures import figures
    from ..architectures.official import has_official_weights
    from ..graph import format_shape
    from ..text_tables import aligned

    rows = [
        (row.name, f"{row.parameters:,}", f"{row.macs:,}", f"{row.megabytes:.1f}", format_shape(row.input),
         str(row.depth), "imagenet" if has_official_weights(row.name) else "")
        for row in figures(pattern)
    ]  # fmt: skip
    header = ("network", "parameters", "MACs", "MB", "input", "depth", "weights")
    return aligned([header, *rows], left=(0, 6))
