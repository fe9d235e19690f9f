"""Text that comes from users on its way into messages, tables and progress lines.

Keys, values, file names, class names and layer names may hold characters that move a terminal's cursor, hide text or
reverse its direction (CVE-2021-42574). All of them go through `printable`; values go through `quote`, whose work is
bounded.
"""

from __future__ import annotations

import io
import math
import sys
import unicodedata
import warnings
from array import array
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from itertools import islice
from typing import TYPE_CHECKING, Any, TextIO, TypeVar

from .process import Shared

if TYPE_CHECKING:
    from rich.console import ConsoleOptions, RenderableType
    from rich.live import Live
    from rich.progress import Progress

Display = TypeVar("Display", "Live", "Progress")

ESCAPED = frozenset(("Cc", "Cf", "Cs", "Co", "Zl", "Zp"))
"""Unicode's categories of control, format, surrogate and private characters, and of line and paragraph separators."""

LONGEST_QUOTE = 60
MOST_BITS = 1024
"""Longer whole numbers are not written out: Python takes quadratic time for it, and refuses over 4,300 digits."""

WORDS = {None: "null", True: "true", False: "false"}
"""What YAML calls these, and Python does not."""


def printable(text: str, keep: str = "") -> str:
    """The text with each character of `ESCAPED`, but those to `keep`, as an escape: `\\x1b`, `\\n`, `\\u202e`."""
    plain = text
    for letter in keep:
        plain = plain.replace(letter, "")
    if plain.isprintable():  # most texts; an unusual space or a new letter is none, and yet harmless
        return text
    return "".join([letter if letter in keep else _shown(letter) for letter in text])


class _Printable:
    """A text stream whose lines are `printable`; else the stream that it is made of."""

    def __init__(self, stream: Any) -> None:
        self._stream = stream

    def write(self, text: str) -> int:
        self._stream.write(text if library_output.users else printable(text, keep="\n\t"))
        return len(text)

    def writelines(self, lines: Iterable[str]) -> None:
        for line in lines:
            self.write(line)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


class _Nowhere(io.TextIOBase):
    """Standard output or error of a process that has none, as under pythonw."""

    def write(self, text: str) -> int:
        return len(text)


def _wrap() -> None:
    streams: tuple[Any, Any] = sys.stdout, sys.stderr
    sys.stdout, sys.stderr = (_Printable(_Nowhere() if stream is None else stream) for stream in streams)


def _unwrap(before: tuple[TextIO, TextIO]) -> None:
    sys.stdout, sys.stderr = before


printable_output = Shared(lambda: (sys.stdout, sys.stderr), _wrap, _unwrap)
"""Make all that is printed inside printable, tables and progress lines included, whoever writes them."""

library_output = Shared(lambda: None, lambda: None, lambda before: None)
"""Inside, what is printed stays as it is: for libraries that draw a progress bar while they download."""


def start_display(make: Callable[..., Display]) -> Display:
    """Start a live display of Rich on standard output, which `make` returns when given `console`.

    Its cursor movements and colours reach the terminal. All texts in it are printable, and so are the lines that
    anybody prints while it is there.
    """
    from rich.console import Console
    from rich.segment import Segment

    class PrintableConsole(Console):
        def render(self, renderable: RenderableType, options: ConsoleOptions | None = None) -> Iterator[Segment]:
            for one in super().render(renderable, options):
                yield one if one.control else Segment(printable(one.text, keep="\n"), one.style)

    stream: Any = sys.stdout
    while isinstance(stream, _Printable):
        stream = stream._stream
    display = make(console=PrintableConsole(file=stream, markup=False, emoji=False))
    display.start()
    for name in ("stdout", "stderr"):  # Rich has put its own there, which obey escape codes, until the display stops
        if hasattr(getattr(sys, name), "rich_proxied_file"):
            setattr(sys, name, _Printable(getattr(sys, name)))
    return display


def _shown(letter: str) -> str:
    if unicodedata.category(letter) not in ESCAPED:
        return letter
    return letter.encode("unicode_escape", "surrogatepass").decode("ascii")


def first_line(error: BaseException) -> str:
    """The first line of what an error says, or the name of its class where it says nothing."""
    return next(iter(str(error).strip().splitlines()), type(error).__name__)


def counted(number: int, noun: str) -> str:
    """`1 layer`, `12,345 layers`."""
    return f"{number:,} {noun}{'s' * (number != 1)}"


def kind_and_words(error: BaseException) -> str:
    """An error in one line: the name of its class and the first line of what it says, if it says anything."""
    name, words = type(error).__name__, first_line(error)
    return name if words == name else f"{name}: {words}"


def quote(value: object) -> str:
    """A value as a message shows it, cut off at `LONGEST_QUOTE` characters.

    Takes no longer for a large value than for a small one: a list may contain another, shared, a million times.
    """
    text = ""
    for piece in _pieces(value):
        text += piece
        if len(text) > LONGEST_QUOTE:
            return text[: LONGEST_QUOTE - 3] + "..."
    return text


def _pieces(value: object) -> Iterator[str]:
    if value is None or value is True or value is False:
        yield WORDS[value]
    elif type(value) is float and not math.isfinite(value):
        yield ".nan" if math.isnan(value) else "-.inf" if value < 0 else ".inf"
    elif isinstance(value, str):
        yield repr(value[: LONGEST_QUOTE + 1])
    elif type(value) is int and value.bit_length() > MOST_BITS:
        yield f"a number of {int(value.bit_length() * 0.30103):,} digits"
    elif isinstance(value, Mapping):
        yield "{"
        for index, key in enumerate(islice(value, LONGEST_QUOTE)):
            yield ", " if index else ""
            yield from _pieces(key)
            yield ": "
            yield from _pieces(value[key])
        yield "}"
    elif isinstance(value, (bytes, bytearray, array)):
        yield _represented(value[: LONGEST_QUOTE + 1])
    elif isinstance(value, (Sequence, Set)) and len(value) and not isinstance(value, (range, memoryview)):
        begin, end = "{}" if isinstance(value, Set) else "[]"
        yield begin
        for index, one in enumerate(islice(value, LONGEST_QUOTE)):
            yield ", " if index else ""
            yield from _pieces(one)
        yield end
    else:
        yield _represented(value)


def _represented(value: object) -> str:
    """Another object's own words, the shape of an array in place of its numbers, or the class's name at least."""
    try:
        if shape := getattr(value, "shape", ()):
            return printable(f"<{type(value).__name__} of shape {tuple(shape)}>")
        return printable(repr(value))
    except Exception:  # whatever somebody's class does must not hide the message
        return f"<{type(value).__name__}>"


def plain_warnings() -> None:
    """Show what convspec warns of without the line of its code that does; for a command's own process."""
    others = warnings.showwarning

    def show(
        message: Warning | str, category: type[Warning], filename: str, lineno: int,
        file: TextIO | None = None, line: str | None = None,
    ) -> None:  # fmt: skip
        if category.__module__.startswith("convspec."):
            print(f"warning: {message}", file=sys.stderr)  # noqa: T201
        else:
            others(message, category, filename, lineno, file, line)

    warnings.showwarning = show
