"""`convspec export MODEL --format saved_model|tflite|onnx`: a trained network for other programs, checked."""

from __future__ import annotations

import argparse
from pathlib import Path

from .arguments import add_pixel_range, given_range

ENDINGS = {"saved_model": "", "tflite": ".tflite", "onnx": ".onnx"}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command's arguments."""
    parser.add_argument("model", metavar="MODEL", help="a .keras file, or the folder of a run")
    parser.add_argument("--format", required=True, choices=tuple(ENDINGS), help="what to write")
    parser.add_argument("--out", metavar="PATH", help="file or folder to write; beside the model unless given")
    parser.add_argument("--raw", action="store_true", help="the network as it is: no preprocessing, no softmax")
    add_pixel_range(parser, "the pixels that it will read, such as --pixel-range=0,255; those of training unless given")


def run(args: argparse.Namespace) -> int:
    """Export, run the export beside the original, and say how far they differ."""
    from ..outputs import make_folder
    from ..quiet import import_keras
    from ..spec.faults import Fault, FaultError

    pixel_range = given_range(args)
    if args.raw and pixel_range is not None:
        raise FaultError(Fault("--pixel-range goes without --raw, which leaves preprocessing out"))
    import_keras()
    from ..training.exporting import card_path, export
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
    for path in (out, card_path(out)):
        if path.exists():
            raise FaultError(Fault("is there already", file=str(path), remedy="name another --out"))
    make_folder(out.parent)
    difference = export(load_model(files[0]), args.format, out, inputs, pixel_range=pixel_range)
    what = "outputs" if args.raw else "probabilities"
    print(f"{out}: {args.format}, run beside the network: {what} differ by at most {difference:.1e}")
    if inputs is not None:
        print(f"it reads pixels {pixel_range or inputs.normalizer.pixel_range}; {card_path(out)} has the classes")
    return 0
