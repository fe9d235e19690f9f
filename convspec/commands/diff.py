"""`convspec diff`: what differs in meaning between two networks, and what that does to their figures."""

from __future__ import annotations

import argparse
import sys

from ..analysis.difference_text import render, render_markdown
from ..api.diff import Differences, diff
from ..language import InputError

SAME, DIFFERENT, TROUBLE = 0, 1, 2
GIT_ARGUMENTS = (7, 9)
"""path, old file, hash, mode, new file, hash, mode; of a renamed file also its new path and a header."""

EMPTY = "/dev/null"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "networks", nargs="+", metavar="NAME|FILE", help="two networks or spec files; or what git gives a diff driver"
    )
    parser.add_argument("--variant", help="of families: this network only")
    parser.add_argument("--markdown", action="store_true", help="for a page or a pull request")


def run(args: argparse.Namespace) -> int:
    """Print what differs; the exit status is that of diff: 0 the same, 1 different, 2 trouble."""
    if len(args.networks) in GIT_ARGUMENTS:
        return _for_git(args)
    if len(args.networks) != 2:
        print(f"two networks are compared, not {len(args.networks)}", file=sys.stderr)
        return TROUBLE
    before, after = args.networks
    try:
        found = diff(before, after, variant=args.variant)
    except InputError as error:
        print(error, file=sys.stderr)
        return TROUBLE
    if found:
        print(_text(found, args))
    return DIFFERENT if found else SAME


def _for_git(args: argparse.Namespace) -> int:
    """As git's external diff, which takes any other exit status than 0 for a failure."""
    path, before, after = args.networks[0], args.networks[1], args.networks[4]
    new_path = args.networks[7] if len(args.networks) > 7 else path
    if EMPTY in (before, after):
        print(f"{'+++' if before == EMPTY else '---'} {path}: the whole file is {'new' if before == EMPTY else 'gone'}")
        return 0
    try:
        found = diff(before, after, variant=args.variant)
    except InputError as error:
        print(f"{path}: cannot be compared\n{error}")
        return 0
    found.before, found.after = f"a/{path}", f"b/{new_path}"
    print(_text(found, args) if found else f"{path}: the same network (layout, comments or order of keys changed)")
    return 0


def _text(found: Differences, args: argparse.Namespace) -> str:
    return found.text(render_markdown if args.markdown else render)
