"""What convspec does with input that nobody meant: `python -m benchmarks reliability fuzz --minutes 30`.

Each part is a function that gives its row of the table: what was tried, how often, and what came of it. A foreign
exception is any but `InputError`, from reading a spec to its analysis; there should be none.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterator

from .attempts import Outcome
from .changed_specs import mutate
from .forged_files import forged
from .grammar import fuzz
from .random_networks import networks

PARTS: dict[str, Callable[..., Outcome]] = {"fuzz": fuzz, "mutate": mutate, "networks": networks, "forged": forged}


def run() -> Iterator[str]:
    """The table; every part for a minute."""
    yield from table([part() for part in PARTS.values()])


def table(outcomes: list[Outcome]) -> Iterator[str]:
    """The rows of the parts."""
    yield "| what | tried | accepted | refused | foreign exceptions | slowest |"
    yield "|---|---|---|---|---|---|"
    for outcome in outcomes:
        yield outcome.row()


def main(arguments: list[str]) -> int:
    """One part, or all; 1 where an exception is foreign."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks reliability")
    parser.add_argument("part", nargs="?", choices=sorted(PARTS))
    parser.add_argument("--minutes", type=float, default=1.0, help="of processor time, for each part")
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args(arguments)
    chosen = [PARTS[args.part]] if args.part else list(PARTS.values())
    outcomes = [part(args.minutes, args.seed) for part in chosen]
    print("\n".join(table(outcomes)))
    for outcome in outcomes:
        for error, shown in outcome.foreign[:10]:
            print(f"\n{error}\n{shown}", file=sys.stderr)
    return 1 if any(outcome.foreign for outcome in outcomes) else 0
