"""`convspec tune NAME|FILE --data DATA --out DIR`: search the fields of a spec's `tune:` section."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from ..api.tune import tune
from ..language import Diagnostic, InputError
from .arguments import add_data, add_network, keywords

if TYPE_CHECKING:
    from ..tuning.searching import SearchResult


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of the command."""
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
    """Search, or show a search."""
    if args.show is not None:
        return _show(Path(args.show))
    if args.network is None or args.data is None:
        missing = "the network" if args.network is None else "--data"
        remedy = "convspec tune NAME|FILE --data DATA, or convspec tune --show DIR"
        raise InputError(Diagnostic(f"{missing} is missing", remedy=remedy))
    result = tune(**keywords(args, "show"), verbose=True)
    if result is None:
        print(f"done; the chief writes the tables of {args.out or 'the search'}")
        return 0
    for line in summary(result):
        print(line)
    return 0


def summary(result: SearchResult) -> list[str]:
    """What came out, what to be wary of, and where it lies."""
    from ..training.progress import duration
    from ..tuning.store import trial_name
    from ..tuning.tables import short_names, value_text

    states = [record.state for record in result.records]
    counts = [f"{states.count(state)} {state}" for state in ("completed", "aborted", "pruned", "failed")]
    best, names = result.best, short_names(list(result.best.values))
    values = "  ".join(f"{names[path]}: {value_text(value)}" for path, value in best.values.items())
    values = values if best.stage else f"the spec as written  {values}".rstrip()
    files = [
        "best.yaml",
        "best.keras",
        "trials.csv",
        "history.csv",
        "search.json",
        *(path.name for path in result.pictures),
    ]
    return [
        f"{', '.join(count for count in counts if not count.startswith('0 '))} in {duration(result.seconds)}",
        f"best: trial {trial_name(best)}  {best.score:.4f}  {values}",
        *(f"warning: {warning}" for warning in result.warnings),
        *repeated(result),
        f"{result.folder}: {', '.join(files)}",
    ]


def repeated(result: SearchResult) -> list[str]:
    """Whether training best.yaml repeats its trial."""
    import keras

    from ..language.loading import load
    from ..training.devices import gpus

    path = result.folder / "best.yaml"
    if not path.exists():
        return []
    recipe = load(path).train
    why = {
        "the score is the mean of several trainings": result.best.deviation is not None,
        "trials on a GPU are compiled by XLA": bool(gpus()),
        "train.jit_compile is true": recipe.jit_compile,
        f"{keras.backend.backend()} compiles them apart": keras.backend.backend() != "tensorflow",
        "train.deterministic is false": not recipe.deterministic,
    }
    reasons = [reason for reason, holds in why.items() if holds]
    if reasons:
        return [f"training best.yaml may give other figures than its trial: {'; '.join(reasons)}"]
    return ["training best.yaml on this machine repeats its trial, bit for bit"]


def _show(folder: Path) -> int:
    from ..keras_import import import_keras

    import_keras()
    from ..tuning.searching import show_search

    for line in show_search(folder):
        print(line)
    return 0
