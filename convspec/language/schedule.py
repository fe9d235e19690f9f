"""The part of a recipe that moves the learning rate: the schedule, with all that is known of each."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Annotated, Literal, NamedTuple

from pydantic import BeforeValidator, Field, model_validator

from ..blocks.checks import is_given
from ..blocks.pydantic_model import Model
from .optimization import aliases_of, conflict, one_of, only_fields

SHORTEST = 0.001  # epochs; the rate is set once per update, so that shorter times would only be sampled at random


class Moment(NamedTuple):
    """A moment of a run, in epochs: since the start, and since the warm-up; and how long the run is without that."""

    epoch: float
    since_warmup: float
    length: float


class ScheduleKind(NamedTuple):
    """A form of schedule."""

    share: Callable[[Schedule, Moment], float]
    """The share of the optimizer's learning rate at a moment behind the warm-up; a plateau's drops are not in it."""
    fields: Mapping[str, float]
    """Its fields, and what one that is left out stands for."""
    each_update: bool = False
    """Whether the rate changes from one update to the next."""
    needs_length: bool = False
    """Whether the rate in every epoch depends on how many epochs there are."""
    by_results: bool = False
    """Whether the validation loss decides when it drops."""
    aliases: tuple[str, ...] = ()
    """Its names elsewhere."""


def _whole(schedule: Schedule, moment: Moment) -> float:
    return 1.0


def _steps(schedule: Schedule, moment: Moment) -> float:
    if schedule.at:
        return math.pow(schedule.value("factor"), bisect_right(schedule.at, moment.epoch))
    return math.pow(schedule.value("factor"), math.floor(moment.epoch / schedule.value("every")))


def _exponential(schedule: Schedule, moment: Moment) -> float:
    return max(schedule.value("minimum"), math.pow(schedule.value("factor"), moment.since_warmup))


def _cosine(schedule: Schedule, moment: Moment) -> float:
    """From 1 down to the minimum, and the minimum for ever after."""
    return _half_cosine(min(1.0, moment.since_warmup / max(moment.length, 1e-9)), 1.0, schedule.value("minimum"))


def _restarts(schedule: Schedule, moment: Moment) -> float:
    growth, time = schedule.value("growth"), moment.since_warmup / schedule.value("period")
    number = _restarts_before(time, growth)
    share = max(0.0, time - _start(number, growth)) / math.pow(growth, number)
    return _half_cosine(min(share, 1.0), math.pow(schedule.value("factor"), number), schedule.value("minimum"))


def _restarts_before(time: float, growth: float) -> int:
    """How many periods have ended, at a time counted in first periods: a sum of powers, solved for their number."""
    number = math.floor(time if growth == 1.0 else math.log1p(time * (growth - 1.0)) / math.log(growth))
    # Rounding must not move a restart: just before one the rate is at its lowest, at it at its highest.
    return number + (_start(number + 1, growth) <= time * (1 + 1e-12))


def _start(number: int, growth: float) -> float:
    """When a period starts, counted in first periods."""
    return number if growth == 1.0 else (math.pow(growth, number) - 1.0) / (growth - 1.0)


def _half_cosine(share: float, top: float, floor: float) -> float:
    return floor + (1.0 - floor) * top * 0.5 * (1.0 + math.cos(math.pi * share))


SCHEDULES = {
    "constant": ScheduleKind(_whole, {}),
    "step": ScheduleKind(
        _steps,
        {"factor": 0.1, "every": 30.0, "at": 0.0},
        aliases=("piecewise", "piecewise_constant", "multistep", "multistep_lr", "step_lr"),
    ),
    "plateau": ScheduleKind(
        _whole,
        {"factor": 0.1, "patience": 5.0, "minimum": 0.0},
        by_results=True,
        aliases=("reduce_lr_on_plateau", "reduce_on_plateau"),
    ),
    "exponential": ScheduleKind(
        _exponential, {"factor": 0.9, "minimum": 0.0}, each_update=True, aliases=("exponential_decay", "exponential_lr")
    ),
    "cosine": ScheduleKind(
        _cosine,
        {"minimum": 0.0},
        each_update=True,
        needs_length=True,
        aliases=("cosine_decay", "cosine_annealing", "cosine_annealing_lr"),
    ),
    "cosine_restarts": ScheduleKind(
        _restarts,
        {"factor": 1.0, "minimum": 0.0, "period": 10.0, "growth": 2.0},
        each_update=True,
        aliases=("warm_restarts", "sgdr", "cosine_annealing_warm_restarts", "cosine_decay_restarts"),
    ),
}

if TYPE_CHECKING:
    ScheduleName = str
else:  # type checkers know no Literal that is computed
    ScheduleName = Literal[tuple(SCHEDULES)]


class Schedule(Model):
    """How the learning rate changes; all times are epochs, and fractions of an epoch count.

    `constant`; `step`: times `factor` at each of `at`, or every `every` epochs; `plateau`: times `factor` after
    `patience` epochs in which the validation loss did not fall; `exponential`: times `factor` each epoch; `cosine`:
    half a cosine down to `minimum` at the last epoch (Loshchilov & Hutter 2016, arXiv:1608.03983);
    `cosine_restarts`: the same within periods, each `growth` times as long and starting `factor` times as high.
    """

    name: Annotated[ScheduleName, BeforeValidator(one_of("schedule", SCHEDULES, aliases_of(SCHEDULES)))] = Field(
        default="constant", description="form of the schedule"
    )
    warmup: float = Field(
        default=0.0, ge=0, description="epochs in which the rate first climbs in a straight line, from one step above 0"
    )
    warmup_factor: float | None = Field(
        default=None, gt=0, le=1, description="hold this share of the rate during the warm-up, instead of climbing"
    )
    factor: float | None = Field(
        default=None,
        gt=0,
        le=1,
        description="what the rate is multiplied by; 0.1 for step and plateau, 0.9 for exponential, 1 for restarts",
    )
    every: float | None = Field(
        default=None, ge=SHORTEST, description="epochs between two steps; 30 where `at` is not given"
    )
    at: Annotated[
        tuple[Annotated[float, Field(gt=0)], ...] | None,
        BeforeValidator(lambda value: tuple(value) if isinstance(value, list) else value),
    ] = Field(default=None, min_length=1, description="epochs of the steps, instead of `every`")
    patience: int | None = Field(default=None, ge=1, description="plateau: epochs without progress; 5 where not given")
    minimum: float | None = Field(
        default=None,
        ge=0,
        le=1,
        description="lowest rate, as a fraction of the optimizer's learning rate; 0 where not given",
    )
    period: float | None = Field(
        default=None, ge=SHORTEST, description="epochs of the first period; 10 where not given"
    )
    growth: float | None = Field(
        default=None, ge=1, le=1000, description="length of a period over the one before; 2 where not given"
    )

    @model_validator(mode="after")
    def _own_fields(self) -> Schedule:
        only_fields("schedule", SCHEDULES, self, self.name)
        return self

    @model_validator(mode="after")
    def _warmup_factor(self) -> Schedule:
        if self.warmup_factor is not None and not self.warmup:
            raise conflict("warmup_factor needs a warmup: the epochs that it holds for", "warmup_factor")
        return self

    @model_validator(mode="after")
    def _every_or_at(self) -> Schedule:
        if is_given(self, "at") and is_given(self, "every"):
            raise conflict("a step schedule has `every` or `at`, not both", "at")
        return self

    @model_validator(mode="after")
    def _rising(self) -> Schedule:
        if self.at is not None and list(self.at) != sorted(set(self.at)):
            raise conflict(f"the epochs in `at` must rise, but are [{', '.join(f'{one:g}' for one in self.at)}]", "at")
        return self

    @property
    def kind(self) -> ScheduleKind:
        """What is known of the schedule of this name."""
        return SCHEDULES[self.name]

    def value(self, field: str) -> float:
        """A number of this schedule, or the usual one where none was given."""
        given = getattr(self, field)
        return float(self.kind.fields[field] if given is None else given)
