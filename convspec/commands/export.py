"""`convspec export`: write a trained network for other programs, and check it."""

from __future__ import annotations

import argparse
from typing import get_args

from ..api.export import Format, export
from ..output_paths import add_overwrite
from .arguments import add_pixel_range, keywords


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("model", metavar="MODEL", help="a .keras file, or the folder of a run")
    parser.add_argument("--format", required=True, choices=get_args(Format), help="what to write")
    parser.add_argument("--out", metavar="PATH", help="file or folder to write; beside the model unless given")
    parser.add_argument("--raw", action="store_true", help="the network as it is: no preprocessing, no softmax")
    add_overwrite(parser)
    add_pixel_range(parser, "the pixels that it will read, such as --pixel-range=0,255; those of training unless given")


def run(args: argparse.Namespace) -> int:
    """Export, run the export beside the original, and say how far they differ."""
    print(export(**keywords(args)))
    return 0
