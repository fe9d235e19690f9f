"""`convspec check`: what is wrong with spec files, and with `--data` what is worth knowing before a long run."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from .arguments import add_data, load_dataset


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command's arguments."""
    parser.add_argument("files", nargs="+", metavar="FILE", help="spec files, or names of the catalogue")
    add_data(parser, required=False)
    parser.add_argument("--input", metavar="HxWxC", help="with --data: another input, such as 28x28x1")
    parser.add_argument(
        "--set", metavar="PATH=VALUE", action="append", default=[], dest="settings", help="with --data: set a field"
    )
    parser.add_argument("--picture", metavar="FILE.png", help="with --data: where to draw the learning-rate range test")


def run(args: argparse.Namespace) -> int:
    """Print the faults of all files, or that each is right; 1 where there is a fault or a warning."""
    wrong = 0
    for file in args.files:
        faults = _faults(file)
        for fault in faults:
            print(fault, file=sys.stderr)
        if faults:
            wrong += 1
        else:
            print(f"{file}: right", flush=True)
            wrong += args.data is not None and not _sane(args, file)
    return 1 if wrong else 0


def _faults(source: str) -> list[str]:
    """The faults of a file and of every variant in it, each once."""
    from ..spec import FaultError, load
    from ..spec.opening import variants_of

    faults: dict[str, None] = {}
    try:
        names = variants_of(Path(source)) if source.endswith((".yaml", ".yml")) else []
        load(source)
        for name in names if len(names) > 1 else []:
            load(source, variant=name)
    except FaultError as error:
        faults |= dict.fromkeys(map(str, error.faults))
    return list(faults)


def _sane(args: argparse.Namespace, source: str) -> bool:
    """Print the sanity checks of a network with these data; whether none of them warns."""
    from ..spec import load
    from .arguments import parse_settings, parse_shape

    shape = parse_shape(args.input) if args.input else None
    spec = load(source, overrides=parse_settings(args.settings), input_shape=shape)
    dataset = load_dataset(args, spec)

    from ..training.quiet import import_keras

    import_keras()
    import keras

    from ..builder import build
    from ..training.checks import sanity_checks
    from ..training.compiling import setting

    recipe, picture = spec.train, Path(args.picture) if args.picture else None
    sane = True
    with setting(recipe):
        model = build(spec, kernel_regularizer=keras.regularizers.L2(recipe.l2) if recipe.l2 else None)
        for line in sanity_checks(model, recipe, dataset, loss_weights=spec.loss_weights, picture=picture):
            print(line, flush=True)
            sane = sane and line.ok
    return sane
