"""YAML as plain data with the place of each value.

The composer is our own, over PyYAML's events: it keeps line marks, refuses tags, duplicate keys and anchors that
contain themselves, and never recurses deeper than a document may nest.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Protocol

import yaml

from ..printing import quote
from .control import REQUIRED, Unresolved
from .diagnostics import Diagnostic, Diagnostics, InputError
from .input_files import read_bytes
from .located import (
    DEEPEST,
    LONGEST_KEY,
    LONGEST_PATH,
    MOST_VALUES,
    LocatedList,
    LocatedMap,
    Mark,
    Text,
    lines_of,
    too_large,
)
from .yaml_syntax import syntax_diagnostic

# 60 times the largest spec of the catalogue; to read more would take too much of the second that a check may take.
LARGEST_FILE = 1 << 18
LETTERS = 64
"""So many characters of a text count as a further value."""
LARGEST_EXACT = 10**15
"""Up to here a float is exact, and its digits are soon read."""
LONGEST_NUMBER = 400
"""Digits of a whole number: more than the largest float has, and soon read."""

Scalar = str | int | float | bool | None
NodeEvent = yaml.AliasEvent | yaml.ScalarEvent | yaml.SequenceStartEvent | yaml.MappingStartEvent


class _Parser(Protocol):
    """What both of PyYAML's parsers are: libyaml's, where it is installed, and the one in Python."""

    def get_event(self) -> Any:
        """The next event: which kinds may come depends on those before it."""

    def resolve(self, kind: type[yaml.Node], value: str, implicit: tuple[bool, bool]) -> str:
        """The tag of a value without one."""


_Loader: Callable[[str], _Parser] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
# PyYAML follows YAML 1.1, in which 1e-6 is a text and 010 is 8; many editors and people follow YAML 1.2. Numbers that
# the two read differently are errors, instead of a guess.
_EXPONENT = re.compile(r"[-+]?\d+(\.\d*)?[eE][-+]?\d+")
_OCTAL = re.compile(r"[-+]?0[0-7]+")
_WORDS = {"true": True, "yes": True, "on": True, "false": False, "no": False, "off": False}


_SECTION = re.compile(r"([A-Za-z_][\w-]*)")
"""How a line begins that is the first of a section."""
MOST_LOST = 10
"""Sections of a document that are no YAML, after which the rest is not read."""


def read_file(path: Path) -> Text:
    """A spec file's text. Raises `InputError` where it is missing, too large, has no size or is not UTF-8."""
    return _decoded(str(path), read_bytes(path, LARGEST_FILE))


def read_stdin() -> Text:
    """A spec that another program writes. Raises `InputError` where it is too large or is not UTF-8."""
    file, data = "<stdin>", sys.stdin.buffer.read(LARGEST_FILE + 1)
    if len(data) > LARGEST_FILE:
        raise InputError(Diagnostic(f"has more than the {LARGEST_FILE:,} bytes of the largest spec", file=file))
    return _decoded(file, data)


def _decoded(file: str, data: bytes) -> Text:
    try:
        return Text(file, data.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        before = lines_of(data[: error.start].decode("utf-8-sig"))
        diagnostic = Diagnostic(f"is not UTF-8: byte 0x{data[error.start]:02x}", remedy="save it as UTF-8")
        raise InputError(diagnostic.at(file=file, line=len(before), column=len(before[-1]) + 1)) from None


def parse(text: Text, diagnostics: Diagnostics | None = None) -> LocatedMap:
    """A document's mapping. Raises `InputError` with the places of all mistakes.

    `diagnostics` takes those which let the rest be read; the mapping then has `Unresolved` for values that are lost.
    So have sections that are no YAML.
    """
    root = _Composer(text).compose() if diagnostics is None else _sections(text, diagnostics)
    if root is None:
        raise InputError(
            Mark(0, 0, text).diagnostic("is empty", remedy="a spec needs at least `name`, `input` and `body`")
        )
    if not isinstance(root, LocatedMap):
        raise InputError(Mark(1, 1, text).diagnostic(f"a spec is a mapping of keys to values, not {_kind(root)}"))
    return root


def _sections(text: Text, diagnostics: Diagnostics) -> object:
    """A document without its sections that are no YAML, which are noted."""
    readable, lost = text, LocatedMap(Mark(1, 1, text))
    for _ in range(MOST_LOST):
        composer = _Composer(readable, incomplete=bool(lost))
        try:
            root = composer.compose(diagnostics)
        except yaml.YAMLError as error:
            found = syntax_diagnostic(readable, error)
            diagnostics.note(found._replace(source=found.source and lines_of(text.content)[found.line - 1]))
            if (section := _section_at(readable, found.line)) is None:
                raise diagnostics.error() from None
            key, readable = section
            lost.put(key, Unresolved, Mark(found.line, 1, text))
        else:
            if not lost:
                return root
            known = root if isinstance(root, LocatedMap) else LocatedMap(lost.mark)
            for key in [key for key in (*lost, *REQUIRED) if key in lost or key not in known]:
                known.put(key, Unresolved, lost.key_marks.get(key))
            return known
    raise diagnostics.error()


def _section_at(text: Text, line: int) -> tuple[str, Text] | None:
    """The key of the section that a line is in, and the text with the section's lines empty."""
    lines = lines_of(text.content)
    keys = {number: found[1] for number, one in enumerate(lines, 1) if (found := _SECTION.match(one))}
    if (start := max((number for number in keys if number <= line), default=0)) == 0:
        return None
    end = min((number for number in keys if number > start), default=len(lines) + 1)
    return keys[start], Text(text.file, "\n".join([*lines[: start - 1], *[""] * (end - start), *lines[end - 1 :]]))


def parse_value(text: str, file: str) -> object:
    """A value given on the command line, by YAML's rules. Raises `InputError`, with `file` as its place."""
    return _Composer(Text(file, text)).compose()


class _Composer:
    """Builds the located tree from parser events. After an error it reads on, to report what else is wrong."""

    def __init__(self, text: Text, *, incomplete: bool = False) -> None:
        self.text, self.incomplete = text, incomplete
        self.diagnostics = Diagnostics()
        try:
            self.loader = _Loader(text.content)
        except yaml.YAMLError as error:
            raise InputError(syntax_diagnostic(text, error)) from None
        self.anchors: dict[str, object] = {}
        self.sizes: dict[str, int] = {}
        self.values = 0

    def compose(self, diagnostics: Diagnostics | None = None) -> object:
        """The only document of the text, or None where there is none; `diagnostics` as for `parse`.

        Raises PyYAML's error for a text that is no YAML where they are given.
        """
        root = None
        try:
            root = self._document()
        except InputError as error:
            diagnostics = None
            self.diagnostics.note(*error.diagnostics)
        except yaml.YAMLError as error:
            if diagnostics is not None:
                raise
            self.diagnostics.note(syntax_diagnostic(self.text, error))
        if self.diagnostics and diagnostics is None:
            raise self.diagnostics.error()
        if diagnostics is not None:
            diagnostics.note(*self.diagnostics.found.values())
        return root

    def _document(self) -> object:
        self.loader.get_event()  # the stream's start
        if isinstance(self.loader.get_event(), yaml.StreamEndEvent):
            return None
        root = self._node(self.loader.get_event(), "", 0)
        self.loader.get_event()  # the document's end
        if not isinstance(event := self.loader.get_event(), yaml.StreamEndEvent):
            self._note("holds a second document; a file is one spec", event, "")
        return root

    def _mark(self, event: yaml.Event) -> Mark:
        mark = event.start_mark
        return Mark(0, 0, self.text) if mark is None else Mark(mark.line + 1, mark.column + 1, self.text)

    def _error(self, message: str, event: yaml.Event, path: str, remedy: str = "") -> InputError:
        return InputError(self._mark(event).diagnostic(message, path=path, remedy=remedy))

    def _note(self, message: str, event: yaml.Event, path: str, remedy: str = "") -> None:
        self.diagnostics.note(self._mark(event).diagnostic(message, path=path, remedy=remedy))

    def _lost(self, message: str, event: yaml.Event, path: str) -> type[Unresolved]:
        """Note an error, and return what stands for the value that it leaves unknown."""
        self._note(message, event, path)
        return Unresolved

    def _count(self, event: yaml.Event, path: str, values: int) -> None:
        """Count values. Raises `InputError` where they, those of aliases counted each time, become too many."""
        self.values += values
        if self.values > MOST_VALUES:
            message, remedy = f"holds more than {MOST_VALUES:,} values", "repeat a block, or refer to fewer anchors"
            raise self._error(message, event, path, remedy)

    def _node(self, event: NodeEvent, path: str, depth: int) -> object:
        if isinstance(event, yaml.AliasEvent):
            if event.anchor is None or event.anchor not in self.anchors:
                if self.incomplete:
                    return Unresolved
                return self._lost(f"no anchor before this is called {quote(event.anchor)}", event, path)
            self._count(event, path, self.sizes[event.anchor])
            return self.anchors[event.anchor]
        foreign = event.tag is not None and event.tag != "!" and self._is_foreign(event.tag, event, path)
        if depth > DEEPEST or len(path) > LONGEST_PATH:
            raise InputError(too_large(self._mark(event), path, depth))
        before = self.values
        self._count(event, path, 1)
        value: object
        if isinstance(event, yaml.ScalarEvent):
            value = Unresolved if foreign else self._scalar(event, path)
        elif isinstance(event, yaml.SequenceStartEvent):
            value = self._sequence(event, path, depth)
        else:
            value = self._mapping(event, path, depth)
        if event.anchor is not None:
            self.anchors[event.anchor] = value
            self.sizes[event.anchor] = self.values - before
        return value

    def _is_foreign(self, tag: str, event: yaml.Event, path: str) -> bool:
        """Note a tag that is not of YAML's own types: it could name a class, as `!!python/object` does."""
        if "python" not in tag and tag.startswith("tag:yaml.org,2002:"):
            return False
        shown = quote(tag.replace("tag:yaml.org,2002:", "!!")).strip("'")
        self._note(f"the tag {shown} is not allowed", event, path, "a spec is plain data")
        return True

    def _children(self, end: type[yaml.Event]) -> Iterator[NodeEvent]:
        while not isinstance(event := self.loader.get_event(), end):
            yield event

    def _sequence(self, start: yaml.Event, path: str, depth: int) -> LocatedList:
        values = LocatedList(self._mark(start), path)
        for event in self._children(yaml.SequenceEndEvent):
            joined = False
            if isinstance(event, yaml.ScalarEvent) and event.implicit[0]:
                joined = self._note_joined(event, f"{path}[{len(values)}]")
            value = self._node(event, f"{path}[{len(values)}]", depth + 1)
            values.put(Unresolved if joined else value, self._mark(event))
        return values

    def _note_joined(self, event: yaml.ScalarEvent, path: str) -> bool:
        """Note an item that YAML takes for more of the text before it; whether there is one."""
        first, last = event.start_mark, event.end_mark
        if first is None or last is None or last.line == first.line:
            return False
        for number, line in enumerate(lines_of(self.text.content)[first.line + 1 : last.line + 1], first.line + 2):
            text = line.lstrip(" ")
            if text.startswith("- "):
                mark = Mark(number, len(line) - len(text) + 1, self.text)
                message = "is indented deeper than the item before it, so YAML reads both as one text"
                self.diagnostics.note(mark.diagnostic(message, path=path, remedy="indent all items of a list alike"))
                return True
        return False

    def _mapping(self, start: yaml.Event, path: str, depth: int) -> LocatedMap:
        mapping = LocatedMap(self._mark(start), path)
        merged: list[LocatedMap] = []
        for event in self._children(yaml.MappingEndEvent):
            key = self._key(event, path, depth)
            following = self.loader.get_event()
            where = ".".join(filter(None, (path, key)))
            value = self._node(following, where, depth + 1)
            if key is None:
                continue
            if key == "<<" and isinstance(event, yaml.ScalarEvent) and event.implicit[0]:
                merged += self._merge_sources(value, following, path)
            elif key in mapping and not self._is_cut_off(event):
                self._note(f"{key!r} is here twice, first in line {mapping.key_marks[key].line}", event, where)
            elif key not in mapping:
                mapping.put(key, value, self._mark(event), self._mark(following))
        for source in merged:
            mapping.take(source, [key for key in source if key not in mapping])
        return mapping

    def _key(self, event: NodeEvent, path: str, depth: int) -> str | None:
        """A key; None for what is none, which is noted."""
        key = self._word(event, path) if isinstance(event, yaml.ScalarEvent) else self._node(event, path, depth + 1)
        if not isinstance(key, str):
            self._note("a key must be a word, not a list or mapping", event, path)
            return None
        if len(key) > LONGEST_KEY:
            raise self._error(f"a key of {len(key):,} characters; the longest has {LONGEST_KEY}", event, path)
        return key

    def _word(self, event: yaml.ScalarEvent, path: str) -> str:
        """A key: `1: ...`, `010: ...` and `on: ...` are the texts that they are written as."""
        if event.tag is not None or event.anchor is not None:
            self._node(event, path, 0)
        else:
            self._count(event, path, 1 + len(event.value) // LETTERS)
        return str(event.value)

    def _is_cut_off(self, event: yaml.Event) -> bool:
        """Whether a key ends at a bracket, as a path does between brackets; the error is reported for what follows."""
        end = event.end_mark
        return end is not None and lines_of(self.text.content)[end.line].startswith("[", end.column)

    def _merge_sources(self, value: object, event: yaml.Event, path: str) -> list[LocatedMap]:
        found = value if isinstance(value, LocatedList) else [value]
        sources = [source for source in found if isinstance(source, LocatedMap)]
        if len(sources) < len([one for one in found if one is not Unresolved]):
            self._note("`<<` merges mappings only", event, path)
        return sources

    def _scalar(self, event: yaml.ScalarEvent, path: str) -> Scalar | type[Unresolved]:
        self._count(event, path, len(event.value) // LETTERS)
        if not event.implicit[0] and event.tag is None:
            return event.value
        tag = event.tag or self.loader.resolve(yaml.ScalarNode, event.value, event.implicit)
        kind, text = tag.rpartition(":")[2], event.value
        if kind == "null":
            return None
        if kind == "bool":
            return self._truth(event, path)
        if kind in ("int", "float"):
            return self._number(kind, event, path)
        if _EXPONENT.fullmatch(text) and event.implicit[0]:
            number, written = _with_exponent(text)
            self._note(f"{text} is text in YAML 1.1, not a number", event, path, f"write {written}")
            return number
        return text

    def _truth(self, event: yaml.ScalarEvent, path: str) -> bool | type[Unresolved]:
        if event.value.lower() not in _WORDS:  # `!!bool` can stand before anything
            return self._lost(f"{quote(event.value)} is neither true nor false", event, path)
        return _WORDS[event.value.lower()]

    def _number(self, kind: str, event: yaml.ScalarEvent, path: str) -> int | float | type[Unresolved]:
        text = event.value.replace("_", "")
        if kind == "int" and len(text) > LONGEST_NUMBER:
            message = f"a number of {len(text):,} digits; a whole number has at most {LONGEST_NUMBER}"
            return self._lost(message, event, path)
        if kind == "int" and _OCTAL.fullmatch(text):
            remedy = f"write {int(text)}" + f", or {int(text, 8)} if octal is meant" * (int(text) != int(text, 8))
            self._note(f"{event.value} is octal in YAML 1.1, and is not in YAML 1.2", event, path, remedy)
        try:
            if kind == "float":
                return float(text.replace(".inf", "inf").replace(".Inf", "inf").replace(".nan", "nan"))
            base = {"0x": 16, "0b": 2, "0o": 8}.get(text.lstrip("+-")[:2].lower(), 10)
            return int(text, base)
        except ValueError:
            return self._lost(f"{quote(event.value)} is no number", event, path)


def _with_exponent(text: str) -> tuple[int | float, str]:
    """The number that YAML 1.2 reads, and how both read it: 1e3 as the whole number that it is, where it is one."""
    number = float(text)
    if number.is_integer() and abs(number) <= LARGEST_EXACT:
        return int(number), str(int(number))
    mantissa, _, exponent = text.lower().partition("e")
    mantissa = mantissa if "." in mantissa else mantissa + ".0"
    return number, f"{mantissa}e{'' if exponent[0] in '+-' else '+'}{exponent}"


def _kind(value: object) -> str:
    return "a list" if isinstance(value, list) else quote(value)
