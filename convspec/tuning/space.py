"""The fields that are searched: from a number between 0 and 1 to a value of each, and back."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from ..language.tune import Distribution, Tune, condition_values
from .search_files import cell_text

Values = dict[str, object]
"""Values by the paths of their fields; a field whose condition does not hold is left out."""


@dataclass(frozen=True)
class Dimension:
    """One field of the space.

    `low` and `high` are the ends of a numeric range, `values` the members of a choice. `when` maps other fields to
    the values under which this one is searched.
    """

    path: str
    kind: str
    low: float = 0.0
    high: float = 1.0
    values: tuple[object, ...] = ()
    when: Mapping[str, tuple[object, ...]] = field(default_factory=dict)

    @property
    def numeric(self) -> bool:
        """Whether values lie between two ends, where nearness means something."""
        return not self.values

    @cached_property
    def texts(self) -> tuple[str, ...]:
        """The members of a choice as texts, which KerasTuner takes for values of any kind."""
        return tuple(cell_text(value) for value in self.values)

    @property
    def logarithmic(self) -> bool:
        """Whether each decade is equally likely."""
        return self.kind.startswith("log")

    @property
    def whole(self) -> bool:
        """Whether values are whole numbers."""
        return self.kind.endswith("int")

    def value(self, position: float) -> object:
        """The value at a position in [0, 1), as KerasTuner's `prob_to_value` has it."""
        if not self.numeric:
            return self.values[min(int(position * len(self.values)), len(self.values) - 1)]
        top = self.high + 1 if self.whole else self.high
        if self.logarithmic:
            number = self.low * math.pow(top / self.low, position)
        else:
            number = self.low + position * (top - self.low)
        return min(math.floor(number), int(self.high)) if self.whole else min(max(number, self.low), self.high)

    def position(self, value: object) -> float | None:
        """Where a value lies, below 0 or above 1 outside of the range; None where it has no place at all."""
        if not self.numeric:
            return (self.values.index(value) + 0.5) / len(self.values) if value in self.values else None
        if isinstance(value, bool) or not isinstance(value, (int, float)) or (self.logarithmic and value <= 0):
            return None
        top, number = (self.high + 1, value + 0.5) if self.whole else (self.high, value)
        if self.logarithmic:
            return math.log(number / self.low) / math.log(top / self.low)
        return (number - self.low) / (top - self.low)

    def active(self, chosen: Mapping[str, object]) -> bool:
        """Whether the field is searched beside these values of the others."""
        return all(other in chosen and chosen[other] in allowed for other, allowed in self.when.items())

    def describe(self) -> dict[str, object]:
        """For a JSON file."""
        described: dict[str, object] = {"kind": self.kind}
        described |= {"range": [self.low, self.high]} if self.numeric else {"values": list(self.values)}
        return described | ({"when": {path: list(values) for path, values in self.when.items()}} if self.when else {})


@dataclass(frozen=True)
class Region:
    """The part of a dimension that a stage searches: positions from `low` to `high`, or some members of a choice."""

    low: float = 0.0
    high: float = 1.0
    members: tuple[int, ...] = ()

    def value(self, dimension: Dimension, position: float) -> object:
        """The value of a dimension at a position within this part."""
        if self.members:
            return dimension.values[self.members[min(int(position * len(self.members)), len(self.members) - 1)]]
        return dimension.value(self.low + position * (self.high - self.low))

    def describe(self, dimension: Dimension) -> list[object]:
        """The ends of the range, or the members of the choice, as values."""
        if not dimension.numeric:
            return [dimension.values[member] for member in self.members or range(len(dimension.values))]
        return [dimension.value(self.low), dimension.value(self.high)]


def dimensions(tune: Tune) -> tuple[Dimension, ...]:
    """The space of a `tune:` section, in the order of the file."""
    return tuple(_dimension(path, distribution) for path, distribution in tune.space.items())


def _dimension(path: str, distribution: Distribution) -> Dimension:
    when = {other: tuple(condition_values(wanted)) for other, wanted in distribution.when.items()}
    if distribution.kind == "choice":
        return Dimension(path, "choice", values=tuple(distribution.choice or ()), when=when)
    if distribution.kind == "boolean":
        return Dimension(path, "boolean", values=(False, True), when=when)
    low, high = getattr(distribution, distribution.kind)
    return Dimension(path, distribution.kind, low, high, when=when)


def narrowed(dimension: Dimension, best: Sequence[object], margin: float) -> Region:
    """The region around the best values: their span, `margin` wider on both sides, or the members they are.

    A choice keeps the members among the best; without any value (its condition never held) the whole range stays.
    """
    if not dimension.numeric:
        members = sorted({dimension.values.index(value) for value in best if value in dimension.values})
        return Region(members=tuple(members))
    found = [position for value in best if (position := dimension.position(value)) is not None]
    inside = [min(max(position, 0.0), 1.0) for position in found]
    if not inside:
        return Region()
    return Region(max(0.0, min(inside) - margin), min(1.0, max(inside) + margin))
