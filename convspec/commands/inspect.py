"""`convspec inspect`: what a network is: shapes, parameters, MACs, memory, receptive fields."""

from __future__ import annotations

import argparse
import json

from ..analysis import analyze
from ..analysis.memory import TrainingFit, parse_bytes, training_fit
from ..analysis.table import render
from ..language import InputError, Spec, load
from .arguments import add_memory, add_network, keywords


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_network(parser)
    form = parser.add_mutually_exclusive_group()
    form.add_argument("--blocks", action="store_true", help="one row a block, equal neighbours in one")
    form.add_argument("--json", action="store_true", help="the figures for other programs")
    add_memory(parser)
    parser.add_argument("--training", action="store_true", help="the peak memory of a training step as well")
    parser.add_argument("--fit", metavar="SIZE", help="the largest batch that trains in so much memory, such as 24GiB")


def run(args: argparse.Namespace) -> int:
    if args.batch < 1:
        raise InputError(f"--batch {args.batch}: a batch has at least one image")
    spec = load(args.network, **keywords(args, "network", "blocks", "json", "batch", "dtype", "training", "fit"))
    analysis = analyze(spec, batch=args.batch, dtype=args.dtype)
    training = _training(spec, args) if args.training or args.fit is not None else None
    if args.json:
        print(json.dumps({**analysis.to_dict(), **({"training": training.to_dict()} if training else {})}, indent=1))
    else:
        print(render(analysis, blocks=True) if args.blocks else analysis)
        if training:
            print(training)
    return 0


def _training(spec: Spec, args: argparse.Namespace) -> TrainingFit:
    """The estimate that `--training` and `--fit` ask for. Raises `InputError` for an open input or a wrong size."""
    budget = None if args.fit is None else parse_bytes(args.fit)
    if args.fit is not None and not budget:
        raise InputError(f"--fit {args.fit}: expected a number and a unit", remedy="such as 24GiB or 800MB")
    found = training_fit(spec, batch=args.batch, dtype=args.dtype, budget=budget)
    if found is None:
        raise InputError(
            "the memory of training depends on an open input", file=spec.name, remedy="--input HxWxC gives it"
        )
    return found
