"""`convspec train NAME|FILE --data DATA --out DIR`: build, train, and leave the model, its history and its curves."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..files import shown
from ..interrupts import safe_points
from ..outputs import check_ensemble_folder, check_run_folder
from ..spec.faults import Fault, FaultError
from ..spec.recipes import load_recipe
from .arguments import add_data, add_network, given_shape, load_dataset, open_network, parse_settings

if TYPE_CHECKING:
    from ..data import Dataset
    from ..spec import Spec
    from ..training.result import Result

Say = Callable[[str], object]

SHORTHANDS = {
    "epochs": "train.epochs",
    "batch_size": "train.batch_size",
    "seed": "train.seed",
    "finetune": "train.finetune.weights",
    "freeze": "train.finetune.freeze",
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of the command."""
    add_network(parser)
    add_data(parser)
    parser.add_argument("--out", metavar="DIR", help="where the results go; runs/NAME unless given")
    parser.add_argument(
        "--recipe",
        metavar="NAME|FILE",
        help="train by another recipe than the spec's: alexnet, vgg, resnet, resnet_cifar, resnet_rs, or "
        "resnet_rs:RUNG, its ladder up to a rung",
    )
    parser.add_argument("--epochs", type=int, metavar="N", help="passes over the training images")
    parser.add_argument("--batch-size", type=int, metavar="N", help="images in an update")
    parser.add_argument("--seed", type=int, metavar="N", help="start of every random number")
    parser.add_argument("--finetune", metavar="MODEL", help="start from a .keras file, a run's folder, or imagenet")
    parser.add_argument("--freeze", metavar="WHAT", help="with --finetune: all, none, or a stage by its name")
    parser.add_argument("--ensemble", type=int, metavar="N", help="train N networks, each of another seed")
    parser.add_argument(
        "--devices", type=int, default=1, metavar="N", help="GPUs that share each batch; 1 unless given"
    )
    parser.add_argument("--resume", action="store_true", help="go on with the run in --out after its last epoch")


def run(args: argparse.Namespace) -> int:
    """Train, and say what came out."""
    train(args, partial(print, flush=True), Path("runs"))
    return 0


def train(args: argparse.Namespace, say: Say | None = None, runs: Path | None = None) -> Result | tuple[Result, ...]:
    """What came out of a run, or of each member of an ensemble; `say` gets the lines that the command prints.

    Without `--out`, a folder in `runs` is named for the network; without either, nothing is written.
    """
    shorthands = {path: getattr(args, name) for name, path in SHORTHANDS.items() if getattr(args, name) is not None}
    recipe = load_recipe(args.recipe) if args.recipe else {}
    overrides = {**recipe, **parse_settings(args.settings), **shorthands}
    spec = open_network(args.network, args.variant, overrides, given_shape(args))
    if args.ensemble is not None and args.ensemble < 2:
        raise FaultError(Fault(f"--ensemble {args.ensemble}: an ensemble has two members or more"))
    out = Path(args.out) if args.out else runs / spec.name if runs else None
    if out is None and args.ensemble is not None:
        raise FaultError(Fault("an ensemble needs a folder for its members", remedy="name it: out=..."))
    if out is not None and args.ensemble is not None:
        check_ensemble_folder(out, args.ensemble, resume=args.resume)
    elif out is not None:
        check_run_folder(out, resume=args.resume)
    asked = "train.epochs" in overrides
    dataset = load_dataset(args, spec)
    if say:
        say(str(dataset))
    if args.ensemble is None:
        if args.resume and out is not None and not asked:
            spec = _as_long_as_begun(spec, out, say)
        return _train(spec, dataset, out, args.resume, args.devices, say)
    assert out is not None
    from ..files import locked, refusals

    with refusals(out):
        out.mkdir(parents=True, exist_ok=True)
    with locked(out):
        check_ensemble_folder(out, args.ensemble, resume=args.resume)  # now that nobody else writes there
        if args.resume and not asked:
            spec = _as_long_as_begun(spec, out / "member_1", say)
        return tuple(_members(spec, dataset, out, args, say))


def _as_long_as_begun(spec: Spec, folder: Path, say: Say | None) -> Spec:
    """The spec with as many epochs as the run in a folder was started for, where these are more than the spec's."""
    from ..training.history import read_run

    try:
        epochs = read_run(folder).recipe.epochs
    except FaultError:  # the run itself says what is wrong with it
        return spec
    if epochs <= spec.train.epochs:
        return spec
    if say:
        say(
            f"{shown(folder)}: was started for {epochs} epochs, not the {spec.train.epochs} of the spec, and goes on "
            "to them; --epochs names another number"
        )
    return spec.with_overrides({"train.epochs": epochs})


def _members(spec: Spec, dataset: Dataset, out: Path, args: argparse.Namespace, say: Say | None) -> Iterator[Result]:
    """Train each member in a folder of its own, then score their averaged probabilities."""
    for number in range(1, args.ensemble + 1):
        folder = out / f"member_{number}"
        member = spec.with_overrides({"train.seed": spec.train.seed + number - 1})
        if args.resume and (result := _finished(member, dataset, folder)) is not None:
            yield result
            continue
        if say:
            say(f"member {number} of {args.ensemble}, seed {member.train.seed}")
        resume = args.resume and (folder / "run.json").exists()
        yield _train(member, dataset, folder, resume, args.devices, say)

    from ..training.ensemble import score_ensemble

    for line in score_ensemble(out, dataset):
        if say:
            say(line)


def _finished(spec: Spec, dataset: Dataset, folder: Path) -> Result | None:
    """What came out of a run that has ended; None where it has to go on, or files of its end to be written again.

    Raises `FaultError` where the run of the folder is another one than is asked for.
    """
    from ..quiet import import_keras

    import_keras()
    from ..training.checkpoint import has_ended
    from ..training.history import read_run
    from ..training.result import read_result
    from ..training.run_folder import open_run
    from ..training.running import about

    try:
        if read_run(folder).recipe.epochs != spec.train.epochs:
            return None
        if not has_ended(folder / "checkpoint.npz", spec.train.epochs):
            return None
    except FaultError:  # the run itself says what is wrong with it
        return None
    open_run(folder, spec.train, dataset, about(spec), resume=True)
    return read_result(folder)


def _train(spec: Spec, dataset: Dataset, out: Path | None, resume: bool, devices: int, say: Say | None) -> Result:
    """Train one network and look at what came out."""
    from ..quiet import import_keras

    import_keras()
    from ..training.running import train_spec

    with safe_points(lambda: _how_to_go_on(out)):
        result = train_spec(spec, dataset, out, devices=devices, resume=resume, say=say)
        files = _outcome(result.model, dataset, out) if out is not None else []
    if say:
        say(summary(result, files))
    return result


def _how_to_go_on(out: Path | None) -> str:
    if out is None or not (out / "checkpoint.npz").exists():
        return ""
    return f"{out} holds the last whole epoch; the same command with --resume goes on"


def _outcome(model: Any, dataset: Dataset, out: Path) -> list[str]:
    """Show in `out` what the network does on the test images, or else the validation images; the files' names."""
    from ..report.outcome import write_outcome
    from ..training.predictor import Predictor
    from ..training.saving import read_inputs

    predictor = Predictor((model,), (read_inputs(out / "model.keras"),))
    part, x, y = "test", dataset.x_test, dataset.y_test
    if x is None or y is None:
        part, x, y = "validation", dataset.x_val, dataset.y_val
    return write_outcome(out, predictor, x, y, dataset.pixel_range, part)[1]


def summary(result: Result, further: list[str]) -> str:
    """Two lines: the figures, and the files."""
    from ..training.progress import duration

    parts = [f"validation accuracy {100 * result.val_accuracy:.2f} % (epoch {result.epoch})"]
    if result.test_accuracy is not None:
        parts.append(f"test accuracy {100 * result.test_accuracy:.2f} %")
    parts.append(duration(result.seconds))
    files = ["model.keras", "history.csv", "history.json", "curves.png", "result.json", *further]
    return f"{', '.join(parts)}\n{result.folder}: {', '.join(files)}"
