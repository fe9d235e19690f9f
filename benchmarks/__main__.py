"""Run the benchmarks and print their tables: `make bench`, or `python -m benchmarks inspection`."""

from __future__ import annotations

import importlib
import os
import platform
import sys
from pathlib import Path

BENCHMARKS = sorted(
    path.stem
    for path in Path(__file__).parent.glob("*.py")
    if not path.stem.startswith("_") and path.stem != "processes"
)


def main(names: list[str]) -> int:
    """Print each benchmark's table."""
    unknown = set(names) - set(BENCHMARKS)
    if unknown:
        print(
            f"no benchmark is called {', '.join(sorted(unknown))}; there are {', '.join(BENCHMARKS)}", file=sys.stderr
        )
        return 2
    print(f"{platform.processor() or platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}\n")
    for name in names or BENCHMARKS:
        print(f"## {name}\n")
        for line in importlib.import_module(f".{name}", __package__).run():
            print(line, flush=True)
        print()
    return 0


sys.exit(main(sys.argv[1:]))
