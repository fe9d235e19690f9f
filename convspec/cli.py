"""The command line: finds the command, prints faults, and keeps the exit status.

Each command is a module of `convspec.commands` with `HELP`, `add_arguments(parser)` and `run(args) -> int`;
only the one that is asked for is imported, so that `convspec inspect` never waits for Keras.
"""

from __future__ import annotations

import argparse
import gc
import importlib
import importlib.util
import os
import sys

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
}


READING = ("inspect", "list", "schema")
"""Commands that only read specs and print."""


def main(argv: list[str] | None = None) -> int:
    """Run `convspec` with these arguments (default: the process's); returns the exit status."""
    # Pydantic would scan every installed distribution for plugins, which costs more than reading a spec.
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")
    gc.set_threshold(100_000)  # imports make many objects that all stay: looking for garbage among them is in vain
    argv = sys.argv[1:] if argv is None else argv
    asked = next((word for word in argv if not word.startswith("-")), None)
    if asked in READING:
        _import_lazily("importlib.metadata")  # which pydantic imports for its plugins alone; it brings sockets and mail
    args = _parser(asked).parse_args(argv)
    try:
        return int(args.run(args))
    except BrokenPipeError:  # `convspec list | head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except KeyboardInterrupt:
        print("\nstopped", file=sys.stderr)
        return 130
    except ValueError as error:
        if not hasattr(error, "faults"):
            raise
        print(error, file=sys.stderr)
        return 1


def _import_lazily(name: str) -> None:
    """Have a module of the standard library loaded at its first use instead of at its import."""
    spec = importlib.util.find_spec(name) if name not in sys.modules else None
    if spec is not None and spec.loader is not None:
        spec.loader = importlib.util.LazyLoader(spec.loader)
        module = sys.modules[name] = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        parent, _, child = name.rpartition(".")
        setattr(sys.modules[parent], child, module)


def _parser(asked: str | None) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="convspec", description="Declarative convolutional networks for Keras.")
    parser.add_argument("--version", action="version", version=_version() if asked is None else "")
    commands = parser.add_subparsers(metavar="COMMAND", required=True)
    for name, summary in COMMANDS.items():
        command = commands.add_parser(name, help=summary, description=summary[0].upper() + summary[1:] + ".")
        if name == asked:
            module = importlib.import_module(f".commands.{name}", __package__)
            module.add_arguments(command)
            command.set_defaults(run=module.run)
    return parser


def _version() -> str:
    from importlib.metadata import version

    return f"convspec {version('convspec')}"


if __name__ == "__main__":
    sys.exit(main())
