"""`convspec compare`: networks side by side."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..outputs import add_overwrite
from .arguments import given_shape

if TYPE_CHECKING:
    from ..analysis.comparison import Row


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command's arguments."""
    parser.add_argument(
        "networks", nargs="+", metavar="NAME|FILE", help="networks, spec files, or a pattern such as 'resnet*'"
    )
    parser.add_argument("--input", metavar="HxWxC", help="one input for all, such as 224x224x3")
    parser.add_argument("--batch", type=int, default=1, help="images at a time, for the memory (default 1)")
    parser.add_argument("--dtype", default="float32", choices=("float16", "bfloat16", "float32", "float64"))
    form = parser.add_mutually_exclusive_group()
    form.add_argument("--json", action="store_true", help="the figures for other programs")
    form.add_argument("--markdown", action="store_true", help="a table for a page or a pull request")
    parser.add_argument("--out", metavar="FILE", help="a picture as well: .svg, .html, .png or .pdf")
    add_overwrite(parser)
    parser.add_argument("--dark", action="store_true", help="a dark picture")


def run(args: argparse.Namespace) -> int:
    """Print the table; draw the picture."""
    from ..analysis.comparison import render, render_markdown, to_dicts

    rows, told = compare(args)
    if args.json:
        import json

        print(json.dumps(to_dicts(rows), indent=1))
    else:
        print(render_markdown(told) if args.markdown else render(told))
    return 0


def compare(args: argparse.Namespace) -> tuple[list[Row], list[Row]]:
    """The rows of the networks, as they are and with names that tell them apart; draws the picture."""
    from ..analysis import analyze
    from ..analysis.comparison import compare, told_apart
    from ..spec import Fault, FaultError

    if args.batch < 1:
        raise FaultError(Fault(f"--batch {args.batch}: a batch has at least one image"))
    if args.out:
        from ..report.pictures import check_ending

        check_ending(Path(args.out), overwrite=args.overwrite)
    shape = given_shape(args)
    names = _networks(args.networks)
    analyses = [analyze(name, batch=args.batch, dtype=args.dtype, input_shape=shape) for name in names]
    sources = [str(name) if isinstance(name, (str, Path)) else "" for name in names]
    rows = compare(analyses, published=[] if shape else sources)
    told = told_apart(rows, sources)
    if args.out:
        from ..report.comparison_picture import draw_comparison

        draw_comparison(told, Path(args.out), dark=args.dark)
    return rows, told


def _networks(given: Sequence[Any]) -> list[Any]:
    """Patterns replaced by the names that they match. Raises `FaultError` where one matches nothing."""
    from ..spec import Fault, FaultError, list_specs

    names: list[Any] = []
    for word in given:
        found = list_specs(word) if isinstance(word, str) and any(sign in word for sign in "*?[") else [word]
        if not found:
            raise FaultError(Fault(f"no network matches {word!r}", remedy="`convspec list` names them all"))
        names += [name for name in found if name not in names]
    return names
