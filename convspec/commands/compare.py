"""`convspec compare`: networks side by side: cost, size, receptive field, published accuracy."""

from __future__ import annotations

import argparse
import json

from ..analysis.comparison import render_markdown, to_dicts
from ..api.compare import compare
from ..output_paths import add_overwrite
from .arguments import add_input, add_memory, keywords


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "networks", nargs="+", metavar="NAME|FILE", help="networks, spec files, or a pattern such as 'resnet*'"
    )
    add_input(parser, "one input for all, such as 224x224x3")
    add_memory(parser)
    form = parser.add_mutually_exclusive_group()
    form.add_argument("--json", action="store_true", help="the figures for other programs")
    form.add_argument("--markdown", action="store_true", help="a table for a page or a pull request")
    parser.add_argument("--out", metavar="FILE", help="a picture as well: .svg, .html, .png or .pdf")
    add_overwrite(parser)
    parser.add_argument("--dark", action="store_true", help="a dark picture")


def run(args: argparse.Namespace) -> int:
    rows = compare(*args.networks, **keywords(args, "networks", "json", "markdown"))
    if args.json:
        print(json.dumps(to_dicts(rows), indent=1))
    else:
        print(render_markdown(rows.told_apart) if args.markdown else rows)
    return 0
