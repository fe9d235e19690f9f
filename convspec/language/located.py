"""Plain data with places: mappings and lists that know the line and column of each of their values."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Collection, Iterable, Mapping
from decimal import Decimal
from enum import Enum
from functools import lru_cache
from numbers import Integral, Real
from types import NoneType
from typing import NamedTuple, overload

from ..graph.symbolic import SymbolicNumber
from ..printing import quote
from ..read_only import LIST, MAPPING, ReadOnlyDict, ReadOnlyList, read_only, without
from .control import Unresolved
from .diagnostics import Diagnostic, Diagnostics, InputError

# The three limits bound time and memory whatever a document holds: aliases and repeats make ten lines of YAML as large
# as they like, and code that follows nested data calls itself once a level.
DEEPEST = 40
MOST_VALUES = 60_000
"""Values of a document, those of aliases and repeats counted each time."""
LONGEST_KEY = 200
LONGEST_PATH = 1000

_SURROGATE = re.compile("[\ud800-\udfff]")


class Text(NamedTuple):
    """A file's content under the name that messages give it."""

    file: str
    content: str


_BREAK = re.compile("\r\n|[\n\r\x85\u2028\u2029]")
"""What ends a line in YAML 1.1, and so in the places that its parser gives: Python's `splitlines` knows more."""


@lru_cache(maxsize=4)
def lines_of(content: str) -> list[str]:
    """The lines of a text, as YAML counts them."""
    return _BREAK.split(content)


_HOLE = re.compile(r"""["']?[^,\]}"']*\$\{""")


class Mark(NamedTuple):
    """A place in a text, counted from 1; line 0 is the text as a whole."""

    line: int
    column: int
    text: Text = Text("", "")

    @property
    def is_expression(self) -> bool:
        """Whether what is written here is a `${...}`, whose value is another."""
        lines = lines_of(self.text.content)
        return 0 < self.line <= len(lines) and bool(_HOLE.match(lines[self.line - 1], self.column - 1))

    def diagnostic(self, message: str, *, path: str = "", remedy: str = "") -> Diagnostic:
        """An error at this place, with the line itself."""
        lines = lines_of(self.text.content)
        source = lines[self.line - 1] if 0 < self.line <= len(lines) else ""
        return Diagnostic(message, path, remedy, self.text.file, self.line, self.column, source)

    def place(self, diagnostic: Diagnostic, path: str) -> Diagnostic:
        """An error of another source, which has no place, at this one."""
        return self.diagnostic(diagnostic.message, path=path, remedy=diagnostic.remedy)


class LocatedMap(dict[str, object]):
    """A mapping with the place of each key and value. `path` is its place in the document, `body[3]`."""

    __slots__ = ("key_marks", "mark", "path", "value_marks")

    def __init__(self, mark: Mark, path: str = "") -> None:
        super().__init__()
        self.mark, self.path = mark, path
        self.key_marks: dict[str, Mark] = {}
        self.value_marks: dict[str, Mark] = {}

    def put(self, key: str, value: object, key_mark: Mark | None = None, value_mark: Mark | None = None) -> None:
        """Set a value together with its place; without one, the mapping's own."""
        self[key] = value
        self.key_marks[key] = key_mark or self.mark
        self.value_marks[key] = value_mark or self.mark

    def section(self, key: str) -> LocatedMap:
        """The mapping at a key; an empty one where it has none, or another value, which the check of types reports."""
        value = self.get(key)
        return value if isinstance(value, LocatedMap) else LocatedMap(self.mark)

    def take(self, other: LocatedMap, keys: Iterable[str] | None = None) -> None:
        """Set keys, all unless given, to the values that another mapping has, together with their places."""
        for key in other if keys is None else keys:
            self.put(key, other[key], other.key_marks[key], other.value_marks[key])

    def without(self, keys: Collection[str]) -> LocatedMap:
        """A copy that lacks some keys."""
        copy = LocatedMap(self.mark, self.path)
        copy.take(self, [key for key in self if key not in keys])
        return copy

    def shallow(self) -> LocatedMap:
        """A copy that shares its values."""
        copy = LocatedMap(self.mark, self.path)
        copy.update(self)
        copy.key_marks, copy.value_marks = dict(self.key_marks), dict(self.value_marks)
        return copy

    def seal(self) -> LocatedMap:
        """Make this mapping read-only, with all that is in it: a document may be a cache's, or several specs'."""
        if type(self) is LocatedMap:
            for key, inner in self.items():
                if (fixed := read_only(inner)) is not inner:
                    self[key] = fixed
            self.key_marks, self.value_marks = ReadOnlyDict(self.key_marks), ReadOnlyDict(self.value_marks)
            self.__class__ = _SealedMap
        return self


@without(*MAPPING, "put", "take")
class _SealedMap(LocatedMap):
    __slots__ = ()

    def __reduce__(self) -> tuple[Callable[[LocatedMap], LocatedMap], tuple[LocatedMap]]:
        return LocatedMap.seal, (self.shallow(),)


class LocatedList(list[object]):
    """A list with the place of each element."""

    __slots__ = ("mark", "marks", "path")

    def __init__(self, mark: Mark, path: str = "") -> None:
        super().__init__()
        self.mark, self.path = mark, path
        self.marks: list[Mark] = []

    def put(self, value: object, mark: Mark | None = None) -> None:
        """Append a value together with its place."""
        self.append(value)
        self.marks.append(mark or self.mark)

    def shallow(self) -> LocatedList:
        """A copy that shares its values."""
        copy = LocatedList(self.mark, self.path)
        copy.extend(self)
        copy.marks = list(self.marks)
        return copy

    def seal(self) -> LocatedList:
        """Make this list read-only, with all that is in it."""
        if type(self) is LocatedList:
            self[:] = map(read_only, self)
            self.marks = ReadOnlyList(self.marks)
            self.__class__ = _SealedList
        return self


@without(*LIST, "put")
class _SealedList(LocatedList):
    __slots__ = ()

    def __reduce__(self) -> tuple[Callable[[LocatedList], LocatedList], tuple[LocatedList]]:
        return LocatedList.seal, (self.shallow(),)


@overload
def located(value: dict[str, object], mark: Mark, path: str, diagnostics: Diagnostics | None = None) -> LocatedMap: ...
@overload
def located(value: object, mark: Mark, path: str, diagnostics: Diagnostics | None = None) -> object: ...
def located(value: object, mark: Mark, path: str, diagnostics: Diagnostics | None = None) -> object:
    """Data from Python as located data of the types that YAML has, all of it at one place.

    Enumerations, subclasses of `str` and `int`, fractions, and numbers and arrays of NumPy become what they stand for.
    Raises `InputError` for what YAML has no type for, which `diagnostics` take where they are given, and for more than
    a document may hold.
    """
    return _Locator(mark, diagnostics).located(value, path, 0)


class _Locator:
    """Locates data from Python, which may contain themselves."""

    def __init__(self, mark: Mark, diagnostics: Diagnostics | None) -> None:
        self.mark, self.diagnostics, self.count = mark, diagnostics, 0

    def located(self, value: object, path: str, depth: int) -> object:
        if isinstance(value, (LocatedMap, LocatedList)):
            return value
        self.count += 1
        if depth > DEEPEST or self.count > MOST_VALUES or len(path) > LONGEST_PATH:
            raise InputError(too_large(self.mark, path, depth))
        if isinstance(value, Mapping):
            return self._mapping(value, path, depth)
        if isinstance(value, (list, tuple)):
            values = LocatedList(self.mark, path)
            for index, inner in enumerate(value):
                values.put(self.located(inner, f"{path}[{index}]", depth + 1), self.mark)
            return values
        if type(value) not in (bool, float, int, str, NoneType, SymbolicNumber):
            return self._of_other_type(value, path, depth)
        if isinstance(value, str):
            self._check_text(value, path)
        return value

    def _of_other_type(self, value: object, path: str, depth: int) -> object:
        try:
            return self.located(self._converted(value, path, depth), path, depth + 1)
        except InputError as error:
            if self.diagnostics is None:
                raise
            self.diagnostics.note(*error.diagnostics)
            return Unresolved

    def _mapping(self, value: Mapping[object, object], path: str, depth: int) -> LocatedMap:
        mapping = LocatedMap(self.mark, path)
        for key, inner in value.items():
            found = self._converted(key, path, depth) if isinstance(key, (str, Enum)) and type(key) is not str else key
            name = found if isinstance(found, str) else quote(found)
            where = f"{path}.{name}" if path else name
            self._check_text(name, where)
            if name in mapping:
                raise InputError(self.mark.diagnostic("two keys are written alike", path=where, remedy="keep one"))
            mapping.put(name, self.located(inner, where, depth + 1), self.mark)
        return mapping

    def _converted(self, value: object, path: str, depth: int) -> object:
        """A value of another type as one that is nearer to YAML's. Raises `InputError` where there is none."""
        if isinstance(value, Enum):
            return value.value
        if isinstance(value, str):
            return str.__str__(value)
        try:
            if isinstance(value, Integral):
                return int(value)
            if isinstance(value, (Real, Decimal)):
                return float(value)
        except (ValueError, OverflowError):  # a fraction beyond every float, a signalling NaN
            raise InputError(self.mark.diagnostic(f"no float holds {quote(value)}", path=path)) from None
        if isinstance(shape := getattr(value, "shape", None), tuple) and hasattr(value, "tolist"):
            if math.prod(shape) > MOST_VALUES:
                raise InputError(too_large(self.mark, path, depth))
            return value.tolist()
        message = f"{quote(value)} is of the type {type(value).__name__}, which a spec cannot hold"
        remedy = "write numbers, texts, lists and mappings; list(...), str(...) or float(...) makes one of many others"
        raise InputError(self.mark.diagnostic(message, path=path, remedy=remedy))

    def _check_text(self, text: str, path: str) -> None:
        """Raise where a text has half of a surrogate pair, which no file can hold."""
        if found := _SURROGATE.search(text):
            message = f"{quote(text)} has {quote(found[0])}, half of a surrogate pair, which is no character"
            raise InputError(self.mark.diagnostic(message, path=path, remedy="decode the text it came from as UTF-8"))


def too_large(mark: Mark, path: str, depth: int) -> Diagnostic:
    """What is too much about data whose limits are not kept."""
    shown = path if len(path) <= LONGEST_KEY else path[:LONGEST_KEY] + "..."
    if depth > DEEPEST:
        return mark.diagnostic(f"nests deeper than {DEEPEST} levels", path=shown)
    if len(path) > LONGEST_PATH:
        return mark.diagnostic(
            f"has a path of more than {LONGEST_PATH:,} characters", path=shown, remedy="use shorter keys"
        )
    return mark.diagnostic(f"holds more than {MOST_VALUES:,} values", path=shown, remedy="repeat a block instead")


def listed(items: object, mark: Mark, path: str) -> LocatedList:
    """Body items as a list; one alone may stand without."""
    if isinstance(items, LocatedList):
        return items
    out = LocatedList(mark, path)
    out.put(items)
    return out
