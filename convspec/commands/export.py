"""`convspec export MODEL --format saved_model|tflite|onnx`: a trained network for other programs, checked."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from ..outputs import add_overwrite, card_path, check_export
from .arguments import add_pixel_range, given_range

if TYPE_CHECKING:
    from ..data.pixels import PixelRange

ENDINGS = {"saved_model": "", "tflite": ".tflite", "onnx": ".onnx"}


class Exported(NamedTuple):
    """What an export wrote, and the largest difference of its outputs from the network's.

    `card` is the JSON file with the names of the classes, and `pixel_range` what the export reads; None with `--raw`.
    """

    file: Path
    difference: float
    card: Path | None
    pixel_range: PixelRange | None


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command's arguments."""
    parser.add_argument("model", metavar="MODEL", help="a .keras file, or the folder of a run")
    parser.add_argument("--format", required=True, choices=tuple(ENDINGS), help="what to write")
    parser.add_argument("--out", metavar="PATH", help="file or folder to write; beside the model unless given")
    parser.add_argument("--raw", action="store_true", help="the network as it is: no preprocessing, no softmax")
    add_overwrite(parser)
    add_pixel_range(parser, "the pixels that it will read, such as --pixel-range=0,255; those of training unless given")


def run(args: argparse.Namespace) -> int:
    """Export, run the export beside the original, and say how far they differ."""
    found = export(args)
    what = "outputs" if args.raw else "probabilities"
    print(f"{found.file}: {args.format}, run beside the network: {what} differ by at most {found.difference:.1e}")
    if found.card is not None:
        print(f"it reads pixels {found.pixel_range}; {found.card} has the classes")
    return 0


def export(args: argparse.Namespace) -> Exported:
    """Export, and run the export beside the original."""
    from ..quiet import import_keras
    from ..spec.faults import Fault, FaultError

    pixel_range = given_range(args)
    if args.raw and pixel_range is not None:
        raise FaultError(Fault("--pixel-range goes without --raw, which leaves preprocessing out"))
    if args.out:
        check_export(Path(args.out), args.format, overwrite=args.overwrite)
    import_keras()
    from ..training import exporting
    from ..training.predictor import load_model, model_files
    from ..training.saving import read_inputs

    files = model_files(Path(args.model))
    if len(files) > 1:
        raise FaultError(Fault("is an ensemble; export its members one by one", file=args.model))
    try:
        inputs = None if args.raw else read_inputs(files[0])
    except FaultError as error:
        raise FaultError(fault._replace(remedy="--raw exports a network as it is") for fault in error.faults) from None
    out = Path(args.out) if args.out else files[0].with_name(files[0].stem + (ENDINGS[args.format] or "_saved_model"))
    check_export(out, args.format, overwrite=args.overwrite)
    difference = exporting.export(
        load_model(files[0]), args.format, out, inputs, pixel_range=pixel_range, overwrite=args.overwrite
    )
    if inputs is None:
        return Exported(out, difference, None, None)
    return Exported(out, difference, card_path(out), pixel_range or inputs.normalizer.pixel_range)
