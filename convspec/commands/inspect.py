"""`convspec inspect`: what a network is, without building it."""

from __future__ import annotations

import argparse

from .arguments import add_network, load_network


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command's arguments."""
    add_network(parser)
    parser.add_argument("--blocks", action="store_true", help="one row a block, equal neighbours in one")
    parser.add_argument("--json", action="store_true", help="the figures for other programs")
    parser.add_argument("--batch", type=int, default=1, help="images at a time, for the memory (default 1)")
    parser.add_argument("--dtype", default="float32", choices=("float16", "bfloat16", "float32", "float64"))


def run(args: argparse.Namespace) -> int:
    """Print the table or the JSON object."""
    from ..analysis import analyze
    from ..spec import Fault, FaultError

    if args.batch < 1:
        raise FaultError(Fault(f"--batch {args.batch}: a batch has at least one image"))
    analysis = analyze(load_network(args), batch=args.batch, dtype=args.dtype)
    if args.json:
        import json

        print(json.dumps(analysis.to_dict(), indent=1))
    else:
        from ..analysis.table import render

        print(render(analysis, blocks=args.blocks))
    return 0
