"""A best value at the edge of its range is a warning, not a success: the range must be moved (CS231n, notes 3)."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .planning import StagePlan
from .space import Dimension
from .store import Record

Gain = Callable[[float | None], float | None]
"""A score, turned so that more is better."""

Allowed = Callable[[str, object], bool]
"""Whether a field may have a value outside of its range at all."""

SIGNIFICANCE = 0.05
"""The probability that a warning's trend toward the edge is chance."""

LEAST = 6
"""Trials that a trend needs."""


@dataclass(frozen=True)
class BoundaryWarning:
    """The best value of a field lies at one end of its range, and results rise toward that end; or beyond it.

    `probability` is that of a trend so clear, or of a trial beyond the range so good, by chance alone.
    """

    path: str
    value: float
    low: float
    high: float
    side: str
    wider: tuple[float, float]
    probability: float

    def __str__(self) -> str:
        low, high = self.wider
        inside = self.low <= self.value <= self.high
        where, why = ("at", "results get better toward it") if inside else ("beyond", "no trial within is as good")
        return (
            f"{self.path}: the best value, {_number(self.value)}, lies {where} the {self.side} end of its range "
            f"{_number(self.low)} to {_number(self.high)}, and {why} "
            f"(chance {self.probability:.2g}); search {_number(low)} to {_number(high)}"
        )

    def describe(self) -> dict[str, object]:
        """For a JSON file."""
        return {
            "path": self.path,
            "value": self.value,
            "range": [self.low, self.high],
            "side": self.side,
            "wider": list(self.wider),
            "probability": self.probability,
            "text": str(self),
        }


def boundary_warnings(
    space: Sequence[Dimension],
    plans: Sequence[StagePlan],
    records: Sequence[Record],
    best: Record,
    gain: Gain,
    allowed: Allowed = lambda path, value: True,
    written: Record | None = None,
) -> list[BoundaryWarning]:
    """The fields whose best value lies at the end of its range and matter, or beyond it.

    `best` is the best of the trials that were sampled, `written` the spec's own trial where that is better still: the
    fields that the spec sets outside of their range are warned of, since one trial is seldom the best of many by luck.

    Near the end means within 5 % of the range or one and a half neighbours' distances of the stage that found it. A
    field matters where, within the stages, results rise toward that end over the half of the range next to it: a
    one-sided rank test (Spearman's), the stages joined by Stouffer's method.
    """
    found = []
    for dimension in space:
        if written is not None and (warning := _beyond(dimension, records, written, allowed)) is not None:
            found.append(warning)
            continue
        side = _side(dimension, plans, best)
        if side is None:
            continue
        wider = widened(dimension, side, allowed)
        probability = _chance(dimension, plans, records, gain, side)
        if wider is not None and probability < SIGNIFICANCE:
            value = best.values[dimension.path]
            found.append(
                BoundaryWarning(dimension.path, value, dimension.low, dimension.high, side, wider, probability)
            )
    return found


def _side(dimension: Dimension, plans: Sequence[StagePlan], best: Record) -> str | None:
    """Which end of the whole range the best value lies at, if any."""
    position = dimension.position(best.values[dimension.path]) if dimension.path in best.values else None
    if not dimension.numeric or position is None:
        return None
    plan = next((plan for plan in plans if plan.number == best.stage), plans[0])
    region = plan.regions[dimension.path]
    margin = max(0.05, 1.5 * (region.high - region.low) / max(1, len(plan.candidates)))
    if dimension.whole:
        margin = min(margin, 0.25)
    if min(position, 1 - position) > margin:
        return None
    return "lower" if position < 0.5 else "upper"


def _beyond(
    dimension: Dimension, records: Sequence[Record], written: Record, allowed: Allowed
) -> BoundaryWarning | None:
    """A warning where the spec, the best of all trials, has a value outside of the range."""
    if not dimension.numeric or dimension.path not in written.values:
        return None
    value = written.values[dimension.path]
    position = dimension.position(value)
    sampled = sum(record.stage > 0 and record.state in ("completed", "aborted") for record in records)
    probability = 1 / (sampled + 1)
    if position is None or 0 <= position <= 1 or probability >= SIGNIFICANCE:
        return None
    side = "lower" if position < 0 else "upper"
    wider = widened(dimension, side, allowed, value)
    if wider is None:
        return None
    return BoundaryWarning(dimension.path, value, dimension.low, dimension.high, side, wider, probability)


def widened(
    dimension: Dimension, side: str, allowed: Allowed = lambda path, value: True, reach: float | None = None
) -> tuple[float, float] | None:
    """The range, longer by half at one end and by a decade at least on a logarithmic scale; None where it cannot be.

    It goes as far as `reach` in any case.
    """
    low, high = dimension.low, dimension.high
    if dimension.logarithmic:
        factor = max(10.0, math.sqrt(high / low))
        new = high * factor if side == "upper" else low / factor
    else:
        new = high + (high - low) / 2 if side == "upper" else low - (high - low) / 2
    if dimension.whole:
        new = max(round(new), min(1, int(low)))  # not below 1, but 0 stays where a range begins there
    if reach is not None:
        new = max(new, reach) if side == "upper" else min(new, reach)
    if new in (low, high) or not allowed(dimension.path, new):
        return None
    return (low, new) if side == "upper" else (new, high)


def _chance(
    dimension: Dimension, plans: Sequence[StagePlan], records: Sequence[Record], gain: Gain, side: str
) -> float:
    """The probability of so clear a rise toward the edge where the field did not matter."""
    from scipy.stats import norm

    scores, weights = [], []
    for plan in plans:
        places, results = _stage(dimension, plan, records, gain, side)
        if len(places) >= LEAST and np.ptp(places) > 0 and np.ptp(results) > 0:
            scores.append(_rise(places, results))
            weights.append(math.sqrt(len(places)))
    if not scores:
        return 1.0
    together = np.dot(scores, weights) / math.sqrt(np.dot(weights, weights))
    return float(norm.sf(together))


def _stage(
    dimension: Dimension, plan: StagePlan, records: Sequence[Record], gain: Gain, side: str
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Distances from the edge's opposite and results, in the half of the stage's region next to the edge.

    An aborted trial counts as worse than all that ended.
    """
    region, places, results = plan.regions[dimension.path], [], []
    middle = (region.low + region.high) / 2
    for record in records:
        place = dimension.position(record.values[dimension.path]) if dimension.path in record.values else None
        if record.stage != plan.number or place is None or record.state in ("failed", "pruned"):
            continue
        if (place >= middle) if side == "upper" else (place <= middle):
            result = gain(record.score)
            places.append(place if side == "upper" else -place)
            results.append(-math.inf if result is None or record.state == "aborted" else result)
    finite = [result for result in results if math.isfinite(result)]
    floor = min(finite, default=0.0) - 1.0
    return np.array(places), np.array([result if math.isfinite(result) else floor for result in results])


def _rise(places: NDArray[np.float64], results: NDArray[np.float64]) -> float:
    """Spearman's rank correlation as a normal score."""
    from scipy.stats import norm, spearmanr

    test = spearmanr(places, results, alternative="greater")
    return float(norm.isf(min(max(test.pvalue, 1e-12), 1 - 1e-12)))


def _number(value: float) -> str:
    return f"{value:,}" if isinstance(value, int) else f"{value:.3g}"
