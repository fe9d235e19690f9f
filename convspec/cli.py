"""The command line: finds the command, prints errors, and keeps the exit status.

Each command is a module of `convspec.commands` with `HELP`, `add_arguments(parser)` and `run(args) -> int`;
only the one that is asked for is imported, so that `convspec inspect` never waits for Keras.
"""

from __future__ import annotations

import argparse
import errno
import importlib
import sys

from . import interrupts
from .errors import ConvspecError
from .packages import in_our_words
from .printing import printable_output

COMMANDS = {
    "list": "the networks of the catalogue",
    "inspect": "what a network is: shapes, parameters, MACs, memory, receptive fields",
    "plot": "draw a network",
    "compare": "networks side by side: cost, size, receptive field, published accuracy",
    "diff": "what differs in meaning between two networks, and what that does to their figures",
    "check": "what is wrong with spec files",
    "build": "write the Keras model of a spec",
    "train": "train a spec on images",
    "tune": "search the hyperparameters of a spec, coarse then fine",
    "evaluate": "how good a trained network is, class by class",
    "predict": "the classes of images, by a trained network",
    "explain": "where in an image a trained network sees a class",
    "bench": "milliseconds an inference and a training step, on this machine",
    "export": "write a trained network for other programs, and check it",
    "report": "one HTML file about a training run or a search",
    "schema": "the JSON Schema or the reference of the spec format",
    "completion": "what a shell reads to complete convspec's commands, options and networks",
}


SIGPIPE = 13
"""The signal that ends other programs whose output nobody reads; not in `signal` on Windows."""


def main(argv: list[str] | None = None) -> int:
    """Run `convspec` with these arguments (default: the process's); returns the exit status."""
    with printable_output():
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
        told = in_our_words(error)
        if told is error:
            raise
        print(told, file=sys.stderr)
        return 1


def _arguments(argv: list[str]) -> argparse.Namespace:
    """What was asked for. Leaves the process with a message where it is not clear."""
    if not argv or argv[0] not in COMMANDS:
        overview = _overview(whole=False)
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
    from importlib.metadata import version

    return f"convspec {version('convspec')}"


if __name__ == "__main__":
    sys.exit(main())
