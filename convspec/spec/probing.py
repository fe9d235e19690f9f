"""Whether the fields that `tune:` searches are there, and whether their ranges hold values that give a network."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from .faults import Fault, FaultError
from .overriding import with_overrides, without_value
from .reading import LocatedMap
from .tune import Knob, Tune, condition_values


def probe(root: LocatedMap, tune: Tune, check: Callable[[LocatedMap], Any]) -> list[Fault]:
    """One fault for each knob none of whose values gives a network by itself. `root` is the document as written."""
    plain = without_tune(root)
    space = root["tune"]["space"]
    faults = []
    for path, knob in tune.space.items():
        problem = _problem(plain, tune, path, knob, check)
        if problem is not None:
            value, fault = problem
            message = f"no value of the range gives a network; at {value!r}: {fault.message}"
            faults.append(space.key_marks[path].fault(message, path=f"tune.space.{path}", remedy=fault.remedy))
    return faults


def without_tune(root: LocatedMap) -> LocatedMap:
    """The document without its `tune:` section: a network and its recipe."""
    plain = root.shallow()
    plain.pop("tune", None)
    return plain


def _problem(
    plain: LocatedMap, tune: Tune, path: str, knob: Knob, check: Callable[[LocatedMap], Any]
) -> tuple[Any, Fault] | None:
    """The first value that was tried and what is wrong with it, where all that were tried are wrong."""
    first = None
    for value in samples(knob):
        try:
            check(with_values(plain, tune, {**_conditions(tune, knob), path: value}))
        except FaultError as error:
            first = first or (value, error.faults[0])
        else:
            return None
    return first


def samples(knob: Knob) -> Iterator[Any]:
    """Values that stand for a range: its ends and the middle, or all of a choice."""
    if knob.choice is not None:
        yield from knob.choice
    elif knob.boolean:
        yield from (False, True)
    else:
        low, high = getattr(knob, knob.kind)
        middle = (low * high) ** 0.5 if knob.kind.startswith("log") else (low + high) / 2
        yield from (low, int(middle) if knob.kind.endswith("int") else middle, high)


def _conditions(tune: Tune, knob: Knob) -> dict[str, Any]:
    """What has to hold for a knob to be searched, with what that needs in turn."""
    needed: dict[str, Any] = {}
    for other, wanted in knob.when.items():
        needed |= _conditions(tune, tune.space[other])
        needed[other] = condition_values(wanted)[0]
    return needed


def with_values(plain: LocatedMap, tune: Tune, values: Mapping[str, Any]) -> LocatedMap:
    """The document with values of the space, and without the fields whose condition those values rule out.

    Raises `FaultError` where a path leads nowhere.
    """
    root = plain
    for path, knob in tune.space.items():
        if any(_ruled_out(values, other, wanted) for other, wanted in knob.when.items()):
            root = without_value(root, path)
    return with_overrides(root, values)


def _ruled_out(values: Mapping[str, Any], other: str, wanted: Any) -> bool:
    return other in values and values[other] not in condition_values(wanted)
