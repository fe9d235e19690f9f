"""`convspec tune NAME|FILE --data DATA --out DIR`: search the hyperparameters of a spec, coarse then fine."""

from __future__ import annotations

import argparse
from pathlib import Path

from ..api.tune import tune
from ..keras_import import import_keras
from ..language import InputError
from .arguments import add_data, add_network, keywords


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_network(parser, what="a spec with a `tune:` section", example="tune.stages[0].trials=50", required=False)
    add_data(parser, required=False)
    parser.add_argument("--out", metavar="DIR", help="where the search lies; runs/NAME-search unless given")
    parser.add_argument(
        "--extend", action="store_true", help="go on in DIR with other stages, ranges or constraints; trials are kept"
    )
    parser.add_argument(
        "--widen", action="store_true", help="where the best value lies at the end of its range, move it and go on"
    )
    parser.add_argument("--workers", type=int, default=0, metavar="N", help="train on N processes (Ray, this machine)")
    parser.add_argument("--address", metavar="HOST:PORT", help="train on the workers of a Ray cluster")
    parser.add_argument(
        "--time-limit", type=float, metavar="SECONDS", help="with workers: a trial that takes longer has failed"
    )
    parser.add_argument("--tensorboard", action="store_true", help="write DIR/tensorboard, with hyperparameters, too")
    parser.add_argument("--show", metavar="DIR", help="print the table of a search and end")


def run(args: argparse.Namespace) -> int:
    if args.show is not None:
        _check_alone(args)
        return _show(Path(args.show))
    if args.network is None or args.data is None:
        missing = "the network" if args.network is None else "--data"
        remedy = "convspec tune NAME|FILE --data DATA, or convspec tune --show DIR"
        raise InputError(f"{missing} is missing", remedy=remedy)
    tune(**keywords(args, "show"), verbose=True)
    return 0


def _check_alone(args: argparse.Namespace) -> None:
    """Raise `InputError` for what has no effect beside `--show`."""
    options = {"network": "NAME|FILE", "input_shape": "--input", "overrides": "--set"}
    given = [options.get(name, f"--{name.replace('_', '-')}") for name, value in vars(args).items()
             if value and name not in ("run", "show")]  # fmt: skip
    if given:
        message = f"{' and '.join(given)}: no effect beside --show, which prints a search that is there"
        raise InputError(message, remedy="leave one of the two out")


def _show(folder: Path) -> int:
    import_keras()
    from ..api.searches import show_search

    for line in show_search(folder):
        print(line)
    return 0
