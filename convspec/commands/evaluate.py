"""`convspec evaluate MODEL --data DATA`: how good a trained network is, class by class."""

from __future__ import annotations

import argparse
import json
from typing import get_args

from ..api.evaluate import Part, evaluate
from ..output_paths import add_overwrite
from .arguments import RESIZES, add_data, keywords


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("model", metavar="MODEL", help="a .keras file of `convspec train`, or the folder of a run")
    add_data(parser)
    parser.add_argument(
        "--part",
        choices=get_args(Part),
        help="the images to use; test where the data have it, else those that training kept for validation",
    )
    how = "how images come to the network's size; as in training unless given"
    parser.add_argument("--resize", choices=RESIZES, help=how)
    parser.add_argument("--json", action="store_true", help="print a JSON object instead of a table")
    parser.add_argument("--out", metavar="DIR", help="draw the confusion matrix and the surest mistakes there")
    add_overwrite(parser)


def run(args: argparse.Namespace) -> int:
    """Print accuracy and loss, then precision and recall of each class."""
    scores = evaluate(**keywords(args, "json"))
    if args.json:
        print(json.dumps(scores.as_dict(), indent=1))
        return 0
    print(scores)
    if scores.files:
        print(f"{args.out}: {', '.join(file.name for file in scores.files)}")
    return 0
