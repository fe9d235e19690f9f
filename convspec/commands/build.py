"""`convspec build`: write the Keras model of a spec."""

from __future__ import annotations

import argparse
from pathlib import Path

from ..outputs import add_overwrite, check_file
from .arguments import add_network, load_network


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command's arguments."""
    add_network(parser)
    parser.add_argument("--out", required=True, metavar="MODEL.keras", help="the file to write")
    add_overwrite(parser)


def run(args: argparse.Namespace) -> int:
    """Build, save, and say what was written."""
    from ..files import whole_file
    from ..spec import Fault, FaultError

    if not args.out.endswith(".keras"):
        raise FaultError(Fault(f"--out {args.out}: Keras's format has the ending .keras", remedy=f"{args.out}.keras"))
    check_file(Path(args.out), overwrite=args.overwrite)
    spec = load_network(args)

    from ..quiet import import_keras

    import_keras()
    from ..builder import build

    model = build(spec)
    with whole_file(Path(args.out)) as beside:
        model.save(beside)
    print(f"{args.out}: {spec.name}, {model.count_params():,} parameters, fingerprint {spec.fingerprint}")
    return 0
