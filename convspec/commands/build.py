"""`convspec build`: write the Keras model of a spec."""

from __future__ import annotations

import argparse

from ..api.build import build
from ..language import load
from ..output_paths import add_overwrite
from .arguments import add_network, keywords


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_network(parser)
    parser.add_argument("--out", required=True, metavar="MODEL.keras", help="the file to write")
    add_overwrite(parser)


def run(args: argparse.Namespace) -> int:
    options = keywords(args)
    model = build(**options)
    del options["out"], options["overwrite"]
    spec = load(options.pop("network"), **options)
    print(f"{args.out}: {spec.name}, {model.count_params():,} parameters, fingerprint {spec.fingerprint}")
    return 0
