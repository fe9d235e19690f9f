"""Documents of a grammar: `python -m benchmarks reliability fuzz --minutes 30`."""

from __future__ import annotations

import random
import time
from collections import Counter

from .attempts import Outcome, attempt

WORDS = (
    "name",
    "input",
    "classes",
    "body",
    "head",
    "outputs",
    "train",
    "tune",
    "space",
    "parameters",
    "variants",
    "templates",
    "defaults",
    "extends",
    "replace",
    "block",
    "repeat",
    "when",
    "counter",
    "from",
    "filters",
    "kernel_size",
    "strides",
    "padding",
    "conv",
    "head",
    "parallel",
    "branches",
    "residual",
    "table",
    "columns",
    "rows",
    "of",
    "sequence",
    "add",
    "choice",
    "log_uniform",
    "stages",
    "optimizer",
    "schedule",
    "x",
    "i",
    "lenet5",
    "conv3-8",
    "maxpool2/2",
    "fc10",
)
SCALARS = (
    "0",
    "1",
    "-1",
    "3",
    "1.5",
    "1e3",
    "1.0e+3",
    ".nan",
    ".inf",
    "true",
    "no",
    "null",
    "~",
    "''",
    "'a b'",
    '"\\x1b"',
    "0x1f",
    "0o7",
    "017",
    "1:30",
    "2001-01-01",
    "!!int x",
    "!!str 5",
    "!!set {a}",
    "*a",
    "&a 3",
    "<<",
    "=",
    "9999999999999999999999",
    "${x}",
    "'${i + 1}'",
    "'${[1, 2][i]}'",
    "'${(}'",
    "'${x ** 99}'",
    "'${'",
    "'conv3-${x}'",
    "| \n  text",
    "> \n  text",
    "é",
    "\u202e",
    "\x85",
    "\t",
    "#",
    "-",
    "?",
    ":",
    "[",
    "{",
    "%",
    "@",
    "`",
)


class Grammar:
    """Random documents: mostly YAML, of the words of a spec, sometimes broken."""

    def __init__(self, chance: random.Random) -> None:
        self.chance = chance

    def document(self) -> str:
        """A text."""
        chance = self.chance
        lines = ["name: x", "input: [8, 8, 1]", "body: [conv3-8]"]
        for _ in range(chance.randint(1, 5)):
            line = f"{chance.choice(WORDS)}: {self.value(0)}"
            if chance.random() < 0.5:
                lines[chance.randrange(len(lines))] = line
            else:
                lines.append(line)
        text = chance.choice(("\n", "\n", "\n", "\r\n", "\r", "\x85", "\u2028")).join(lines) + chance.choice(
            ("\n", "", " ")
        )
        if chance.random() < 0.3:
            start = chance.randrange(len(text))
            end = min(len(text), start + chance.randint(0, 8))
            text = text[:start] + chance.choice(SCALARS + WORDS + ("",)) + text[end:]
        return text

    def value(self, depth: int) -> str:
        """A value in flow style."""
        kind = self.chance.random() if depth < 5 else 1.0
        if kind < 0.3:
            return "[" + ", ".join(self.value(depth + 1) for _ in range(self.chance.randint(0, 3))) + "]"
        if kind < 0.65:
            pairs = [f"{self.chance.choice(WORDS)}: {self.value(depth + 1)}" for _ in range(self.chance.randint(0, 4))]
            return "{" + ", ".join(pairs) + "}"
        return self.chance.choice(SCALARS if self.chance.random() < 0.6 else WORDS)


def fuzz(minutes: float = 1.0, seed: int = 1) -> Outcome:
    """Documents of a grammar."""
    grammar, found, foreign, slowest, tried = (
        Grammar(random.Random(seed)),
        Counter[str](),
        list[tuple[str, str]](),
        0.0,
        0,
    )
    end = time.process_time() + 60 * minutes
    while time.process_time() < end:
        text = grammar.document()
        slowest, tried = max(slowest, attempt(text, text, found, foreign)), tried + 1
    return Outcome("documents of a grammar", tried, found["accepted"], found["refused"], foreign, slowest)
