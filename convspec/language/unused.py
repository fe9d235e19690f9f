"""Parts of a document that change nothing: parameters, defaults and templates, or elements of them, without a use.

A document is checked with all its variants: what one of them uses is used.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from ..printing import quote
from ..suggestions import did_you_mean
from .declarations import parts
from .diagnostics import Diagnostic
from .located import LocatedList, LocatedMap, Mark

Key = tuple[Mark, str]
"""The place of a list or mapping, which identifies it."""


class Unused(NamedTuple):
    """A part that nothing uses: the key of a mapping, or the elements of a list from an index on."""

    owner: LocatedMap | LocatedList
    part: str | int
    mark: Mark
    message: str
    remedy: str

    @property
    def diagnostic(self) -> Diagnostic:
        """The error, at its place."""
        path = f"{self.owner.path}[{self.part}]" if isinstance(self.part, int) else f"{self.owner.path}.{self.part}"
        return self.mark.diagnostic(self.message, path=path, remedy=self.remedy)


class _Record:
    """What expressions read of one list or mapping. `all_read`: it went somewhere as a whole."""

    def __init__(self, owner: LocatedMap | LocatedList) -> None:
        self.owner = owner
        self.read: set[object] = set()
        self.all_read = False

    def unused(self) -> Iterator[Unused]:
        """What is left over where single parts were read."""
        owner = self.owner
        if self.all_read or not self.read:
            return
        if isinstance(owner, LocatedList):
            first = max(part for part in self.read if isinstance(part, int)) + 1
            if first < len(owner):
                message = f"nothing reads element {first}: the list has {len(owner)}, and expressions read the first"
                message += f" {first}" if first > 1 else " alone"
                remedy = "leave out what is too much, or let an expression read it"
                yield Unused(owner, first, owner.marks[first], message, remedy)
            return
        for key in owner.keys() - self.read:
            known = sorted(map(str, self.read))
            hint = did_you_mean(key, known) or f"; expressions read {', '.join(known)}"
            remedy = "leave it out, or let an expression read it"
            yield Unused(owner, key, owner.key_marks[key], f"nothing reads {quote(key)}{hint}", remedy)


class Usage:
    """What the expressions and blocks of a document use, in all its variants that are checked."""

    def __init__(self) -> None:
        self._records: dict[Key, _Record] = {}
        self._known: dict[int, tuple[object, _Record, bool]] = {}
        """By the id of a value, which is kept so that it stays one: what it belongs to, and whether its parts do."""
        self.guarded = False
        """Whether what is read may never be: then reading a part counts as reading all."""
        self.meant: set[str] = set()
        """Parameters that expressions mean by other names, which are errors of their own."""
        self._applied: set[tuple[str, str]] = set()
        self._kinds: set[str] = set()

    def bind(self, value: object) -> None:
        """Note a value that expressions can use by a name, and what is in it."""
        if not isinstance(value, (LocatedMap, LocatedList)) or id(value) in self._known:
            return
        record = self._records.setdefault((value.mark, value.path), _Record(value))
        self._known[id(value)] = (value, record, True)
        for inner in value.values() if isinstance(value, LocatedMap) else value:
            self.bind(inner)

    def derive(self, value: object, origin: object, *, alike: bool) -> None:
        """Note that using one value is using another; if they are `alike`, so is reading the same part of each."""
        if (known := self._known.get(id(origin))) is not None:
            self._known[id(value)] = (value, known[1], alike and known[2])

    def read_part(self, value: object, part: object) -> None:
        """Note that an expression reads an element, or the value of a key."""
        if (known := self._known.get(id(value))) is not None:
            known[1].read.add(part)
            if self.guarded or not known[2]:
                self.read_all(value)

    def read_all(self, value: object) -> None:
        """Note that a value is used with all that is in it."""
        if not isinstance(value, (list, dict)):
            return
        if (known := self._known.get(id(value))) is not None:
            if known[1].all_read:
                return
            known[1].all_read = True
        for inner in value.values() if isinstance(value, dict) else value:
            self.read_all(inner)

    def apply(self, kind: str, key: str) -> None:
        """Note that a block takes a default."""
        self._applied.add((kind, key))

    def meet(self, kind: str) -> None:
        """Note that there is a block of a kind."""
        self._kinds.add(kind)

    def unused(self, root: LocatedMap) -> list[Unused]:
        """What nothing uses of a document."""
        found = [one for record in self._records.values() for one in record.unused()]
        return [*found, *self._idle_defaults(root), *_idle_templates(root)]

    def _idle_defaults(self, root: LocatedMap) -> Iterator[Unused]:
        defaults = root.section("defaults")
        for kind in defaults:
            shared = defaults.section(kind)
            for key in shared:
                if (kind, key) in self._applied:
                    continue
                if kind in self._kinds:
                    message, remedy = f"every {kind} sets its own {quote(key)}", "leave one of the two out"
                else:
                    message, remedy = f"no block here is a {kind}", "leave it out, or write the block"
                yield Unused(shared, key, shared.key_marks[key], message, remedy)


def _idle_templates(root: LocatedMap) -> Iterator[Unused]:
    """The templates that no text outside of them names, directly or through others."""
    templates = root.section("templates")
    waiting: list[object] = [value for key, value in root.items() if key != "templates"]
    used: set[str] = set()
    while waiting:
        new = (_texts(waiting.pop()) & templates.keys()) - used
        used |= new
        waiting += [templates[name] for name in new]
    for name in templates.keys() - used:
        message, remedy = f"no block is the template {quote(name)}", f"write {{block: {name}}}, or leave it out"
        yield Unused(templates, name, templates.key_marks[name], message, remedy)


def _texts(value: object) -> set[str]:
    """The texts in a value, and the words within the quotes of its expressions."""
    if isinstance(value, str):
        found: Iterable[object] = (value,)
    elif isinstance(value, (LocatedMap, LocatedList)):
        found = [one for part in parts(value) for one in (part.values() if isinstance(part, dict) else part)]
    else:
        found = ()
    texts = {one for one in found if isinstance(one, str)}
    return texts.union(*(re.findall(r"['\"]([^'\"]*)['\"]", one) for one in texts if "${" in one))


def equal_variants(root: LocatedMap) -> Iterator[Diagnostic]:
    """An error for each variant whose parameters are those of one before it."""
    variants, base = root.section("variants"), root.section("parameters")
    first: dict[str, str] = {}
    for name, chosen in variants.items():
        if chosen is not None and not isinstance(chosen, LocatedMap):
            continue  # the check of types says what is wrong
        values = {**base, **(chosen or {})}
        if (other := first.setdefault(canonical_text(values), name)) != name:
            shown = ", ".join(f"{key}: {quote(value)}" for key, value in (chosen or {}).items())
            message = f"is the same network as {quote(other)}: both have {shown or 'the parameters as they are'}"
            remedy = "change a parameter, or leave one of the two out"
            yield variants.key_marks[name].diagnostic(message, path=f"variants.{name}", remedy=remedy)


def canonical_text(value: object) -> str:
    """A value as a text that is the same for equal ones alone: 1 is not 1.0, nor true."""
    if isinstance(value, Mapping):
        return "{" + ",".join(f"{key!r}:{canonical_text(value[key])}" for key in sorted(value)) + "}"
    return "[" + ",".join(map(canonical_text, value)) + "]" if isinstance(value, list) else repr(value)


def without_unused(document: LocatedMap, unused: Iterable[Unused]) -> LocatedMap:
    """A document without the parts that nothing uses."""
    gone: dict[Key, set[str | int]] = {}
    counted: dict[str, str] = {}
    for one in unused:
        gone.setdefault((one.owner.mark, one.owner.path), set()).add(one.part)
        if isinstance(one.owner, LocatedList) and (found := _PARAMETER.fullmatch(one.owner.path)):
            counted[f"len({found[1]})"] = str(len(one.owner))
            numbers = [element for element in one.owner if isinstance(element, (int, float))]
            if len(numbers) == len(one.owner):
                counted[f"sum({found[1]})"] = repr(sum(numbers))
    return _mapping_without(document, gone, counted) if gone else document


_PARAMETER = re.compile(r"(?:parameters|variants\.[^\[\]]+)\.([^.\[\]]+)")
"""The path of a parameter, in a document or a variant of it."""


def _without(value: object, gone: Mapping[Key, set[str | int]], counted: Mapping[str, str]) -> object:
    """`counted` are the expressions over whole lists that go on meaning what they mean now."""
    if isinstance(value, str) and "${" in value:
        for expression, number in counted.items():
            value = value.replace(expression, number)
    if isinstance(value, LocatedMap):
        return _mapping_without(value, gone, counted)
    if not isinstance(value, LocatedList):
        return value
    parts_gone = gone.get((value.mark, value.path), set())
    kept = LocatedList(value.mark, value.path)
    for index, (inner, mark) in enumerate(zip(value, value.marks, strict=True)):
        if index in parts_gone:
            break
        kept.put(_without(inner, gone, counted), mark)
    return kept


def _mapping_without(mapping: LocatedMap, gone: Mapping[Key, set[str | int]], counted: Mapping[str, str]) -> LocatedMap:
    parts_gone = gone.get((mapping.mark, mapping.path), set())
    out = LocatedMap(mapping.mark, mapping.path)
    for key, inner in mapping.items():
        left = _without(inner, gone, counted)
        if key not in parts_gone and (left or not inner):  # a mapping whose keys are all gone goes as well
            out.put(key, left, mapping.key_marks[key], mapping.value_marks[key])
    return out
