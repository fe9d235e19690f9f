"""Run the benchmarks and print their tables: `make bench`, or `python -m benchmarks inspection`."""

from __future__ import annotations

import importlib
import os
import platform
import sys
from pathlib import Path

from .processes import processor

BENCHMARKS = sorted(path.stem for path in Path(__file__).parent.glob("*.py") if "\ndef run(" in path.read_text("utf-8"))


def main(names: list[str]) -> int:
    """Print each benchmark's table."""
    if names[:1] == ["reliability"]:  # its parts have arguments of their own
        from .reliability import main as reliability

        return reliability(names[1:])
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


def _names(words: list[str]) -> list[str]:
    """The benchmarks' names; what comes after the first option is the benchmark's own."""
    first = next((place for place, word in enumerate(words) if word.startswith("-")), len(words))
    return words[:first]


if sys.argv[1:2] == ["gpu"]:  # which has options of its own
    from .gpu.command import main as gpu

    sys.exit(gpu(sys.argv[2:]))
sys.exit(main(_names(sys.argv[1:])))
