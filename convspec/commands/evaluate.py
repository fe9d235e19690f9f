"""`convspec evaluate MODEL --data DATA`: how good a trained network is, class by class."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..outputs import OUTCOME, add_overwrite, check_file, make_folder
from ..spec.faults import Fault, FaultError
from .arguments import RESIZES, add_data, given_range, tell_range

if TYPE_CHECKING:
    from ..training.scores import Scores


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command's arguments."""
    parser.add_argument("model", metavar="MODEL", help="a .keras file of `convspec train`, or the folder of a run")
    add_data(parser)
    parser.add_argument(
        "--part",
        choices=("training", "validation", "test"),
        help="the images to use; test where the data have it, else those that training kept for validation",
    )
    how = "how images come to the network's size; as in training unless given"
    parser.add_argument("--resize", choices=RESIZES, help=how)
    parser.add_argument("--json", action="store_true", help="print a JSON object instead of a table")
    parser.add_argument("--out", metavar="DIR", help="draw the confusion matrix and the surest mistakes there")
    add_overwrite(parser)


def run(args: argparse.Namespace) -> int:
    """Print accuracy and loss, then precision and recall of each class."""
    part, scores, files = evaluate(args)
    if args.json:
        print(json.dumps({"part": part, **scores.as_dict()}, indent=1))
    else:
        _print(scores, part)
        if files:
            print(f"{args.out}: {', '.join(files)}")
    return 0


def evaluate(args: argparse.Namespace) -> tuple[str, Scores, list[str]]:
    """The part of the data, how good the network is on it, and the files that were drawn."""
    if args.out is not None:
        make_folder(Path(args.out))
        for name in OUTCOME:
            check_file(Path(args.out) / name, overwrite=args.overwrite)
    from ..quiet import import_keras

    import_keras()
    from ..training.predictor import load_predictor
    from ..training.scores import score

    predictor = load_predictor(Path(args.model))
    dataset = _data(args, predictor)
    part = args.part or ("test" if dataset.x_test is not None else "validation")
    x, y = getattr(dataset, f"x_{PARTS[part]}"), getattr(dataset, f"y_{PARTS[part]}")
    if x is None:
        raise FaultError(Fault("has no test images", file=dataset.name, remedy="--part validation"))
    files: list[str] = []
    if args.out is None:
        scores = score(predictor.probabilities(x, dataset.pixel_range), y, predictor.class_names)
    else:
        from ..report.outcome import write_outcome

        scores, files = write_outcome(Path(args.out), predictor, x, y, dataset.pixel_range, part)
    return part, scores, files


PARTS = {"training": "train", "validation": "val", "test": "test"}


def _data(args: argparse.Namespace, predictor: Any) -> Any:
    """The data set, split as in training, of the model's size and with its classes in its order."""
    from ..data import Dataset, load_data
    from ..data.checks import check_fits
    from ..data.pictures import RESIZE, RESIZE_TRAINED

    inputs = predictor.inputs[0]
    try:
        dataset = (
            args.data
            if isinstance(args.data, Dataset)
            else load_data(
                args.data,
                validation_split=inputs.validation_split,
                seed=inputs.seed,
                data_dir=args.data_dir,
                input_shape=predictor.size,
                resize=args.resize or inputs.resize,
                pixel_range=given_range(args),
            )
        )
    except FaultError as error:  # what helps in training is no option here
        faults = (fault._replace(remedy=RESIZE_TRAINED) if fault.remedy == RESIZE else fault for fault in error.faults)
        raise FaultError(faults) from None
    check_fits(dataset, predictor.size, len(predictor.class_names), trained=True)
    dataset = inputs.parted(dataset).in_order_of(predictor.class_names)
    tell_range(dataset, predictor.pixel_range)
    return dataset


def _print(scores: Scores, part: str) -> None:
    top5 = f", top-5 accuracy {100 * scores.top5_accuracy:.2f} %" if scores.top5_accuracy is not None else ""
    print(f"{scores.images} {part} images: accuracy {100 * scores.accuracy:.2f} %{top5}, loss {scores.loss:.4f}")
    width = max(5, *(len(row.name) for row in scores.classes))
    print(f"{'class':{width}}  images  precision  recall")
    for row in scores.classes:
        print(f"{row.name:{width}}  {row.images:6}  {100 * row.precision:7.1f} %  {100 * row.recall:4.1f} %")
    if scores.confused is not None:
        truth, guess, count = scores.confused
        print(f"most frequent mistake: {truth} taken for {guess}, {count} times")
