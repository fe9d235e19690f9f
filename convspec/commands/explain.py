"""`convspec explain MODEL IMAGE`: where in an image a trained network sees a class."""

from __future__ import annotations

import argparse
from typing import get_args

from ..api.explain import Method, explain
from ..output_paths import add_overwrite
from .arguments import RESIZES, keywords


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("model", metavar="MODEL", help="a .keras file of `convspec train`, or the folder of a run")
    parser.add_argument("images", metavar="IMAGE|FOLDER", nargs="+", help="image files, or folders of them")
    parser.add_argument(
        "--method",
        choices=get_args(Method),
        default="grad_cam",
        help="the gradients of the last feature maps (grad_cam, unless given), or what hiding each place does",
    )
    parser.add_argument("--class", metavar="NAME", dest="class_name", help="the class; the likeliest unless given")
    parser.add_argument("--layer", metavar="NAME", default="", help="with grad_cam: another layer than the last")
    parser.add_argument("--resize", choices=RESIZES, help="how images come to the network's size")
    parser.add_argument("--out", metavar="FILE.png|DIR", help="where to draw; IMAGE_METHOD.png here unless given")
    add_overwrite(parser)


def run(args: argparse.Namespace) -> int:
    """Draw one picture per image, and print what it shows; 1 where one could not be read."""
    return 0 if explain(**keywords(args), verbose=True).ok else 1
