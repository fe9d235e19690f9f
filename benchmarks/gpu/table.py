"""The table: one row for each thing that is measured, printed and in the file at once."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

HEAD = ("| measured | of | convspec | beside it | ratio | remarks |", "|---|---|---:|---:|---:|---|")


class Row(NamedTuple):
    """A row; `ratio` is convspec's figure over the one beside it."""

    measured: str
    of: str
    ours: str = ""
    theirs: str = ""
    ratio: str = ""
    remarks: str = ""


class Table:
    """The file and what was written so far."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.written: set[tuple[str, str]] = set()
        self.failed = False
        self.measured = 0
        path.write_text("", "utf-8")

    def begin(self, facts: list[str]) -> None:
        """Write what the figures are true for, and the table's head."""
        for line in (*facts, "", *HEAD):
            self._line(line)

    def add(self, row: Row) -> None:
        """Write a row that was measured."""
        self.measured += 1
        self._write(row)

    def _write(self, row: Row) -> None:
        self.written.add(row[:2])
        self._line(f"| {' | '.join(row)} |")

    def fill(self, planned: list[Row], why: str) -> None:
        """Write the rows of a part that were not measured, and why. An empty reason means that a row was forgotten."""
        for row in planned:
            if row[:2] not in self.written:
                self._write(row._replace(remarks=why or "error: not measured, and no reason was given"))
        self.failed |= why.startswith(("error", "the process ended"))

    def _line(self, text: str) -> None:
        print(text, flush=True)
        with self.path.open("a", encoding="utf-8") as file:
            file.write(f"{text}\n")
