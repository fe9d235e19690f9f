"""`convspec report DIR`: one HTML file about a training run or a search."""

from __future__ import annotations

import argparse

from ..api.report import report
from ..output_paths import add_overwrite
from .arguments import keywords


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("folder", metavar="DIR", help="what `convspec train` or `convspec tune` wrote")
    parser.add_argument(
        "--out", metavar="FILE.html", help="the file to write; DIR/report.html unless given, which is replaced"
    )
    add_overwrite(parser)


def run(args: argparse.Namespace) -> int:
    path = report(**keywords(args))
    print(f"{path}: {path.stat().st_size / 1e6:.1f} MB, opens in any browser")
    return 0
