"""The commands' page: what each is for, and its arguments."""

from __future__ import annotations

import argparse
from collections.abc import Iterator

from convspec.cli import COMMANDS, command_parser

INTRODUCTION = """\
# The commands

Every command with its arguments; `make docs` writes this page, and `convspec COMMAND --help` prints the same.
"""


def page() -> str:
    """The page as Markdown."""
    return "\n".join(_lines()) + "\n"


def _lines() -> Iterator[str]:
    yield INTRODUCTION
    for name in COMMANDS:
        parser = command_parser(name)
        yield f"## convspec {name}\n"
        yield f"{parser.description}\n"
        arguments = [action for action in parser._actions if not isinstance(action, argparse._HelpAction)]
        if arguments:
            yield "| argument | |\n|---|---|"
            yield from (_row(parser, action) for action in arguments)
            yield ""


def _row(parser: argparse.ArgumentParser, action: argparse.Action) -> str:
    """The argument as it is typed, and what it is for."""
    formatter = parser.formatter_class(parser.prog)
    if action.option_strings:
        value = formatter._format_args(action, action.dest.upper())
        typed = " ".join([", ".join(action.option_strings), value]).rstrip()
    else:
        typed = formatter._format_args(action, action.dest)
    words = formatter._expand_help(action) if action.help else ""
    required = " (required)" if action.option_strings and action.required else ""
    return f"| `{_cell(typed)}` | {_cell(words)}{required} |"


def _cell(words: str) -> str:
    return " ".join(words.split()).replace("|", r"\|")
