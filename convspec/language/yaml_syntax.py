"""What is wrong with a text that is no YAML, in plain words, at the place of the mistake.

A parser stops where it can read no further, which is often lines after the quote or bracket that nobody closed.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import NamedTuple

import yaml

from .diagnostics import Diagnostic
from .located import Mark, Text, lines_of

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_PATH = re.compile(r"[^\s\[\]{},:\"']+(\[-?\d+\][^\s\[\]{},:\"']*)+")
_ITEM = re.compile(r"(\s*)-([^\s-].*)")
_PAIR = re.compile(r"(\s*(?:- )?)([A-Za-z_][\w.]*):([^\s:/].*)")
_WORDS = re.compile(r"(\s*(?:- )?)([A-Za-z_][\w.]*) +([^\s#].*)")
_BESIDE = re.compile(r"(\s*(?:- )?(?:[A-Za-z_][\w.]*: (?=\S+: ))?)([A-Za-z_][\w.]*: .{1,200})")
_ENTRY = re.compile(r"\s*(?:- |[\w.\"'\[\]]+:(?: |$))")
"""How a line begins that is a key or an item of its own."""
_CLOSED_BY = {"[": "]", "{": "}"}


class _Stop(NamedTuple):
    """Where the parser stopped and why, the line there, and where what it was reading begins."""

    text: Text
    problem: str
    context: str
    place: Mark
    line: str
    begin: Mark

    @property
    def rest(self) -> str:
        return self.line[self.place.column - 1 :]

    def before(self, count: int) -> str:
        """The line that is so many lines before."""
        return lines_of(self.text.content)[self.place.line - 1 - count] if count < self.place.line else ""


Answer = tuple[Mark, str, str] | None
"""The place, what is wrong there, and the remedy."""


def syntax_diagnostic(text: Text, error: yaml.YAMLError) -> Diagnostic:
    """The error of a text that PyYAML cannot parse."""
    place = _place_of(text, error)
    line = lines_of(text.content)[place.line - 1] if place.line else ""
    begin = getattr(error, "context_mark", None)
    problem = getattr(error, "problem", None) or str(error).split("\n")[0]
    stop = _Stop(
        text,
        problem,
        getattr(error, "context", None) or "",
        place,
        line,
        place if begin is None else Mark(begin.line + 1, begin.column + 1, text),
    )
    for reader in _READERS:
        if (answer := reader(stop)) is not None:
            mark, message, remedy = answer
            return mark.diagnostic(f"is not YAML: {message}", remedy=remedy)
    context = f" ({stop.context})" if stop.context else ""
    return place.diagnostic(f"is not YAML: {problem}{context}")


def _place_of(text: Text, error: yaml.YAMLError) -> Mark:
    """Where the parser stopped: at the latest at the end of the last line, though it counts one more."""
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    if mark is not None:
        lines = lines_of(text.content)
        if mark.line < len(lines):
            return Mark(mark.line + 1, mark.column + 1, text)
        return Mark(len(lines), len(lines[-1]) + 1, text)
    if isinstance(position := getattr(error, "position", None), int):  # a character that YAML does not allow
        before = lines_of(text.content[:position])
        return Mark(len(before), len(before[-1]) + 1, text)
    return Mark(0, 0, text)


def without_space(line: str) -> tuple[int, str, str] | None:
    """Column, message and remedy for a line whose dash or colon lacks its space: `-conv3-8`, `epochs:20`."""
    if match := _ITEM.fullmatch(line):
        return len(match[1]) + 1, "a dash has no space after it", f"write `- {match[2].rstrip()}`"
    if match := _PAIR.fullmatch(line):
        return len(match[1]) + 1, "a colon has no space after it", f"write `{match[2]}: {match[3].rstrip()}`"
    return None


def _without_colon(text: Text, line: int) -> Answer:
    """Place, message and remedy for a key and its value without the colon between them: `epochs 20`."""
    if (match := _WORDS.fullmatch(lines_of(text.content)[line - 1])) is None or ": " in match[3]:
        return None
    remedy = f"write `{match[2]}: {match[3].rstrip()}`"
    return Mark(line, match.end(2) + 1, text), f"a colon is missing after {match[2]!r}", remedy


def _tab(stop: _Stop) -> Answer:
    return (stop.place, "a tab is no indentation", "indent with spaces") if stop.rest[:1] == "\t" else None


def _first_letter(stop: _Stop) -> Answer:
    """A text that begins with a sign which means something else."""
    if stop.problem.startswith("found character that cannot start"):
        place, rest = stop.place, stop.rest
    elif stop.context in ("while scanning an alias", "while scanning an anchor"):
        place, rest = stop.begin, stop.line[stop.begin.column - 1 :]
    else:
        return None
    word = re.split(r"[\s,\]}]", rest)[0]
    return place, f"a text that begins with {rest[:1]} needs quotes", f'write "{word}"' if '"' not in word else ""


def _quote(stop: _Stop) -> Answer:
    """A quote that is not closed, or only by the one that opens another text."""
    if stop.context == "while scanning a quoted scalar" and "end of stream" in stop.problem:
        return stop.begin, "the quote that opens here is not closed", ""
    for token in reversed(_tokens(stop)):
        if isinstance(token, yaml.ScalarToken) and token.style in ("'", '"') and _swallows(stop, token):
            mark = Mark(token.start_mark.line + 1, token.start_mark.column + 1, stop.text)
            return mark, "the quote that opens here is not closed in its line", ""
    return None


def _swallows(stop: _Stop, token: yaml.Token) -> bool:
    """Whether a text in quotes ends in the line where the parser stopped, and has lines that are keys or items."""
    first, last = token.start_mark.line, token.end_mark.line
    lines = lines_of(stop.text.content)[first + 1 : last + 1]
    return last + 1 == stop.place.line and any(map(_ENTRY.match, lines))


def _tokens(stop: _Stop) -> list[yaml.Token]:
    """The tokens before the place where the parser stopped."""
    tokens: list[yaml.Token] = []
    try:
        for token in yaml.scan(stop.text.content, Loader=_LOADER):
            if (token.start_mark.line + 1, token.start_mark.column + 1) >= stop.place[:2]:
                break
            tokens.append(token)
    except (yaml.YAMLError, RecursionError):
        pass
    return tokens


def _bracket(stop: _Stop) -> Answer:
    """Brackets: one that is not closed, or by the wrong one, or a comma or quotes that are missing between them."""
    if "flow" not in stop.context:
        return None
    opened = _innermost(stop)
    sign = lines_of(stop.text.content)[opened.line - 1][opened.column - 1 : opened.column]
    if sign not in _CLOSED_BY:
        return None
    closing = _CLOSED_BY[sign]
    if stop.rest[:1] in ("]", "}"):
        return stop.place, f"the {sign} in line {opened.line} is closed by {stop.rest[0]}", f"write {closing} here"
    before = stop.line[: stop.place.column]
    if "${" in before:
        return stop.place, f"expected , or {closing}", 'between brackets put the expression into quotes: "${...}"'
    if path := _path_around(stop.line, stop.place.column):
        return stop.place, f"expected , or {closing}", f'between brackets put the path into quotes: "{path}"'
    if _is_over(stop, opened):
        return opened, f"the {sign} that opens here is not closed", f"close it with {closing}"
    return stop.place, f"expected , or {closing}", "a comma separates what is between brackets"


def _innermost(stop: _Stop) -> Mark:
    """The last bracket that is open where the parser stopped."""
    opened: list[Mark] = []
    for token in _tokens(stop):
        if isinstance(token, (yaml.FlowSequenceStartToken, yaml.FlowMappingStartToken)):
            opened.append(Mark(token.start_mark.line + 1, token.start_mark.column + 1, stop.text))
        elif isinstance(token, (yaml.FlowSequenceEndToken, yaml.FlowMappingEndToken)) and opened:
            opened.pop()
    return opened[-1] if opened else stop.begin


def _is_over(stop: _Stop, opened: Mark) -> bool:
    """Whether the text ends, or a key or item begins that stands outside of the brackets."""
    lines = lines_of(stop.text.content)
    first = lines[opened.line - 1]
    inside = len(first) - len(first.lstrip())
    indent = len(stop.line) - len(stop.line.lstrip())
    if not "".join([stop.rest, *lines[stop.place.line :]]).strip():
        return True
    return stop.place.line > opened.line and indent <= inside and bool(_ENTRY.match(stop.line))


def _path_around(line: str, column: int) -> str:
    """The path with `[0]` in it whose bracket is at a column; empty where there is none."""
    paths = (found for found in _PATH.finditer(line) if found.start() < column - 1 < found.end())
    return next((found[0] for found in paths if line[column - 1] == "["), "")


def _no_key(stop: _Stop) -> Answer:
    """A line that has to be a key with a value."""
    if not stop.problem.startswith("could not find expected ':'"):
        return None
    line = lines_of(stop.text.content)[stop.begin.line - 1]
    if found := without_space(line):
        return Mark(stop.begin.line, found[0], stop.text), found[1], found[2]
    if answer := _without_colon(stop.text, stop.begin.line):
        return answer
    return stop.begin, "expected a key with a colon and a value", ""


def _colon(stop: _Stop) -> Answer:
    """A colon within a text: of a line that goes on from the one before, or in a text without quotes."""
    if not stop.problem.startswith("mapping values are not allowed"):
        return None
    before = stop.line[: stop.place.column - 1]
    key = before.lstrip()
    if ": " in key:
        return _beside(stop) or (stop.place, "a text with a colon and a space in it needs quotes", "")
    for count in range(1, stop.place.line):
        above = stop.before(count)
        if found := without_space(above):
            return Mark(stop.place.line - count, found[0], stop.text), found[1], found[2]
        if _begins_text(stop, count) and _column(above) >= _column(stop.line):
            answer = _without_colon(stop.text, stop.place.line - count)
            if answer is not None:
                return answer
        if not above.strip() or _ENTRY.match(above):
            break
    mark = Mark(stop.place.line, len(before) - len(key) + 1, stop.text)
    return mark, "this line is indented deeper than the one it follows", "indent the keys of a mapping alike"


def _beside(stop: _Stop) -> Answer:
    """Several keys in one line without their braces: `- block: conv, filters: 8`."""
    if (match := _BESIDE.fullmatch(stop.line)) is None:
        return None
    try:
        keys = yaml.load(f"{{{match[2]}}}", Loader=yaml.BaseLoader)
    except yaml.YAMLError:
        return None
    if len(keys) < 2 or not all(key.isidentifier() and value != "" for key, value in keys.items()):
        return None
    place = Mark(stop.place.line, match.start(2) + 1, stop.text)
    return place, "several keys in one line need braces", f"write `{match[1].lstrip()}{{{match[2].rstrip()}}}`"


def _column(line: str) -> int:
    """Where the text of a line begins, behind the dash of an item."""
    return len(line) - len(re.sub(r"^\s*(- +)?", "", line))


def _begins_text(stop: _Stop, count: int) -> bool:
    """Whether the line so many lines before begins a text, and does not go on with one."""
    line, above = stop.before(count).lstrip(), stop.before(count + 1).strip()
    return line.startswith("- ") or not above or above.endswith(":") or above.startswith("#")


def _stray(stop: _Stop) -> Answer:
    """What stands where a key or an item of a list has to begin."""
    if stop.problem not in ("did not find expected key", "did not find expected '-' indicator"):
        return None
    sign = stop.rest[:1]
    if sign in ("]", "}"):
        return stop.place, f"{sign} closes nothing", "take it away"
    if sign == ",":
        return stop.place, "a comma stands between brackets only", "take it away"
    if stop.line[: stop.place.column - 1].strip():
        return stop.place, "text follows a value that has ended", ""
    if (found := without_space(stop.line)) and found[1].startswith("a dash"):
        return stop.place, found[1], found[2]
    return _indented(stop)


def _indented(stop: _Stop) -> Answer:
    items = "-" in stop.problem.removeprefix("did not find expected")
    is_item = stop.rest.startswith("- ")
    if items != is_item:
        whole, part = ("a list", "a key") if items else ("a mapping", "an item of a list")
        return stop.place, f"{part} stands in {whole}", "indent it as what it belongs to"
    what = "the items of a list" if items or is_item else "the keys of a mapping"
    return stop.place, f"this line is not indented as {what} before it", f"indent {what} alike"


def _escape(stop: _Stop) -> Answer:
    if not stop.problem.startswith("found unknown escape"):
        return None
    return stop.place, "a backslash between double quotes begins an escape", "use single quotes"


_READERS: tuple[Callable[[_Stop], Answer], ...] = (
    _tab, _quote, _first_letter, _bracket, _no_key, _colon, _stray, _escape,
)  # fmt: skip
