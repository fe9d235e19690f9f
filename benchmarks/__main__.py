"""Run the benchmarks and print their tables: `make bench`, or `python -m benchmarks inspection`."""

from __future__ import annotations

import importlib
import os
import platform
import sys
from pathlib import Path

from .processes import processor

BENCHMARKS = sorted(path.stem for path in Path(__file__).parent.glob("*.py") if "\ndef run(" in path.read_text("utf-8"))

OWN = {"gpu": ".gpu.command", "reliability": ".reliability", "signals": ".signals", "versions": ".versions"}
"""Benchmarks with options of their own, which `main(arguments)` of their modules reads."""


def main(names: list[str]) -> int:
    """Print each benchmark's table, or hand the arguments over to the one that has options of its own."""
    if names and names[0] in OWN:
        result: int = importlib.import_module(OWN[names[0]], __package__).main(names[1:])
        return result
    unknown = set(names) - set(BENCHMARKS)
    if unknown:
        print(
            f"no benchmark is called {', '.join(sorted(unknown))}; there are {', '.join(BENCHMARKS)}", file=sys.stderr
        )
        return 2
    print(f"{processor()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}, Python {platform.python_version()}\n")
    for name in names or BENCHMARKS:
        print(f"## {name}\n")
        for line in importlib.import_module(f".{name}", __package__).run():
            print(line, flush=True)
        print()
    return 0


sys.exit(main(sys.argv[1:]))
