"""Overrides over weaker ones, such as what a user sets over a recipe."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from .located import LocatedMap, Mark
from .overriding import MISSING, Steps, parse_path, place_of, value_at


def field_by_field(old: object, new: object) -> object:
    """A section over a weaker one: a field that it does not give stays, unless the two are of different kinds."""
    if not isinstance(old, Mapping) or not isinstance(new, Mapping) or _differ_in_kind(old, new):
        return new
    return {**old, **{key: field_by_field(old.get(key), value) for key, value in new.items()}}


def _differ_in_kind(old: Mapping[str, object], new: Mapping[str, object]) -> bool:
    """Whether two sections are different blocks, optimizers or schedules, whose fields have nothing to do with another.

    A block's `name` is only what its layers are called.
    """
    key = "block" if "block" in old else "name"
    return key in old and new.get(key, old[key]) != old[key]


def merged(
    weaker: Mapping[str, object],
    stronger: Mapping[str, object],
    over: Callable[[object, object], object] = field_by_field,
    root: LocatedMap | None = None,
) -> dict[str, object]:
    """Overrides with stronger ones above them; `over` says what a value is above another one of the same place.

    `root` is the document that they are for, in whose lists `body[-1]` may be the place of `body[2]`.
    """
    root = LocatedMap(Mark(0, 0), "") if root is None else root
    out = dict(weaker)
    for path in sorted(stronger, key=_sections_first):
        steps, value, written = parse_path(path), stronger[path], False
        place = place_of(root, path)
        for other in list(out):
            theirs, their_steps = place_of(root, other), parse_path(other)
            depth = len(theirs)
            if place[:depth] == theirs:
                inner = _with_inner(out[other], steps[depth:], value, over)
                if inner is not MISSING:
                    out[other], written = inner, True
            elif theirs[: len(place)] == place and (
                not isinstance(value, Mapping) or value_at(value, their_steps[len(place) :]) is not MISSING
            ):
                del out[other]
        if not written:
            out[path] = value
    return out


def _sections_first(path: str) -> tuple[int, bool]:
    """Sections before the fields in them, and what kind a section is before its other fields."""
    steps = parse_path(path)
    return len(steps), steps[-1] not in ("block", "name")


def _with_inner(section: object, steps: Steps, value: object, over: Callable[[object, object], object]) -> object:
    """A copy of a section with a value in it; `MISSING` where a step leads nowhere, which setting it reports."""
    if not steps:
        return over(section, value)
    step, rest = steps[0], steps[1:]
    if section is None and isinstance(step, str):
        section = {}  # a section that the weaker settings leave out, and a field in it is wanted
    inner = _with_inner(value_at(section, (step,)), rest, value, over)
    if inner is MISSING:
        return MISSING
    if isinstance(step, str):
        if not isinstance(section, Mapping):
            return MISSING
        return {step: inner} if _differ_in_kind(section, {step: inner}) else {**section, step: inner}
    if not isinstance(section, (list, tuple)) or not -len(section) <= step < len(section):
        return MISSING
    copy = list(section)
    copy[step] = inner
    return copy
