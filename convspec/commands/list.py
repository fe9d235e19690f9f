"""`convspec list`: the networks of the catalogue."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command's arguments."""
    parser.add_argument("pattern", nargs="?", default="*", help="a shell pattern, such as 'resnet*'")
    parser.add_argument("--figures", action="store_true", help="with parameters, MACs, size, input, depth and weights")


def run(args: argparse.Namespace) -> int:
    """Print the names, one a line, or a table."""
    from ..spec import list_specs

    lines = list_specs(args.pattern)
    if not lines:
        print(f"no network matches {args.pattern!r}; `convspec list` names them all", file=sys.stderr)
        return 1
    print("\n".join(_table(args.pattern) if args.figures else lines))
    return 0


def _table(pattern: str) -> Iterator[str]:
    """A row a network; MACs of one with an open input are those at 224x224."""
    from ..analysis.figures import figures
    from ..architectures.official import has_official_weights
    from ..graph import format_shape

    rows = figures(pattern)
    width = max(len(name) for name in ("network", *(row.name for row in rows)))
    head = f"{'network':{width}}  {'parameters':>11}  {'MACs':>15}  {'MB':>7}  {'input':>11}  {'depth':>5}  weights"
    yield head
    yield "-" * len(head)
    for row in rows:
        weights = "imagenet" if has_official_weights(row.name) else ""
        yield (
            f"{row.name:{width}}  {row.parameters:>11,}  {row.macs:>15,}  {row.megabytes:>7.1f}  "
            f"{format_shape(row.input):>11}  {row.depth:>5}  {weights}".rstrip()
        )
