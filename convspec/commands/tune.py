"""`convspec tune NAME|FILE --data DATA --out DIR`: search the fields of a spec's `tune:` section."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from ..interrupts import safe_points
from ..outputs import check_search_folder
from ..spec import Fault, FaultError
from .arguments import add_data, add_network, load_dataset, load_network

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
        raise FaultError(Fault(f"{missing} is missing", remedy=remedy))
    out, result = tune(args, partial(print, flush=True))
    if result is None:
        print(f"done; the chief writes the tables of {out}")
        return 0
    for line in summary(result):
        print(line)
    return 0


def tune(
    args: argparse.Namespace, say: Callable[[str], object] | None = None, runs: Path = Path("runs")
) -> tuple[Path, SearchResult | None]:
    """The folder of a search and what came out, nothing in a worker of a chief; `say` gets what the command prints."""
    if args.workers < 0:
        raise FaultError(Fault(f"--workers {args.workers}: a number of processes, or 0 for this one alone"))
    if args.time_limit is not None and not args.time_limit > 0:
        raise FaultError(Fault(f"--time-limit {args.time_limit:g}: a number of seconds above 0"))
    if args.time_limit is not None and not (args.workers or args.address):
        remedy = "--workers 1 trains in a process of its own, which can be ended"
        raise FaultError(Fault("--time-limit needs --workers or --address", remedy=remedy))
    spec = load_network(args)
    if spec.tune is None:
        message = "has no `tune:` section, so there is nothing to search"
        remedy = "a `tune:` section with a `space:` says what is searched; see docs/tuning.md"
        raise FaultError(Fault(message, file=args.network, remedy=remedy))
    out = Path(args.out) if args.out else runs / f"{spec.name}-search"
    check_search_folder(out)
    from ..data.sized import each_split_once

    load = each_split_once(lambda asked: load_dataset(args, asked))
    dataset = load(spec)
    if say:
        say(str(dataset))
        if spec.tune.folds is not None:
            count = len(dataset.y_train) + len(dataset.y_val)
            say(f"trials train on {spec.tune.folds} folds of the {count:,} training and validation images together")
    from ..quiet import import_keras

    import_keras()
    from ..spec.short_runs import warnings_of_trials
    from ..tuning.searching import is_worker, search

    if say:
        for warning in warnings_of_trials(spec, len(dataset.y_train)):
            say(f"warning: {warning}")
    with safe_points(lambda: f"finished trials are in {out}, and the same command goes on"):
        result = search(
            spec,
            load,
            out,
            extend=args.extend,
            widen=args.widen,
            workers=args.workers,
            address=args.address,
            time_limit=args.time_limit,
            tensorboard=args.tensorboard,
            show=say is not None,
        )
    return out, None if is_worker() else result


def summary(result: SearchResult) -> list[str]:
    """What came out, what to be wary of, and where it lies."""
    from ..report import search_pictures
    from ..training.progress import duration
    from ..tuning.store import trial_name
    from ..tuning.tables import short_names, value_text

    states = [record.state for record in result.records]
    counts = [f"{states.count(state)} {state}" for state in ("completed", "aborted", "pruned", "failed")]
    best, names = result.best, short_names(list(result.best.values))
    values = "  ".join(f"{names[path]}: {value_text(value)}" for path, value in best.values.items())
    values = values if best.stage else f"the spec as written  {values}".rstrip()
    pictures = [path.name for path in search_pictures(result.folder)]
    files = ["best.yaml", "best.keras", "trials.csv", "history.csv", "search.json", *pictures]
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

    from ..spec.loading import load
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
    from ..quiet import import_keras

    import_keras()
    from ..tuning.searching import show_search

    for line in show_search(folder):
        print(line)
    return 0
