"""`convspec check`: what is wrong with spec files, and with `--data` what is worth knowing before a long run."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..outputs import add_overwrite
from .arguments import add_data, given_shape, load_dataset, parse_settings

if TYPE_CHECKING:
    from ..spec import Fault


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command's arguments."""
    parser.add_argument("files", nargs="+", metavar="FILE", help="spec files, or names of the catalogue")
    add_data(parser, required=False)
    parser.add_argument("--input", metavar="HxWxC", help="with another input, such as 28x28x1")
    parser.add_argument(
        "--set", metavar="PATH=VALUE", action="append", default=[], dest="settings", help="with a field set so"
    )
    parser.add_argument("--picture", metavar="FILE.png", help="with --data: where to draw the learning-rate range test")
    add_overwrite(parser)


def run(args: argparse.Namespace) -> int:
    """Print the faults of all files, or that each is right; 1 where there is a fault or a warning."""
    if args.picture is not None:
        _check_picture(Path(args.picture), args)
    wrong = 0
    changes = {"overrides": parse_settings(args.settings), "input_shape": given_shape(args)}
    for file in args.files:
        faults = _faults(file, changes)
        for fault in faults:
            print(fault, file=sys.stderr)
        if faults:
            wrong += 1
        else:
            print(f"{file}: right", flush=True)
            wrong += args.data is not None and not _sane(args, file, changes)
    return 1 if wrong else 0


def _check_picture(path: Path, args: argparse.Namespace) -> None:
    """Raise where the picture would not be drawn."""
    from ..outputs import check_file
    from ..spec import Fault, FaultError

    if args.data is None:
        message = f"--picture {path}: it shows the learning-rate range test, which needs images"
        raise FaultError(Fault(message, remedy="name them by --data"))
    check_file(path, overwrite=args.overwrite)


def _faults(source: str, changes: dict[str, Any]) -> list[str]:
    """The faults of a file, and of each variant in it what is wrong there alone, with these changes."""
    from ..spec import FaultError
    from ..spec.opening import variants_of

    try:
        names = variants_of(Path(source)) if source.endswith((".yaml", ".yml")) else []
    except FaultError as error:
        return [str(fault) for fault in error.faults]
    shared = _found(source, changes)
    own: dict[Fault, list[str]] = {}
    for name in names:
        for fault in _found(source, {**changes, "variant": name}):
            if fault not in shared:
                own.setdefault(fault, []).append(name)
    return [str(fault) for fault in shared] + [str(_in_variants(fault, chosen)) for fault, chosen in own.items()]


def _found(source: str, changes: dict[str, Any]) -> tuple[Fault, ...]:
    from ..spec import FaultError, load
    from ..spec.trainable import check_recipe

    try:
        check_recipe(load(source, **changes))
    except FaultError as error:
        return error.faults
    return ()


def _in_variants(fault: Fault, names: list[str]) -> Fault:
    """A fault that says which variants it is in."""
    kind = "variant" if len(names) == 1 else "variants"
    return fault._replace(message=f"{fault.message} (in the {kind} {', '.join(map(repr, names))})")


def _sane(args: argparse.Namespace, source: str, changes: dict[str, Any]) -> bool:
    """Print the sanity checks of a network with these data; whether none of them warns."""
    from ..spec import load

    spec = load(source, **changes)
    dataset = load_dataset(args, spec)

    from ..quiet import import_keras

    import_keras()
    import keras

    from ..builder import build
    from ..training.checks import sanity_checks
    from ..training.compiling import setting
    from ..training.finetuning import check_phases, freeze, slowed, transfer

    recipe, picture = slowed(spec.train), Path(args.picture) if args.picture else None
    sane = True
    with setting(recipe):
        model = build(spec, kernel_regularizer=keras.regularizers.L2(recipe.l2) if recipe.l2 else None)
        if recipe.finetune is not None:
            transfer(model, recipe.finetune.weights)
            check_phases(model, recipe)
            freeze(model, recipe.finetune.freeze)
        for line in sanity_checks(model, recipe, dataset, loss_weights=spec.loss_weights, picture=picture):
            print(line, flush=True)
            sane = sane and line.ok
    return sane
