"""Tables as text: columns aligned for a terminal, or Markdown.

Rich draws boxes and wraps cells to the width of a terminal; these lines are also read by programs, and by people in
files, so that they are as wide as what they hold.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Collection, Iterable, Mapping, Sequence


def aligned(rows: Sequence[Sequence[str]], left: Collection[int] = (0,), *, ruler: bool = True) -> list[str]:
    """The lines of a table whose first row is the header; the columns `left` are flush left, numbers flush right."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    form = "  ".join(f"%{'-' if column in left else ''}{width}s" for column, width in enumerate(widths))
    head, *lines = [(form % tuple(row)).rstrip() for row in rows]
    return [head, *(["-" * max(map(len, (head, *lines)))] if ruler else []), *lines]


def markdown(rows: Sequence[Sequence[str]]) -> list[str]:
    """The same as a table of Markdown, its first column flush left."""
    header, *lines = rows
    ruler = ["---", *("---:" for _ in header[1:])]
    return ["| " + " | ".join(row) + " |" for row in (header, ruler, *lines)]


def csv_text(columns: Sequence[str], rows: Iterable[Mapping[str, object]]) -> str:
    """The same columns of all rows as CSV, with a header."""
    text = io.StringIO()
    writer = csv.DictWriter(text, columns, lineterminator="\n", extrasaction="ignore")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()
