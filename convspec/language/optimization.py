"""The part of a recipe that moves the weights: the optimizer, with all that is known of each."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from typing import TYPE_CHECKING, Annotated, Literal, NamedTuple, Protocol

from pydantic import BaseModel, BeforeValidator, Field, ValidationError, model_validator
from pydantic_core import InitErrorDetails, PydanticCustomError

from ..blocks.checks import is_given, mistake
from ..blocks.pydantic_model import Model
from ..printing import quote
from ..suggestions import meant
from .diagnostics import did_you_mean


class OptimizerKind(NamedTuple):
    """One of Keras's optimizers."""

    keras_class: str
    fields: tuple[str, ...] = ()
    """Its arguments that not every optimizer has."""
    slots: int = 2
    """Arrays as large as the weights that it keeps."""
    slot_options: tuple[str, ...] = ()
    """Its fields that, if set, make it keep one more."""
    adjustable: tuple[str, ...] = ()
    """Its fields that a compiled network can be given anew during a search, beside those of every optimizer."""
    learning_rate: float = 0.001
    weight_decay: float | None = None
    """Keras's defaults."""
    aliases: tuple[str, ...] = ()
    """Its names elsewhere."""


_ADAM = ("beta_1", "beta_2", "epsilon")
_BETAS = ("beta_1", "beta_2")

OPTIMIZERS = {
    "sgd": OptimizerKind(
        "SGD", ("momentum", "nesterov"), 0, ("momentum",), ("momentum",), 0.01, aliases=("momentum", "nesterov", "sgdm")
    ),
    "rmsprop": OptimizerKind("RMSprop", ("rho", "momentum", "epsilon", "centered"), 1, ("momentum", "centered")),
    "adam": OptimizerKind("Adam", (*_ADAM, "amsgrad"), 2, ("amsgrad",), _BETAS),
    "adamw": OptimizerKind("AdamW", (*_ADAM, "amsgrad"), 2, ("amsgrad",), _BETAS, weight_decay=0.004),
    "adadelta": OptimizerKind("Adadelta", ("rho", "epsilon")),
    "adagrad": OptimizerKind("Adagrad", ("initial_accumulator_value", "epsilon"), 1),
    "adamax": OptimizerKind("Adamax", _ADAM),
    "adafactor": OptimizerKind("Adafactor", (), 1),
    "nadam": OptimizerKind("Nadam", _ADAM),
    "ftrl": OptimizerKind("Ftrl", ("initial_accumulator_value",)),
    "lion": OptimizerKind("Lion", _BETAS, 1),
    "lamb": OptimizerKind("Lamb", _ADAM),
    "muon": OptimizerKind("Muon", ("momentum", "nesterov", "epsilon"), 1, weight_decay=0.004),
    "schedulefreeadamw": OptimizerKind("ScheduleFreeAdamW", _ADAM, learning_rate=0.0025),
}

ADJUSTABLE = ("learning_rate", "weight_decay")
"""Fields of every optimizer that a compiled network can be given anew, the learning rate first."""


def one_of(kind: str, known: Iterable[str], aliases: Mapping[str, str]) -> Callable[[object], object]:
    """Return a validator that names the nearest of the known names where a string is none of them."""
    names = tuple(known)

    def suggestion(value: str) -> str:
        if name := meant(value, names, aliases):
            return f"; did you mean {name!r}?"
        return did_you_mean(value, names) or f"; there are {', '.join(names)}"

    def check(value: object) -> object:
        if isinstance(value, str) and value not in names:
            message = f"no {kind} is called {quote(value)}{suggestion(value)}"
            raise PydanticCustomError("unknown_name", "{message}", {"message": message, "known": ", ".join(names)})
        return value

    return check


def conflict(message: str, *at: str) -> PydanticCustomError:
    """The error of a section whose fields do not go together, at the field that these steps lead to."""
    return PydanticCustomError("conflict", "{message}", {"message": message, "at": at})


class Kind(Protocol):
    """An optimizer or a schedule, as it is declared."""

    @property
    def fields(self) -> Collection[str]:
        """Fields that not every one has."""

    @property
    def aliases(self) -> tuple[str, ...]:
        """Its names elsewhere."""


def aliases_of(kinds: Mapping[str, Kind]) -> dict[str, str]:
    """The name of each alias."""
    return {alias: name for name, kind in kinds.items() for alias in kind.aliases}


def only_fields(what: str, kinds: Mapping[str, Kind], section: BaseModel, name: str) -> None:
    """Raise `ValidationError` with the given fields that belong to other optimizers or schedules than this one."""
    errors: list[InitErrorDetails] = []
    for field in dict.fromkeys(field for kind in kinds.values() for field in kind.fields):
        if field not in kinds[name].fields and is_given(section, field):
            owners = " or ".join(owner for owner, kind in kinds.items() if field in kind.fields)
            own = ", ".join(kinds[name].fields) or "no field of its own"
            message = f"the {what} {name!r} has no {field!r} (use {owners}); {name!r} has {own}"
            errors.append(mistake(message, (field,), kind="foreign_field"))
    if errors:
        raise ValidationError.from_exception_data(what, errors)


if TYPE_CHECKING:
    OptimizerName = str
else:  # type checkers know no Literal that is computed
    OptimizerName = Literal[tuple(OPTIMIZERS)]


class Optimizer(Model):
    """One of Keras's optimizers, with Keras's argument names.

    A field left out has Keras's own default for that optimizer; `learning_rate` and `weight_decay` are filled in from
    it when read, so that a recipe always holds numbers for them.
    """

    name: Annotated[OptimizerName, BeforeValidator(one_of("optimizer", OPTIMIZERS, aliases_of(OPTIMIZERS)))] = Field(
        default="adam", description="Keras's name of the optimizer, in lower case"
    )
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

    @property
    def kind(self) -> OptimizerKind:
        """What is known of the optimizer of this name."""
        return OPTIMIZERS[self.name]

    @property
    def slots(self) -> int:
        """Arrays as large as the weights that it keeps."""
        return self.kind.slots + sum(bool(getattr(self, option)) for option in self.kind.slot_options)

    @model_validator(mode="before")
    @classmethod
    def _fill_in(cls, data: object) -> object:
        if not isinstance(data, dict):
            return data
        name = data.get("name", "adam")
        if not isinstance(name, str):  # the check of its type says what is wrong
            return data
        kind = OPTIMIZERS.get(name, OPTIMIZERS["adam"])
        return {"learning_rate": kind.learning_rate, "weight_decay": kind.weight_decay or 0.0, **data}

    @model_validator(mode="after")
    def _own_fields(self) -> Optimizer:
        only_fields("optimizer", OPTIMIZERS, self, self.name)
        return self

    @model_validator(mode="after")
    def _one_clip(self) -> Optimizer:
        clips = [name for name in ("clipnorm", "clipvalue", "global_clipnorm") if is_given(self, name)]
        if len(clips) > 1:
            raise conflict(f"an optimizer clips in one way; {' and '.join(clips)} are both set; keep one", clips[-1])
        return self
