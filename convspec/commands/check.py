"""`convspec check`: what is wrong with spec files."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command's arguments."""
    parser.add_argument("files", nargs="+", metavar="FILE", help="spec files, or names of the catalogue")


def run(args: argparse.Namespace) -> int:
    """Print the faults of all files, or that each is right; 1 where there is a fault."""
    wrong = 0
    for file in args.files:
        faults = _faults(file)
        for fault in faults:
            print(fault, file=sys.stderr)
        if faults:
            wrong += 1
        else:
            print(f"{file}: right")
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
