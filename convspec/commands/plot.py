"""`convspec plot`: draw a network."""

from __future__ import annotations

import argparse
from typing import get_args

from ..api.plot import Depth, Scale, plot
from ..output_paths import add_overwrite
from .arguments import add_network, keywords


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_network(parser)
    parser.add_argument("--out", required=True, metavar="FILE", help="the picture: .svg, .html, .png or .pdf")
    parser.add_argument(
        "--depth",
        choices=get_args(Depth),
        help="what a box is; by default layers for a small network, else blocks with their insides beside them",
    )
    parser.add_argument("--scale", choices=get_args(Scale), help="heights grow with this cost")
    add_overwrite(parser)
    parser.add_argument("--dark", action="store_true", help="dark; without it an .svg or .html follows the reader")


def run(args: argparse.Namespace) -> int:
    print(plot(**keywords(args)))
    return 0
