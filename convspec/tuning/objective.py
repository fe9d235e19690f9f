"""The objective of a search, and which of two values is better."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..language.tune import METRICS, Objective

if TYPE_CHECKING:
    from .store import Record


@dataclass(frozen=True)
class Metric:
    """A metric by its name in the history, and whether more of it is better."""

    name: str
    direction: str

    @classmethod
    def of(cls, objective: Objective) -> Metric:
        """The metric that a spec names; the direction by its name unless given."""
        return cls(objective.name, objective.direction or METRICS[objective.name])

    def better(self, value: float, than: float | None) -> bool:
        """Whether a value beats another; any number beats none."""
        if not math.isfinite(value):
            return False
        if than is None or math.isnan(than):
            return True
        return value > than if self.direction == "max" else value < than

    def gain(self, value: float | None) -> float | None:
        """The value, turned so that more is better."""
        return None if value is None or not math.isfinite(value) else value if self.direction == "max" else -value

    def merit(self, record: Record) -> tuple[float, float, str]:
        """A key that sorts trials, the best first; of equal scores the one with the smaller loss."""
        return -(self.gain(record.score) or 0.0), record.tie, record.key
