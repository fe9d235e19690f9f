"""The learning rate at each moment, as plain arithmetic: it is assigned to the optimizer's variable, never traced."""

from __future__ import annotations

import math
from bisect import bisect_right

from ..spec.recipe import Schedule


def learning_rate(schedule: Schedule, peak: float, epoch: float, epochs: int, update: float = 0.0) -> float:
    """The rate after `epoch` epochs (fractions count) of a run of `epochs`; a plateau's drops are not in it.

    `update` is the length of one update in epochs. A warm-up gives the update at `epoch` the rate that the line has at
    its end, so that the first one is not lost at rate 0 and the last one has the whole rate (Goyal et al. 2017, section
    2.2, arXiv:1706.02677).
    """
    if epoch < schedule.warmup:
        if schedule.warmup_factor is not None:
            return peak * schedule.warmup_factor
        return peak * min(1.0, (epoch + update) / schedule.warmup)
    floor, factor = schedule.value("minimum"), schedule.value("factor")
    if schedule.name == "step":
        steps = bisect_right(schedule.at, epoch) if schedule.at else math.floor(epoch / schedule.value("every"))
        return peak * math.pow(factor, steps)
    if schedule.name == "exponential":
        return peak * max(floor, math.pow(factor, epoch - schedule.warmup))
    if schedule.name == "cosine":
        return peak * _cosine((epoch - schedule.warmup) / max(epochs - schedule.warmup, 1e-9), floor)
    if schedule.name == "cosine_restarts":
        return peak * _restarts(schedule, epoch - schedule.warmup, floor, factor)
    return peak


def changes_within_epochs(schedule: Schedule, epoch: int) -> bool:
    """Whether the rate changes from one update to the next in this epoch."""
    if schedule.name == "step" and any(time % 1 for time in schedule.at or (schedule.value("every"),)):
        return True
    return schedule.name in ("exponential", "cosine", "cosine_restarts") or epoch < schedule.warmup


def _cosine(share: float, floor: float) -> float:
    """From 1 down to `floor`, and `floor` for ever after."""
    return floor + (1.0 - floor) * 0.5 * (1.0 + math.cos(math.pi * min(1.0, share)))


def _restarts(schedule: Schedule, epoch: float, floor: float, factor: float) -> float:
    period, top = schedule.value("period"), 1.0
    while epoch >= period:
        epoch -= period
        period *= schedule.value("growth")
        top *= factor
    return floor + (1.0 - floor) * top * 0.5 * (1.0 + math.cos(math.pi * epoch / period))
