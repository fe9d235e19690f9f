"""`convspec bench NAME...`: milliseconds per inference and per training step, on this machine."""

from __future__ import annotations

import argparse
import json
from typing import get_args

from ..api.bench import Dtype, bench
from .arguments import add_input, add_set, keywords


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("networks", metavar="NAME|FILE", nargs="+", help="networks of the catalogue, or spec files")
    add_input(parser, "another input, such as 32x32x3")
    add_set(parser, "set a field of every spec")
    parser.add_argument("--batch", type=int, default=32, metavar="N", help="images in a batch; 32 unless given")
    parser.add_argument("--repeats", type=int, default=10, metavar="N", help="timed batches of each; 10 unless given")
    parser.add_argument("--dtype", choices=get_args(Dtype), help="what is computed in; float32 unless given")
    parser.add_argument("--inference", action="store_true", help="leave the training step out")
    parser.add_argument("--json", action="store_true", help="print a JSON object instead of a table")


def run(args: argparse.Namespace) -> int:
    """Print one row per network, as soon as it is measured."""
    found = bench(*args.networks, **keywords(args, "networks", "json"), verbose=not args.json)
    if args.json:
        print(json.dumps(found.to_dict(), indent=1))
    return 0
