"""`convspec report DIR`: one HTML file about a training run or a search."""

from __future__ import annotations

import argparse
from pathlib import Path

from ..outputs import add_overwrite, check_file
from ..spec import Fault, FaultError


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command's arguments."""
    parser.add_argument("folder", metavar="DIR", help="what `convspec train` or `convspec tune` wrote")
    parser.add_argument(
        "--out", metavar="FILE.html", help="the file to write; DIR/report.html unless given, which is replaced"
    )
    add_overwrite(parser)


def run(args: argparse.Namespace) -> int:
    """Write the report and say where it lies."""
    path = report(args)
    print(f"{path}: {path.stat().st_size / 1e6:.1f} MB, opens in any browser")
    return 0


def report(args: argparse.Namespace) -> Path:
    """Write the report; the file."""
    from ..report.report import write_report

    out = Path(args.out) if args.out else None
    if out is not None and out.suffix.lower() not in (".html", ".htm"):
        raise FaultError(Fault(f"--out {out}: a report ends in .html", remedy=f"such as {out.stem}.html"))
    if out is not None:
        check_file(out, overwrite=args.overwrite)
    return write_report(Path(args.folder), out)
