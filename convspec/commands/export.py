"""`convspec export MODEL --format saved_model|tflite|onnx`: a trained network for other programs, checked."""

from __future__ import annotations

import argparse
from pathlib import Path

ENDINGS = {"saved_model": "", "tflite": ".tflite", "onnx": ".onnx"}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command's arguments."""
    parser.add_argument("model", metavar="MODEL", help="a .keras file, or the folder of a run")
    parser.add_argument("--format", required=True, choices=tuple(ENDINGS), help="what to write")
    parser.add_argument("--out", metavar="PATH", help="file or folder to write; beside the model unless given")


def run(args: argparse.Namespace) -> int:
    """Export, run the export beside the original, and say how far they differ."""
    from ..outputs import make_folder
    from ..quiet import import_keras
    from ..spec.faults import Fault, FaultError

    import_keras()
    from ..training.exporting import export
    from ..training.predictor import load_model, model_files

    files = model_files(Path(args.model))
    if len(files) > 1:
        raise FaultError(Fault("is an ensemble; export its members one by one", file=args.model))
    out = Path(args.out) if args.out else files[0].with_name(files[0].stem + (ENDINGS[args.format] or "_saved_model"))
    if out.exists():
        raise FaultError(Fault("is there already", file=str(out), remedy="name another --out"))
    make_folder(out.parent)
    difference = export(load_model(files[0]), args.format, out)
    print(f"{out}: {args.format}, run beside the network: probabilities differ by at most {difference:.1e}")
    return 0
