"""The part of a recipe that moves the weights: the optimizer and the schedule of its learning rate."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, ValidationError, model_validator
from pydantic_core import InitErrorDetails, PydanticCustomError

from ..blocks.model import Model
from ..printing import quote
from ..suggestions import meant
from .faults import did_you_mean

OPTIMIZERS: dict[str, tuple[str, ...]] = {  # Keras's optimizers, each with the fields that only some of them have
    "sgd": ("momentum", "nesterov"),
    "rmsprop": ("rho", "momentum", "epsilon", "centered"),
    "adam": ("beta_1", "beta_2", "epsilon", "amsgrad"),
    "adamw": ("beta_1", "beta_2", "epsilon", "amsgrad"),
    "adadelta": ("rho", "epsilon"),
    "adagrad": ("initial_accumulator_value", "epsilon"),
    "adamax": ("beta_1", "beta_2", "epsilon"),
    "adafactor": (),
    "nadam": ("beta_1", "beta_2", "epsilon"),
    "ftrl": ("initial_accumulator_value",),
    "lion": ("beta_1", "beta_2"),
    "lamb": ("beta_1", "beta_2", "epsilon"),
    "muon": ("momentum", "nesterov", "epsilon"),
    "schedulefreeadamw": ("beta_1", "beta_2", "epsilon"),
}
LEARNING_RATES = {"sgd": 0.01, "schedulefreeadamw": 0.0025}  # Keras's defaults; every other optimizer has 0.001
WEIGHT_DECAYS = {"adamw": 0.004, "muon": 0.004}  # likewise; every other optimizer has none

SCHEDULES: dict[str, tuple[str, ...]] = {
    "constant": (),
    "step": ("factor", "every", "at"),
    "plateau": ("factor", "patience", "minimum"),
    "exponential": ("factor", "minimum"),
    "cosine": ("minimum",),
    "cosine_restarts": ("factor", "minimum", "period", "growth"),
}

USUAL = {  # what a field left out stands for
    ("any", "factor"): 0.1,
    ("exponential", "factor"): 0.9,
    ("cosine_restarts", "factor"): 1.0,
    ("any", "every"): 30.0,
    ("any", "patience"): 5.0,
    ("any", "minimum"): 0.0,
    ("any", "period"): 10.0,
    ("any", "growth"): 2.0,
}


ALIASES = {
    "momentum": "sgd",
    "nesterov": "sgd",
    "sgdm": "sgd",
    "cosine_decay": "cosine",
    "cosine_annealing": "cosine",
    "warm_restarts": "cosine_restarts",
    "sgdr": "cosine_restarts",
    "exponential_decay": "exponential",
    "reduce_lr_on_plateau": "plateau",
    "reduce_on_plateau": "plateau",
    "piecewise": "step",
    "piecewise_constant": "step",
    "multistep": "step",
    "acc": "accuracy",
    "val_acc": "val_accuracy",
    "cross_entropy": "val_crossentropy",
}
"""Names of optimizers, schedules and metrics elsewhere."""


def _meant(value: str, names: tuple[str, ...]) -> str:
    name = meant(value, names, ALIASES)
    if name in names:
        return f"; did you mean {name!r}?"
    return did_you_mean(value, names) or f"; there are {', '.join(names)}"


def one_of(kind: str, known: Iterable[str]) -> Callable[[Any], Any]:
    """Return a validator that names the nearest of the known names where a string is none of them."""
    names = tuple(known)

    def check(value: Any) -> Any:
        if isinstance(value, str) and value not in names:
            raise PydanticCustomError(
                "unknown_name",
                "{message}",
                {
                    "message": f"no {kind} is called {quote(value)}{_meant(value, names)}",
                    "known": ", ".join(names),
                },
            )
        return value

    return check


def only_fields(kind: str, table: Mapping[str, tuple[str, ...]], name: str, given: Mapping[str, Any]) -> None:
    """Raise `ValidationError` with the given fields that belong to other optimizers or schedules than `name`."""
    special = {field for fields in table.values() for field in fields}
    errors: list[InitErrorDetails] = []
    for field, value in given.items():
        if field in special and field not in table[name]:
            owners = " or ".join(owner for owner, fields in table.items() if field in fields)
            own = ", ".join(table[name]) or "no field of its own"
            message = f"the {kind} {name!r} has no {field!r} (use {owners}); {name!r} has {own}"
            error = PydanticCustomError("foreign_field", "{message}", {"message": message})
            errors.append({"type": error, "loc": (field,), "input": value})
    if errors:
        raise ValidationError.from_exception_data(kind, errors)


class Optimizer(Model):
    """One of Keras's optimizers, with Keras's argument names.

    A field left out has Keras's own default for that optimizer; `learning_rate` and `weight_decay` are filled in from
    it when read, so that a recipe always holds numbers for them.
    """

    name: Annotated[
        Literal[
            "sgd", "rmsprop", "adam", "adamw", "adadelta", "adagrad", "adamax", "adafactor", "nadam", "ftrl", "lion",
            "lamb", "muon", "schedulefreeadamw",
        ],
        BeforeValidator(one_of("optimizer", OPTIMIZERS)),
    ] = Field(default="adam", description="Keras's name of the optimizer, in lower case")  # fmt: skip
    learning_rate: float = Field(default=0.001, gt=0, description="size of a step, before the schedule; per update")
    weight_decay: float = Field(
        default=0.0, ge=0, description="decoupled decay: an update takes learning_rate * this * weight"
    )
    decay_all: bool = Field(
        default=False,
        description="decay biases and normalisation scales too, not only kernels of two dimensions or more",
    )
    momentum: float | None = Field(
        default=None, ge=0, lt=1, description="share of the last update that goes into the next"
    )
    nesterov: bool | None = Field(default=None, description="Nesterov's momentum")
    rho: float | None = Field(default=None, ge=0, lt=1, description="decay of the running mean of squared gradients")
    beta_1: float | None = Field(default=None, ge=0, lt=1, description="decay of the running mean of gradients")
    beta_2: float | None = Field(default=None, ge=0, lt=1, description="decay of the running mean of squared gradients")
    epsilon: float | None = Field(default=None, gt=0, description="added to denominators")
    amsgrad: bool | None = Field(default=None, description="the AMSGrad variant of Adam")
    centered: bool | None = Field(
        default=None, description="RMSprop by the variance of gradients, not their mean square"
    )
    initial_accumulator_value: float | None = Field(
        default=None, ge=0, description="start of the sum of squared gradients"
    )
    clipnorm: float | None = Field(default=None, gt=0, description="largest norm of the gradient of one weight array")
    clipvalue: float | None = Field(default=None, gt=0, description="largest magnitude of one number of a gradient")
    global_clipnorm: float | None = Field(default=None, gt=0, description="largest norm of all gradients together")

    @model_validator(mode="before")
    @classmethod
    def _fill_in(cls, data: Any) -> Any:
        if not isinstance(data, dict):
            return data
        name = data.get("name", "adam")
        if not isinstance(name, str):  # the check of its type says what is wrong
            return data
        return {
            "learning_rate": LEARNING_RATES.get(name, 0.001), "weight_decay": WEIGHT_DECAYS.get(name, 0.0), **data,
        }  # fmt: skip

    @model_validator(mode="after")
    def _check(self) -> Optimizer:
        only_fields("optimizer", OPTIMIZERS, self.name, self.model_dump(exclude_unset=True, exclude_none=True))
        clips = [name for name in ("clipnorm", "clipvalue", "global_clipnorm") if getattr(self, name) is not None]
        if len(clips) > 1:
            raise ValueError(f"an optimizer clips in one way; {' and '.join(clips)} are both set; keep one")
        return self


class Schedule(Model):
    """How the learning rate changes; all times are epochs, and fractions of an epoch count.

    `constant`; `step`: times `factor` at each of `at`, or every `every` epochs; `plateau`: times `factor` after
    `patience` epochs in which the validation loss did not fall; `exponential`: times `factor` each epoch; `cosine`:
    half a cosine down to `minimum` at the last epoch (Loshchilov & Hutter 2016, arXiv:1608.03983);
    `cosine_restarts`: the same within periods, each `growth` times as long and starting `factor` times as high.
    """

    name: Annotated[
        Literal["constant", "step", "plateau", "exponential", "cosine", "cosine_restarts"],
        BeforeValidator(one_of("schedule", SCHEDULES)),
    ] = Field(default="constant", description="form of the schedule")
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
    every: float | None = Field(default=None, gt=0, description="epochs between two steps; 30 where `at` is not given")
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
    period: float | None = Field(default=None, gt=0, description="epochs of the first period; 10 where not given")
    growth: float | None = Field(
        default=None, ge=1, description="length of a period over the one before; 2 where not given"
    )

    @model_validator(mode="after")
    def _check(self) -> Schedule:
        only_fields("schedule", SCHEDULES, self.name, self.model_dump(exclude_unset=True, exclude_none=True))
        if self.warmup_factor is not None and not self.warmup:
            raise ValueError("warmup_factor needs a warmup: the epochs that it holds for")
        if self.at is not None and self.every is not None:
            raise ValueError("a step schedule has `every` or `at`, not both")
        if self.at is not None and list(self.at) != sorted(set(self.at)):
            raise ValueError(f"the epochs in `at` must rise, but are {list(self.at)}")
        return self

    def value(self, field: str) -> float:
        """A number of this schedule, or the usual one where none was given."""
        given = getattr(self, field)
        return float(USUAL.get((self.name, field), USUAL["any", field]) if given is None else given)
