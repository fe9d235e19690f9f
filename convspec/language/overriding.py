"""Fields set by their path: `--set body[0].filters=64`, `replace:` in a spec, a tuner's sample."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from enum import Enum
from functools import cache
from typing import NamedTuple

from ..blocks.notation import block_text
from ..printing import WORDS, counted, quote
from .declarations import expressions, unused_names
from .diagnostics import Diagnostic, Diagnostics, InputError, did_you_mean
from .expressions import names_in
from .fields_meant import path_meant
from .located import LocatedList, LocatedMap, Mark, Text, located

SECTIONS = (
    "train",
    "train.optimizer",
    "train.schedule",
    "train.early_stopping",
    "train.preprocessing",
    "train.augmentation",
    "train.augmentation.rand_augment",
    "train.finetune",
    "head",
    "parameters",
)
"""Sections with defaults: a path into one that the document leaves out makes it."""

READ_FIRST = {
    "extends": "write it in the file",
    "replace": "set the fields themselves by their paths",
    "variants": "--variant takes one of them, and parameters.NAME sets what they set",
}
"""Keys that act before fields are set by their paths, and what to do instead."""

_STEP = re.compile(r"\.?([^.\[\]]+)|\[(-?\d+)\]")


@cache
def parse_path(path: str) -> tuple[str | int, ...]:
    """`body[0].filters` -> `("body", 0, "filters")`. Raises `InputError` where it is no path."""
    steps: list[str | int] = []
    position = 0
    while position < len(path):
        match = _STEP.match(path, position)
        if match is None:
            remedy = "a path is like train.optimizer.name or body[0].filters"
            raise InputError(Diagnostic(f"{quote(path)} is no path", remedy=remedy))
        steps.append(match[1] if match[1] is not None else int(match[2]))
        position = match.end()
    if not steps:
        raise InputError(Diagnostic("a path is missing", remedy="a path is like train.epochs or body[0].filters"))
    return tuple(steps)


Steps = tuple[str | int, ...]


def place_of(root: LocatedMap, path: str) -> Steps:
    """The steps of a path, those through the document's lists counted from their start; none where it is no path."""
    try:
        steps = parse_path(path)
    except InputError:
        return ()
    counted: list[str | int] = []
    here: object = root
    for step in steps:
        if isinstance(step, int) and isinstance(here, LocatedList) and -len(here) <= step < 0:
            step += len(here)
        counted.append(step)
        here = inside(here, step)
    return tuple(counted)


def inside(value: object, step: str | int) -> object:
    """What a mapping or list has at a step; None where it has nothing."""
    if isinstance(value, Mapping):
        return value.get(step)
    if isinstance(value, (list, tuple)) and isinstance(step, int) and -len(value) <= step < len(value):
        element: object = value[step]
        return element
    return None


def with_value(root: LocatedMap, path: str, value: object, mark: Mark, key_mark: Mark | None = None) -> LocatedMap:
    """A copy of the document in which `path` has this value; untouched parts are shared. Errors point to `mark`,
    those of the path to `key_mark`.

    Raises `InputError` where a step on the way does not exist. A last key that is not there yet is added, and so is
    the way to it under the sections that have defaults (`train`, `head`).
    """
    copy = root.shallow()
    _Change(path, value, mark, key_mark or mark).apply(copy, parse_path(path), "")
    return copy


def without_value(root: LocatedMap, path: str) -> LocatedMap:
    """A copy of the document in which `path` has no value of its own, so that its default holds again."""
    *way, last = parse_path(path)
    copy = out = root.shallow()
    for step in way:
        inner = out.get(str(step))
        if not isinstance(inner, LocatedMap):
            return root
        out[str(step)] = out = inner.shallow()
    out.pop(str(last), None)
    return copy


class _Change:
    """One value on its way to its place."""

    def __init__(self, path: str, value: object, mark: Mark, key_mark: Mark) -> None:
        self.path, self.value, self.mark, self.key_mark = path, value, mark, key_mark

    def apply(self, parent: object, steps: tuple[str | int, ...], walked: str) -> None:
        """Set the value below `parent`, a copy that may be written to."""
        step, rest = steps[0], steps[1:]
        here = f"{walked}[{step}]" if isinstance(step, int) else f"{walked}.{step}".lstrip(".")
        if isinstance(step, int):
            if not isinstance(parent, LocatedList) or not -len(parent) <= step < len(parent):
                count = len(parent) if isinstance(parent, LocatedList) else 0
                raise self._diagnostic(f"there is no {here}: {walked or 'the spec'} has {counted(count, 'element')}")
            parent[step] = self._inner(parent[step], rest, here)
            parent.marks[step] = parent.marks[step] if rest else self.mark
            return
        if not isinstance(parent, LocatedMap):
            hint = f"; write {walked}[{step}]" if isinstance(parent, LocatedList) and step.isdigit() else ""
            raise self._diagnostic(f"{walked} is no mapping and has no field {quote(step)}{hint}")
        if rest and step not in parent and here not in SECTIONS:
            known = [*parent, *(name.rpartition(".")[2] for name in SECTIONS if name.rpartition(".")[0] == walked)]
            near = path_meant(self.path) if not walked else ""
            raise self._diagnostic(f"there is no {here}{near or did_you_mean(step, known)}")
        inner = self._inner(parent.get(step), rest, here)
        mark = parent.value_marks.get(step, self.mark) if rest else self.mark
        parent.put(step, inner, parent.key_marks.get(step, self.key_mark) if rest else self.key_mark, mark)

    def _inner(self, old: object, rest: tuple[str | int, ...], here: str) -> object:
        """The value at a step of the path: a copy with the change in it, or at the end the new value."""
        if not rest:
            return self.value
        if isinstance(old, LocatedMap):
            inner: LocatedMap | LocatedList = old.shallow()
        elif isinstance(old, LocatedList):
            inner = old.shallow()
        elif old is None and isinstance(rest[0], str):
            inner = LocatedMap(self.mark, here)
        else:
            text = block_text(old) if isinstance(old, str) and here.endswith("]") else ""
            remedy = f"write this block as a mapping in the document: {text}" if text else ""
            raise self._diagnostic(f"{here} is {quote(old)} and has nothing inside", remedy)
        self.apply(inner, rest, here)
        return inner

    def _diagnostic(self, message: str, remedy: str = "") -> InputError:
        return InputError(self.key_mark.diagnostic(message, path=self.path if self.mark.line else "", remedy=remedy))


class _Missing(Enum):
    MISSING = 0


MISSING = _Missing.MISSING


class Setting(NamedTuple):
    """A value for a place of the document, by an option or a path; `steps` are those to the place as it is written."""

    path: str
    place: Steps
    steps: Steps
    value: object
    mark: Mark
    option: str

    @classmethod
    def of(cls, root: LocatedMap, path: str, value: object, option: str = "") -> Setting:
        """A setting with its value as documents have it. Raises `InputError`."""
        steps = parse_path(path)
        written = WORDS[value] if value is None or isinstance(value, bool) else value
        mark = Mark(0, 0, Text(f"{path}={written}", ""))
        if (key := str(steps[0])) in READ_FIRST:
            message = f"{quote(key)} acts before fields are set by their paths"
            raise InputError(mark.diagnostic(message, remedy=READ_FIRST[key]))
        place = place_of(root, path)
        return cls(path, place, steps, located(value, mark, path), mark, option or f"--set {path}")


def value_at(value: object, steps: Steps) -> object:
    """What a value has at a place in it, `MISSING` if nothing; in null there is null, which rules every field out."""
    for step in steps:
        if value is None:
            return None
        if isinstance(value, Mapping):
            value = value.get(step, MISSING)
        elif isinstance(value, (list, tuple)) and isinstance(step, int) and -len(value) <= step < len(value):
            value = value[step]
        else:
            return MISSING
    return value


def check_agree(settings: Sequence[Setting], diagnostics: Diagnostics) -> None:
    """Note each two settings that give one field different values, each perhaps within a section."""
    by_place: dict[Steps, Setting] = {}
    for inner in sorted(settings, key=lambda setting: len(setting.place)):
        for depth in range(1, len(inner.place) + 1):
            if (outer := by_place.get(inner.place[:depth])) is None:
                continue
            there = value_at(outer.value, inner.steps[depth:])
            if there is not MISSING and there != inner.value:
                values = f"{quote(there)} by {outer.option}, {quote(inner.value)} by {inner.option}"
                message = f"two values for {inner.path}: {values}"
                diagnostics.note(Diagnostic(message, remedy="leave one of them out"))
        by_place.setdefault(inner.place, inner)


def combined(
    overrides: Mapping[str, object] | None,
    options: Mapping[str, tuple[str, object]],
    root: LocatedMap | None = None,
    diagnostics: Diagnostics | None = None,
) -> dict[str, object]:
    """Overrides and what options set, by its path: (`--epochs`, 3), or None in its place where an option is not given.

    Raises `InputError` where they contradict each other; `diagnostics` take what cannot be set.
    """
    found = Diagnostics() if diagnostics is None else diagnostics
    root = LocatedMap(Mark(0, 0), "") if root is None else root
    given = {path: value for path, (_, value) in options.items() if value is not None}
    unequal = found if diagnostics is None else Diagnostics()
    check_agree(_settings(root, overrides or {}, found) + _settings(root, given, found, options), unequal)
    if unequal:
        raise unequal.error()
    return {**(overrides or {}), **given}


def _settings(
    root: LocatedMap,
    overrides: Mapping[str, object],
    diagnostics: Diagnostics,
    options: Mapping[str, tuple[str, object]] | None = None,
) -> list[Setting]:
    """Fields and what they are set to; what is none is noted."""
    found = []
    for path, value in overrides.items():
        try:
            found.append(Setting.of(root, path, value, options[path][0] if options else ""))
        except InputError as error:
            diagnostics.note(*error.diagnostics)
    return found


def sets(overrides: Mapping[str, object], path: str) -> bool:
    """Whether overrides give a field a value, by its path or in a section."""
    wanted = parse_path(path)
    places = ((parse_path(other), value) for other, value in overrides.items())
    return any(
        wanted[: len(steps)] == steps and value_at(value, wanted[len(steps) :]) is not MISSING
        for steps, value in places
    )


def with_overrides(
    root: LocatedMap, overrides: Mapping[str, object], diagnostics: Diagnostics | None = None
) -> LocatedMap:
    """The document with fields set by their paths, sections before the fields in them, whatever the order.

    Raises `InputError` where two paths give one field different values, and with those that lead nowhere, which
    `diagnostics` takes where it is given.
    """
    if not overrides:
        return root
    before = root
    found = Diagnostics() if diagnostics is None else diagnostics
    settings = _settings(root, overrides, found)
    check_agree(settings, found)
    for one in sorted(settings, key=lambda setting: len(setting.place)):
        try:
            root = with_value(root, one.path, one.value, one.mark)
        except InputError as error:
            found.note(*error.diagnostics)
    if found and diagnostics is None:
        raise found.error()
    return without_idle_parameters(root, before, {parameter_of(one.path) for one in settings})


def without_idle_parameters(root: LocatedMap, before: LocatedMap, kept: Collection[str] = ()) -> LocatedMap:
    """The document without the parameters that only fields used which `before` had and `root` replaced.

    A given input makes a parameter for its size idle; that is no mistake of the document's author. A search leaves it
    out, too.
    """
    parameters = root.section("parameters")
    idle = set(unused_names(root, parameters)) - set(kept)
    if not idle or not (idle := idle - set(unused_names(before, parameters))):
        return root
    out = root.shallow()
    out["parameters"] = parameters.without(idle)
    if isinstance(variants := root.get("variants"), LocatedMap):
        out["variants"] = left = variants.shallow()
        for name, chosen in variants.items():
            left[name] = chosen.without(idle) if isinstance(chosen, LocatedMap) else chosen
    if space := _space(root):
        if rest := space.without(_searched_with(space, idle)):
            out["tune"] = smaller = root.section("tune").shallow()
            smaller["space"] = rest
        else:
            del out["tune"]
    return out


def _space(root: LocatedMap) -> LocatedMap:
    """The fields that a document's own search varies, with their ranges."""
    return root.section("tune").section("space")


def searched_parameters(root: LocatedMap) -> set[str]:
    """The parameters that a document's own search varies."""
    return {name for path in _space(root) if (name := parameter_of(path))}


def varied_names(root: LocatedMap) -> set[str]:
    """What expressions may name and trials give other values: searched fields, and parameters that these go into."""
    paths = list(_space(root))
    found = {parameter_of(path) for path in paths} - {""}
    found |= {name for name, field in (("classes", "classes"), ("channels", "input")) for path in paths
              if re.match(rf"{field}(\[|$)", path)}  # fmt: skip
    for name, value in root.section("parameters").items() if found else ():
        texts = expressions(value) if isinstance(value, (LocatedMap, LocatedList)) else [value]
        if any(isinstance(text, str) and names_in(text) & found for text in texts):
            found.add(name)
    return found


def _searched_with(space: LocatedMap, idle: Collection[str]) -> set[str]:
    """The fields of a space that idle parameters leave nothing to search: themselves, and those under their values."""
    gone: set[str] = set()
    for path in space:
        if parameter_of(path) in idle or space.section(path).section("when").keys() & gone:
            gone.add(path)
    return gone


def parameter_of(path: str) -> str:
    """The parameter that a path leads to or into; empty of another path."""
    found = re.match(r"parameters\.([^.\[\]]+)", path)
    return found[1] if found else ""
