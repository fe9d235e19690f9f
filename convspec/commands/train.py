"""`convspec train NAME|FILE --data DATA --out DIR`: build, train, and leave the model, its history and its curves."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..interrupts import safe_points
from ..spec.faults import Fault, FaultError
from .arguments import add_data, add_network, given_shape, load_dataset, parse_settings

if TYPE_CHECKING:
    from ..data import Dataset
    from ..spec import Spec
    from ..training.train import Result

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
    for name, path in SHORTHANDS.items():
        if getattr(args, name) is not None:
            args.settings.append(f"{path}={json.dumps(getattr(args, name))}")
    spec = _spec(args)
    out = Path(args.out or f"runs/{spec.name}")
    dataset = load_dataset(args, spec)
    print(dataset, flush=True)
    if args.ensemble is None:
        print(_train(spec, dataset, out, args.resume, args.devices))
    else:
        _ensemble(spec, dataset, out, args)
    return 0


def _spec(args: argparse.Namespace) -> Spec:
    """The network, with the recipe's fields and then the user's own set in it."""
    from ..spec import load
    from ..spec.recipes import load_recipe

    overrides = load_recipe(args.recipe) if args.recipe else {}
    overrides |= parse_settings(args.settings)
    shape = given_shape(args)
    return load(args.network, variant=args.variant, overrides=overrides, input_shape=shape)


def _ensemble(spec: Spec, dataset: Dataset, out: Path, args: argparse.Namespace) -> None:
    """Train each member in a folder of its own, then score their averaged probabilities."""
    if args.ensemble < 2:
        raise FaultError(Fault(f"--ensemble {args.ensemble}: an ensemble has two members or more"))
    from ..files import check_unused, locked, refusals

    with refusals(out):
        out.mkdir(parents=True, exist_ok=True)
    with locked(out):
        check_unused(out, "ensemble", own=("member_*", "ensemble.json"))
        _members(spec, dataset, out, args)


def _members(spec: Spec, dataset: Dataset, out: Path, args: argparse.Namespace) -> None:
    for number in range(1, args.ensemble + 1):
        folder = out / f"member_{number}"
        member = spec.with_overrides({"train.seed": spec.train.seed + number - 1})
        if args.resume and _has_ended(folder, member.train.epochs):
            _check_same(member, dataset, folder)
            continue
        print(f"member {number} of {args.ensemble}, seed {member.train.seed}", flush=True)
        resume = args.resume and (folder / "run.json").exists()
        print(_train(member, dataset, folder, resume, args.devices), flush=True)

    from ..training.ensemble import score_ensemble

    for line in score_ensemble(out, dataset):
        print(line)


def _has_ended(folder: Path, epochs: int) -> bool:
    """Whether a run has ended, and was to end after so many epochs."""
    try:
        asked = json.loads((folder / "run.json").read_text(encoding="utf-8"))["recipe"]["epochs"]
    except (OSError, ValueError, KeyError, TypeError):  # the run itself says what is wrong with it
        return False
    return (folder / "result.json").exists() and bool(asked == epochs)


def _check_same(spec: Spec, dataset: Dataset, folder: Path) -> None:
    """Raise where the finished run of a folder is another one than is asked for."""
    from ..quiet import import_keras

    import_keras()
    from ..training.train import open_run

    open_run(folder, spec.train, dataset, _about(spec), resume=True)


def _about(spec: Spec) -> dict[str, Any]:
    """What a run's folder says of the network beside the recipe and the data."""
    import keras

    return {
        "network": spec.name,
        "fingerprint": spec.fingerprint,
        "graph": spec.graph_fingerprint,
        "keras": keras.__version__,
    }


def _train(spec: Any, dataset: Any, out: Path, resume: bool, devices: int) -> str:
    """Train one network and look at what came out; the lines to print."""
    from ..quiet import import_keras

    import_keras()
    from ..training.compiling import setting
    from ..training.devices import several_devices
    from ..training.finetuning import advice
    from ..training.first_weights import new_model
    from ..training.train import train

    recipe = spec.train
    with several_devices(devices), setting(recipe):
        model = new_model(spec)
        print(f"{spec.name}: {model.count_params():,} parameters", flush=True)
        if recipe.finetune is not None:
            print(advice(dataset, recipe.finetune), flush=True)
        with safe_points(lambda: _how_to_go_on(out)):
            result = train(
                model, recipe, dataset, out, loss_weights=spec.loss_weights, resume=resume, about=_about(spec)
            )
        return summary(result, _outcome(model, dataset, out))


def _how_to_go_on(out: Path) -> str:
    if not (out / "checkpoint.npz").exists():
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
