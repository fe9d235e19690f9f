"""The learning rate at each moment, as plain arithmetic: it is assigned to the optimizer's variable, never traced."""

from __future__ import annotations

from ..language.schedule import Moment, Schedule


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
    return peak * schedule.kind.share(schedule, Moment(epoch, epoch - schedule.warmup, epochs - schedule.warmup))


def changes_within_epochs(schedule: Schedule, epoch: int) -> bool:
    """Whether the rate changes from one update to the next in this epoch."""
    if "every" in schedule.kind.fields and any(time % 1 for time in schedule.at or (schedule.value("every"),)):
        return True
    return schedule.kind.each_update or epoch < schedule.warmup
