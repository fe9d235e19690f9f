"""What is wrong with a user's input, and where: one `Diagnostic` a mistake, all of them in one `InputError`."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from typing import NamedTuple

from ..errors import ConvspecError
from ..printing import printable
from ..suggestions import did_you_mean as did_you_mean


class Diagnostic(NamedTuple):
    """One mistake: its place, what is wrong, with the numbers, and what would be right.

    `line` and `column` count from 1; 0 means unknown. `path` is the field in the document (`body[1].strides`),
    `source` the text of the line, `remedy` a sentence of its own. `misfit`: the value is right by itself, but not among
    the others, whose shapes do not allow it.
    """

    message: str
    path: str = ""
    remedy: str = ""
    file: str = ""
    line: int = 0
    column: int = 0
    source: str = ""
    misfit: bool = False

    def at(self, *, file: str, line: int = 0, column: int = 0, source: str = "") -> Diagnostic:
        """The same error with its place filled in."""
        return self._replace(file=file, line=line, column=column, source=source)

    def __str__(self) -> str:
        place = ":".join(str(part) for part in (self.file, self.line, self.column) if part)
        lines = [printable(": ".join(part for part in (place, self.path, self.message) if part))]
        if self.source:
            text, column = _window(self.source, self.column)
            before = printable(text[: column - 1])
            lines += ["    " + before + printable(text[column - 1 :]), "    " + " " * _cells(before) + "^"]
        if self.remedy:
            lines.append("  " + printable(self.remedy))
        return "\n".join(lines)


MOST_DIAGNOSTICS = 50
"""Errors of one document that are reported at once."""


class Diagnostics:
    """The errors of one document as they are found; each mistake once, though a wrong default is in many blocks."""

    def __init__(self) -> None:
        self.found: dict[tuple[object, ...], Diagnostic] = {}

    def __bool__(self) -> bool:
        return bool(self.found)

    def note(self, *diagnostics: Diagnostic) -> None:
        """Add errors. Raises `InputError` where they become too many, since finding all of them could take long."""
        for diagnostic in diagnostics:
            place = (diagnostic.file, diagnostic.line, diagnostic.column) if diagnostic.line else diagnostic.path
            self.found.setdefault((place, diagnostic.message), diagnostic)
            if len(self.found) > MOST_DIAGNOSTICS:
                raise self.error()

    def error(self) -> InputError:
        """All of them, in the order of the file."""
        ordered = sorted(
            self.found.values(), key=lambda diagnostic: (diagnostic.file, diagnostic.line, diagnostic.column)
        )
        if len(ordered) > MOST_DIAGNOSTICS:
            more = Diagnostic(f"there are more than these {MOST_DIAGNOSTICS}", remedy="fix these to see the rest")
            ordered = [*ordered[:MOST_DIAGNOSTICS], more]
        return InputError(ordered)


class InputError(ConvspecError, ValueError):
    """Raised for bad input of any kind; `diagnostics` holds every mistake that was found, in the order of the file.

    A single mistake may be given by its message, with the fields of its `Diagnostic`.
    """

    def __init__(
        self,
        diagnostics: str | Diagnostic | Iterable[Diagnostic],
        *,
        path: str = "",
        remedy: str = "",
        file: str = "",
        line: int = 0,
    ) -> None:
        if isinstance(diagnostics, str):
            diagnostics = Diagnostic(diagnostics, path, remedy, file, line)
        self.diagnostics: tuple[Diagnostic, ...] = (
            (diagnostics,) if isinstance(diagnostics, Diagnostic) else tuple(diagnostics)
        )
        super().__init__("\n".join(str(diagnostic) for diagnostic in self.diagnostics))

    def __reduce__(self) -> tuple[type[InputError], tuple[tuple[Diagnostic, ...]]]:
        return (type(self), (self.diagnostics,))


def _cells(text: str) -> int:
    """How many places of a terminal a text takes: two a letter of Chinese or Japanese, none for an accent alone."""
    if text.isascii():
        return len(text)
    shown = [letter for letter in text if unicodedata.category(letter) not in ("Mn", "Me", "Cf")]
    return len(shown) + sum(unicodedata.east_asian_width(letter) in "WF" for letter in shown)


def _window(text: str, column: int, width: int = 110) -> tuple[str, int]:
    """The part of a line around `column` that fits a screen, and the column within it."""
    text, column = text.rstrip().replace("\t", " "), max(column, 1)
    if len(text) <= width:
        return text, column
    start = max(0, min(column - 1 - width // 2, len(text) - width))
    return text[start : start + width], column - start
