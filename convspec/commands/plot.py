"""`convspec plot`: a picture of a network."""

from __future__ import annotations

import argparse
from pathlib import Path

from ..outputs import add_overwrite
from .arguments import add_network, load_network


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command's arguments."""
    add_network(parser)
    parser.add_argument("--out", required=True, metavar="FILE", help="the picture: .svg, .html, .png or .pdf")
    parser.add_argument(
        "--depth",
        choices=("layers", "blocks", "stages"),
        help="what a box is; by default layers for a small network, else blocks with their insides beside them",
    )
    parser.add_argument("--scale", choices=("macs", "parameters"), help="heights grow with this cost")
    add_overwrite(parser)
    parser.add_argument("--dark", action="store_true", help="dark; without it an .svg or .html follows the reader")


def run(args: argparse.Namespace) -> int:
    """Draw, write, and say what was written."""
    name, path = plot(args)
    print(f"{path}: {name}, {path.stat().st_size / 1000:.0f} kB")
    return 0


def plot(args: argparse.Namespace) -> tuple[str, Path]:
    """Draw and write; the network's name and the file."""
    from ..analysis import analyze
    from ..report.diagram import draw
    from ..report.pictures import check_ending, write_picture

    path = Path(args.out)
    check_ending(path, overwrite=args.overwrite)
    analysis = analyze(load_network(args))
    fixed = "dark" if args.dark else "light" if path.suffix.lower() in (".png", ".pdf") else "auto"
    svg = draw(analysis, depth=args.depth, scale=args.scale, scheme=fixed)
    write_picture(svg, path, analysis.name, fixed)
    return analysis.name, path
