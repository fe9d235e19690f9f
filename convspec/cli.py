"""The command line: finds the command, prints errors, and keeps the exit status.

Each command is a module of `convspec.commands` with `add_arguments(parser)` and `run(args) -> int`, whose first line
says what it does; only the one that is asked for is imported, so that `convspec inspect` never waits for Keras.
"""

from __future__ import annotations

import argparse
import atexit
import errno
import gc
import importlib
import io
import os
import re
import sys
from contextlib import suppress
from pathlib import Path

from . import interrupts
from .errors import ConvspecError
from .option_names import in_command
from .packages import in_our_words
from .printing import plain_warnings, printable_output
from .suggestions import did_you_mean

FIRST_LINE = re.compile(r'"""`convspec (\w+)[^`]*`: (.+)\."""')


def _commands() -> dict[str, str]:
    """What each command does, by its name: the first lines of the modules of `convspec.commands`, which import much."""
    found = {}
    for file in sorted((Path(__file__).parent / "commands").glob("*.py")):
        with file.open(encoding="utf-8") as text:
            if match := FIRST_LINE.match(text.readline()):
                found[match[1]] = match[2]
    return found


COMMANDS = _commands()

SIGPIPE = 13
"""The signal that ends other programs whose output nobody reads; not in `signal` on Windows."""


def main(argv: list[str] | None = None) -> int:
    """Run `convspec` with these arguments (default: the process's); returns the exit status."""
    with printable_output(), in_command():
        return _run(argv)


def _run(argv: list[str] | None) -> int:
    argv = sys.argv[1:] if argv is None else argv
    try:
        args = _arguments(argv)
        status = int(args.run(args))
        sys.stdout.flush()
        return status
    except BrokenPipeError:  # `convspec list | head`; a training may have been cut short in the same way
        return 128 + SIGPIPE
    except KeyboardInterrupt as stop:
        print(f"\n{interrupts.last_words()}", file=sys.stderr)
        return 143 if isinstance(stop, interrupts.Terminated) else 130
    except OSError as error:
        if error.filename is not None:
            print(f"{error.filename}: {error.strerror}", file=sys.stderr)
            return 1
        if error.errno != errno.ENOSPC:
            raise
        print(f"the output cannot be written: {error.strerror}", file=sys.stderr)
        return 1
    except ConvspecError as error:
        print(error, file=sys.stderr)
        return 1
    except ImportError as error:
        shown = in_our_words(error)
        if shown is error:
            raise
        print(shown, file=sys.stderr)
        return 1


def _arguments(argv: list[str]) -> argparse.Namespace:
    """What was asked for. Leaves the process with a message where it is not clear."""
    if not argv or argv[0] not in COMMANDS:
        overview = _overview(whole=False)
        if argv and not argv[0].startswith("-"):
            known = ", ".join(COMMANDS)
            overview.error(f"no command is called {argv[0]!r}{did_you_mean(argv[0], COMMANDS)}\n  there are {known}")
        overview.parse_args(argv)
        overview.error("the command comes first")
    return command_parser(argv[0]).parse_args(argv[1:])


def command_parser(name: str) -> argparse.ArgumentParser:
    """The parser of one command; the others' modules are not imported."""
    module = importlib.import_module(f".commands.{name}", __package__)
    parser = argparse.ArgumentParser(prog=f"convspec {name}", description=_sentence(COMMANDS[name]))
    module.add_arguments(parser)
    parser.set_defaults(run=module.run)
    return parser


def complete_parser() -> argparse.ArgumentParser:
    """One parser with all commands and their arguments, whose modules it imports: for completion in a shell."""
    return _overview(whole=True)


def _overview(*, whole: bool) -> argparse.ArgumentParser:
    """The parser of a line that begins with no command: help, version, or a mistake."""
    parser = argparse.ArgumentParser(prog="convspec", description="Declarative convolutional networks for Keras.")
    parser.add_argument("--version", action="version", version=_version())
    commands = parser.add_subparsers(metavar="COMMAND", required=True)
    for name, summary in COMMANDS.items():
        command = commands.add_parser(name, help=summary, description=_sentence(summary))
        if whole:
            importlib.import_module(f".commands.{name}", __package__).add_arguments(command)
    return parser


def _sentence(summary: str) -> str:
    return summary[0].upper() + summary[1:] + "."


def _version() -> str:
    from importlib.metadata import version  # reads the packages' metadata with the module `email`: most of 50 ms

    return f"convspec {version('convspec')}"


def run_process() -> None:
    """Run the command that the process was started with, and end the process."""
    interrupts.own_process()
    status = _process_status()
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError, AttributeError):  # the command has said what its output met
            stream.flush()
    if sys.gettrace() is None and sys.getprofile() is None:
        atexit._run_exitfuncs()
        # The rest of the interpreter's end has no handlers any more, and TensorFlow's part of it can crash.
        os._exit(interrupts.exit_status() if interrupts.stopped() else status)
    sys.exit(status)


def _process_status() -> int:
    """The command's exit status; what it changes for the process is this process's own."""
    # Pydantic, which says what is wrong, would scan every installed distribution for plugins.
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")  # TensorFlow reads it when it first logs
    gc.set_threshold(100_000)  # imports make many objects that all stay: garbage collection would find none
    if isinstance(sys.stdout, io.TextIOWrapper):  # a terminal that has no letter for a name shows its number
        sys.stdout.reconfigure(errors="backslashreplace")
    plain_warnings()
    try:
        return main()
    except SystemExit as end:  # argparse's
        if isinstance(end.code, str):
            print(end.code, file=sys.stderr)
        return end.code if isinstance(end.code, int) else int(end.code is not None)
    except KeyboardInterrupt:
        print(f"\n{interrupts.last_words()}", file=sys.stderr)
        return interrupts.exit_status()
