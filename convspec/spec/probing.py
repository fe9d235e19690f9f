"""Whether the fields that `tune:` searches are there, and whether their ranges hold values that give a network."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from .faults import Fault, FaultError
from .overriding import with_overrides, without_value
from .reading import LocatedMap
from .tune import Knob, Tune, condition_values


def probe(root: LocatedMap, tune: Tune, check: Callable[[LocatedMap], Any]) -> list[Fault]:
    """What is wrong with the knobs, each by itself. `root` is the document as written.

    A knob is wrong none of whose values gives a network, and a choice that the field takes under no circumstances;
    one that does not fit the other fields may fit other values of those.
    """
    plain = without_tune(root)
    space = root["tune"]["space"]
    faults = []
    for path, knob in tune.space.items():
        wrong = list(_wrong_values(plain, tune, path, knob, check))
        mark = space.key_marks[path]
        if len(wrong) == len(list(samples(knob))):
            value, fault = wrong[0]
            message = f"no value of the range gives a network; at {value!r}: {fault.message}"
            faults.append(mark.fault(message, path=f"tune.space.{path}", remedy=fault.remedy))
        elif knob.choice is not None:
            for value, fault in wrong:
                if fault.path == path and not fault.misfit:
                    message = f"{value!r} is no choice for it: {fault.message}"
                    faults.append(mark.fault(message, path=f"tune.space.{path}", remedy=fault.remedy))
    return faults


def without_tune(root: LocatedMap) -> LocatedMap:
    """The document without its `tune:` section: a network and its recipe."""
    plain = root.shallow()
    plain.pop("tune", None)
    return plain


def _wrong_values(
    plain: LocatedMap, tune: Tune, path: str, knob: Knob, check: Callable[[LocatedMap], Any]
) -> Iterator[tuple[Any, Fault]]:
    """The values that give no network, and why: all of a choice, those of a range up to the first that gives one."""
    for value in samples(knob):
        try:
            check(with_values(plain, tune, {**_conditions(tune, knob), path: value}))
        except FaultError as error:
            yield value, error.faults[0]
        else:
            if knob.choice is None:
                return


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
