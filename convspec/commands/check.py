"""`convspec check`: what is wrong with spec files, and with `--data` what is worth knowing before a long run."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..outputs import add_overwrite
from ..printing import counted
from .arguments import add_data, given_shape, load_dataset, open_network, parse_settings

if TYPE_CHECKING:
    from ..spec import Fault, Spec
    from ..training.checks import Line


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
        check_picture(Path(args.picture), args)
    wrong = 0
    changes = {"overrides": parse_settings(args.settings), "input_shape": given_shape(args)}
    for file in args.files:
        faults = check(file, changes)
        for fault in faults:
            print(fault, file=sys.stderr)
        if faults:
            wrong += 1
        else:
            print(f"{file}: ok", flush=True)
            if args.data is None:
                for note in notes(file, changes):
                    print(f"  {note}")
            else:
                sane = True
                for line in sanity(args, file, changes):
                    print(line, flush=True)
                    sane = sane and line.ok
                wrong += not sane
    return 1 if wrong else 0


def check_picture(path: Path, args: argparse.Namespace) -> None:
    """Raise where the picture would not be drawn."""
    from ..outputs import check_file
    from ..spec import Fault, FaultError

    if args.data is None:
        message = f"--picture {path}: it shows the learning-rate range test, which needs images"
        raise FaultError(Fault(message, remedy="name them by --data"))
    check_file(path, overwrite=args.overwrite)


def check(source: Any, changes: dict[str, Any]) -> list[Fault]:
    """The errors of a spec, and of each variant in its file what is wrong there alone, with these changes."""
    from ..spec import FaultError
    from ..spec.opening import variants_of

    try:
        names = variants_of(source)
    except FaultError as error:
        return list(error.faults)
    shared = _found(source, changes)
    own: dict[Fault, list[str]] = {}
    for name in names:
        for fault in _found(source, {**changes, "variant": name}):
            if fault not in shared:
                own.setdefault(fault, []).append(name)
    return [*shared, *(_in_variants(fault, chosen) for fault, chosen in own.items())]


def notes(source: Any, changes: dict[str, Any]) -> Iterator[str]:
    """What is no error, and worth knowing of a spec before there are images."""
    from ..spec.short_runs import images_needed

    yield from images_needed(_load(source, changes))


def _found(source: Any, changes: dict[str, Any]) -> tuple[Fault, ...]:
    from ..spec import FaultError
    from ..spec.trainable import check_recipe

    try:
        check_recipe(_load(source, changes))
    except FaultError as error:
        return error.faults
    return ()


def _in_variants(fault: Fault, names: list[str]) -> Fault:
    """A fault that says which variants it is in."""
    kind = "variant" if len(names) == 1 else "variants"
    return fault._replace(message=f"{fault.message} (in the {kind} {', '.join(map(repr, names))})")


def _load(source: Any, changes: dict[str, Any]) -> Spec:
    return open_network(source, changes.get("variant"), changes["overrides"], changes["input_shape"])


def sanity(args: argparse.Namespace, source: Any, changes: dict[str, Any]) -> Iterator[Line]:
    """The sanity checks of a network with these data, the cheap ones first."""
    spec = _load(source, changes)
    dataset = load_dataset(args, spec)

    from ..quiet import import_keras

    import_keras()
    from ..spec.short_runs import warnings_of_trials
    from ..training.checks import Line, sanity_checks
    from ..training.compiling import setting
    from ..training.finetuning import check_phases, freeze, slowed, transfer
    from ..training.first_weights import new_model

    for warning in warnings_of_trials(spec, len(dataset.y_train)):
        yield Line("length of trials", counted(len(dataset.y_train), "image"), warning, ok=False)
    recipe, picture = slowed(spec.train), Path(args.picture) if args.picture else None
    with setting(recipe):
        model = new_model(spec)  # as its training begins
        if recipe.finetune is not None:
            transfer(model, recipe.finetune.weights)
            check_phases(model, recipe)
            freeze(model, recipe.finetune.freeze)
        yield from sanity_checks(model, recipe, dataset, loss_weights=spec.loss_weights, picture=picture)
