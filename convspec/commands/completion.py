"""`convspec completion SHELL`: what a shell reads to complete convspec's commands, options and networks."""

from __future__ import annotations

import argparse
import re
from collections.abc import Mapping

from ..cli import complete_parser
from ..packages import missing

SHELLS = ("bash", "zsh", "tcsh")
NETWORKS = {
    "bash": "_convspec_networks",
    "zsh": "_convspec_networks",
}
"""The shells' functions that complete a network of the catalogue, or a file."""
WORDS_FOR_FILES = re.compile("FILE|DIR|MODEL|DATA|IMAGE|PATH$")
PREAMBLE = {
    "bash": """\
_convspec_networks() {
  compgen -W "$(convspec list 2>/dev/null)" -- "$1"
  compgen -f -- "$1"
}""",
    "zsh": """\
_convspec_networks() {
  compadd -- ${(f)"$(convspec list 2>/dev/null)"}
  _files
}""",
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("shell", choices=SHELLS, help="the shell that will read it")


def run(args: argparse.Namespace) -> int:
    """Print the script. Raises `InputError` where shtab, which writes it, is missing."""
    try:
        import shtab
    except ImportError:
        raise missing("completion needs shtab", "completion") from None
    parser = complete_parser()
    _mark(parser, shtab.FILE)
    print(shtab.complete(parser, args.shell, preamble=PREAMBLE.get(args.shell, "")))
    return 0


def _mark(parser: argparse.ArgumentParser, files: Mapping[str, object]) -> None:
    """Tell shtab how values are found, by what the help calls them."""
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            for command in action.choices.values():
                _mark(command, files)
        elif action.metavar == "NAME|FILE":
            vars(action)["complete"] = NETWORKS
        elif isinstance(action.metavar, str) and WORDS_FOR_FILES.search(action.metavar):
            vars(action)["complete"] = files
