"""The `tune:` section of a spec: which fields are searched, between which values, in which stages."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator
from typing import Annotated, Literal

from pydantic import AfterValidator, BeforeValidator, Field, ValidationError, model_validator

from ..blocks.checks import NotValid, is_given, mistake
from ..blocks.pydantic_model import Model
from ..printing import counted, quote
from ..read_only import ReadOnlyDict
from .optimization import conflict, one_of
from .writing import plain

RANGES = ("log_uniform", "uniform", "log_int", "int")
KINDS = (*RANGES, "choice", "boolean")

METRICS = {
    "val_accuracy": "max", "val_loss": "min", "val_crossentropy": "min", "accuracy": "max", "loss": "min",
}  # fmt: skip
METRIC_ALIASES = {"acc": "accuracy", "val_acc": "val_accuracy", "cross_entropy": "val_crossentropy"}
"""Metrics that a search may optimise, and whether more or less is better; `val_crossentropy` is val_loss without L2."""

UNITS = {
    "": 1, "k": 10**3, "M": 10**6, "G": 10**9, "kB": 10**3, "MB": 10**6, "GB": 10**9,
    "KiB": 2**10, "MiB": 2**20, "GiB": 2**30, "ms": 1, "s": 1000,
}  # fmt: skip
LARGEST_INTEGER = 2**53
"""Of whole numbers: up to here they are exact in every format that a search is kept in."""

MOST_FIELDS = 200
"""Fields of a space."""
MOST_CHOICES = 500
"""Values of a choice; more of them are a range."""

STAGED = "train.epochs"
"""The field of a recipe that the stages set."""

SPLITTING = {
    "train.validation_split": "`folds` trains each trial on several splits",
    "train.seed": "`runs` trains each trial with several seeds",
}
"""Fields of a recipe that decide which images are validation images, and how a search varies them for all trials."""

WORDS_ALONE = ("name", "reference", "description", "class_names")
"""Keys of a document that change nothing of its network."""

_BOUND = re.compile(r"\s*(<=|<|>=|>)\s*([0-9][0-9_.]*(?:[eE][-+]?[0-9]+)?)\s*([A-Za-z]*)\s*")


def _pair(value: object) -> object:
    return tuple(value) if isinstance(value, list) else value


def _low_and_high(value: object) -> object:
    if isinstance(value, (list, tuple)) and len(value) != 2:
        raise ValueError(f"a range is [lowest, highest], not {quote(list(value))}")
    return _pair(value)


def _choice(value: object) -> object:
    """The values as plain data: what was read remembers its place, and would be written as something else."""
    return tuple(plain(list(value))) if isinstance(value, (list, tuple)) else value


Numbers = Annotated[tuple[float, float], BeforeValidator(_low_and_high)]
Integers = Annotated[tuple[int, int], BeforeValidator(_low_and_high)]


class Distribution(Model):
    """A field that is searched: between two ends, among values, or on and off."""

    log_uniform: Numbers | None = Field(default=None, description="[lowest, highest], each decade equally likely")
    uniform: Numbers | None = Field(default=None, description="[lowest, highest], each value equally likely")
    log_int: Integers | None = Field(
        default=None, description="[lowest, highest], whole numbers, each decade equally likely"
    )
    int: Integers | None = Field(default=None, description="[lowest, highest], whole numbers, both ends included")
    choice: Annotated[tuple[object, ...] | None, BeforeValidator(_choice)] = Field(
        default=None,
        min_length=2,
        max_length=MOST_CHOICES,
        description="a list of values of any kind, null and lists included",
    )
    boolean: Literal[True] | None = Field(default=None, description="`boolean: true` searches both true and false")
    when: Annotated[dict[str, object], AfterValidator(plain)] = Field(
        default={},
        description="searched only where another field of the space has this value, or one of a list of values",
    )

    @property
    def kind(self) -> str:
        """The one of `KINDS` that is given."""
        return next(kind for kind in KINDS if getattr(self, kind) is not None)

    @model_validator(mode="after")
    def _one_kind(self) -> Distribution:
        given = [kind for kind in KINDS if is_given(self, kind)]
        if len(given) > 1 or not (given or any(getattr(self, kind) for kind in KINDS)):
            raise ValueError(f"has {' and '.join(given) or 'no range'}; it needs one of {', '.join(KINDS)}")
        return self

    @model_validator(mode="after")
    def _different(self) -> Distribution:
        choice = self.choice or ()
        if any(value in choice[:place] for place, value in enumerate(choice)):
            raise conflict(f"`choice` names a value twice: {quote(list(choice))}", "choice")
        return self

    @model_validator(mode="after")
    def _all_finite(self) -> Distribution:
        if not all(map(_finite, self.choice or ())):
            raise conflict(f"`choice` has a number that is not finite: {quote(list(self.choice or ()))}", "choice")
        return self

    @model_validator(mode="after")
    def _ends(self) -> Distribution:
        """The first mistake of a range alone: its others follow from it."""
        for kind in RANGES:
            if (ends := getattr(self, kind)) is None:
                continue
            low, high = ends
            if not low < high:
                raise conflict(f"`{kind}` goes from the lowest to the highest value, but is [{low}, {high}]", kind)
            if max(abs(low), abs(high)) > LARGEST_INTEGER and kind.endswith("int"):
                raise conflict(f"`{kind}` goes beyond {LARGEST_INTEGER:,}, the largest number", kind)
            if kind.startswith("log") and low <= 0:
                raise conflict(f"a logarithmic range begins above 0, not at {low:g}", kind)
        return self


def _finite(value: object) -> bool:
    if isinstance(value, (dict, list)):
        return all(_finite(inner) for inner in (value.values() if isinstance(value, dict) else value))
    return not isinstance(value, float) or math.isfinite(value)


class Stage(Model):
    """So many trials of so many epochs, around the best of the stages before."""

    trials: int = Field(ge=1, le=100_000, description="networks that are trained")
    epochs: int = Field(ge=1, description="epochs of each")
    narrow_to: int | None = Field(
        default=None,
        ge=1,
        description="ranges shrink to where the best so many trials lie; 5 for every stage but the first",
    )


class Objective(Model):
    """The metric that the search optimises."""

    name: Annotated[
        Literal["val_accuracy", "val_loss", "val_crossentropy", "accuracy", "loss"],
        BeforeValidator(one_of("metric", METRICS, METRIC_ALIASES)),
    ] = Field(description="a metric: val_accuracy, val_loss, val_crossentropy (val_loss without L2), accuracy, loss")
    direction: Literal["max", "min"] | None = Field(
        default=None, description="max or min, as the metric's name says it"
    )

    @model_validator(mode="after")
    def _check(self) -> Objective:
        own = METRICS[self.name]
        if self.direction not in (None, own):
            better = {"max": "higher", "min": "lower"}[own]
            raise conflict(
                f"a {better} `{self.name}` is better: with `direction: {self.direction}` the search would return its "
                f"worst trial; leave `direction` out, or write {own}",
                "direction",
            )
        return self


class Pruning(Model):
    """Ends a trial whose objective is worse than the median of the finished trials of its stage at the same epoch."""

    after: int = Field(default=1, ge=1, description="epochs that every trial gets")
    startup: int = Field(default=5, ge=1, description="finished trials of the stage that there must be to compare with")


def _objective(value: object) -> object:
    return {"name": value} if isinstance(value, str) else value


def _with_chosen(space: dict[str, Distribution]) -> dict[str, Distribution]:
    """The space with the values of its conditions as the choices write them."""
    return ReadOnlyDict({path: _conditions_chosen(space, distribution) for path, distribution in space.items()})


def _conditions_chosen(space: dict[str, Distribution], distribution: Distribution) -> Distribution:
    when = {other: _as_chosen(space[other], wanted) for other, wanted in distribution.when.items() if other in space}
    return distribution.model_copy(update={"when": ReadOnlyDict(when)})


def _conditions(distribution: Distribution) -> dict[str, object]:
    try:
        return distribution.when
    except NotValid:
        return {}


def _never_searched(path: str) -> str:
    """Why a field cannot be searched, and what to do instead; empty where it can."""
    field = path.removeprefix(".")
    if field == STAGED:
        return "each of `stages` has its own epochs, which hold instead; leave it out"
    if field in SPLITTING:
        message = "decides which images are validation images, and trials are compared on the same ones"
        return f"{message}; leave it out, {SPLITTING[field]}"
    if field in WORDS_ALONE or re.fullmatch(r"(?:body|head|outputs)\b.*\.(?:name|classifier_name|counter)", field):
        return "is a name or words for a reader: networks that differ in it alone train alike; leave it out"
    return ""


def _as_chosen(distribution: Distribution, wanted: object) -> object:
    """The values of a condition as the choice writes them: 0.0 for 0. All else compares texts of the two."""
    values = _values(distribution)

    def chosen(one: object) -> object:
        found = member(values, one)
        return one if found is MISSING else found

    return list(map(chosen, wanted)) if isinstance(wanted, list) else chosen(wanted)


def _values(distribution: Distribution) -> tuple[object, ...]:
    return distribution.choice if distribution.choice is not None else (False, True)


def member(values: Iterable[object], wanted: object) -> object:
    """The one of `values` that `wanted` is in another form, 0.0 for 0, but not false; `MISSING` where there is none."""
    return next((value for value in values if _same(value, wanted)), MISSING)


MISSING = object()


def _same(one: object, other: object) -> bool:
    """Whether two values of a document are equal; in Python true is 1, in a document it is not."""
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(_same(value, other[key]) for key, value in one.items())
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(_same, one, other))
    return isinstance(one, bool) == isinstance(other, bool) and bool(one == other)


def _limit(text: object) -> str:
    if isinstance(text, (int, float)) and not isinstance(text, bool):
        raise ValueError(f"{quote(text)} is no limit; write '<= {quote(text)}'")
    limits = list(bounds(text)) if isinstance(text, str) else []
    if not isinstance(text, str) or not limits:
        raise ValueError(
            f"{quote(text)} is no limit; write one like '< 1e6', '<= 64 MiB' or '> 10, < 99'{_units(text)}"
        )
    low = max([(limit, sign == ">") for sign, limit in limits if sign[0] == ">"], default=(-math.inf, False))
    high = min([(limit, sign != "<") for sign, limit in limits if sign[0] == "<"], default=(math.inf, True))
    if low[0] > high[0] or (low[0] == high[0] and (low[1] or not high[1])):
        raise ValueError(f"no number is within {quote(text)}")
    return text


def _units(text: object) -> str:
    """The units that there are, for a limit with another one."""
    parts = text.split(",") if isinstance(text, str) else []
    is_other = any(found[3] not in UNITS for found in map(_BOUND.fullmatch, parts) if found)
    return f"; the units are {', '.join(filter(None, UNITS))}" if is_other else ""


class Tune(Model):
    """A search over fields of the document, architecture and recipe alike; the values written there are trial 0."""

    objective: Annotated[Objective, BeforeValidator(_objective)] = Field(
        default=Objective(name="val_accuracy"),
        description="val_accuracy unless given; a metric, or {name: ..., direction: max|min}",
    )
    strategy: Literal["staged", "random", "grid", "hyperband", "bayesian"] = Field(
        default="staged", description="staged: coarse, then finer around the best; the others are KerasTuner's own"
    )
    seed: int = Field(default=1, ge=0, lt=2**31, description="start of the samples; weights and order have train.seed")
    space: Annotated[
        dict[str, Distribution], Field(min_length=1, max_length=MOST_FIELDS), AfterValidator(_with_chosen)
    ] = Field(description="the fields by their paths, each with its range")
    constraints: dict[
        Literal["parameters", "macs", "memory", "receptive_field", "depth", "latency"],
        Annotated[str, BeforeValidator(_limit)],
    ] = Field(
        default={},
        description='limits such as {parameters: "< 1e6", memory: "< 64 MiB"}; a network beyond them is never built',
    )
    stages: Annotated[tuple[Stage, ...], BeforeValidator(_pair)] = Field(
        default=(Stage(trials=30, epochs=3), Stage(trials=15, epochs=10)),
        description="the stages; other strategies take the number of trials and epochs of all of them together",
    )
    abort: float | None = Field(
        default=3.0, gt=1, description="a trial stops at once when its loss without L2 exceeds this times its first"
    )
    pruning: Pruning | None = Field(
        default=None, description="stop trials that are worse than the median; off unless given"
    )
    folds: int | None = Field(
        default=None, ge=2, le=100, description="cross-validation: each trial is the mean over the folds"
    )
    runs: int = Field(
        default=1, ge=1, le=100, description="trainings of each trial, of different seeds; the mean counts"
    )

    @model_validator(mode="after")
    def _has_stages(self) -> Tune:
        if not self.stages:
            message = "`stages` is empty; a search has one or more, such as [{trials: 30, epochs: 3}]"
            raise conflict(message, "stages")
        return self

    @model_validator(mode="after")
    def _narrowing_happens(self) -> Tune:
        if self.strategy != "staged" and any(is_given(stage, "narrow_to") for stage in self.stages):
            message = f"`narrow_to` has no effect with `strategy: {self.strategy}`: only `staged` narrows its ranges"
            raise conflict(f"{message}; leave it out, or write `strategy: staged`", "stages")
        return self

    @model_validator(mode="after")
    def _pruning_happens(self) -> Tune:
        longest = max((stage.epochs for stage in self.stages), default=0)
        if (
            self.strategy == "staged"
            and self.pruning
            and is_given(self.pruning, "after")
            and self.pruning.after >= longest > 0
        ):
            message = f"pruning after {counted(self.pruning.after, 'epoch')} never comes"
            raise conflict(f"{message}: the longest stage has {longest}; lower it", "pruning", "after")
        return self

    @model_validator(mode="after")
    def _can_be_searched(self) -> Tune:
        errors = [mistake(message, ("space", path)) for path in self.space if (message := _never_searched(path))]
        if errors:
            raise ValidationError.from_exception_data("Tune", errors)
        return self

    @model_validator(mode="after")
    def _conditions_hold(self) -> Tune:
        errors = [
            mistake(problem, ("space", path, "when", other), value=wanted)
            for path, distribution in self.space.items()
            for other, wanted in _conditions(distribution).items()
            if (problem := _condition_problem(self.space, path, other, wanted))
        ]
        if errors:
            raise ValidationError.from_exception_data("Tune", errors)
        return self


def _condition_problem(space: dict[str, Distribution], path: str, other: str, wanted: object) -> str:
    if other == path:
        return "a field cannot depend on itself"
    if other not in space:
        return f"{quote(other)} is not in the space; it has {', '.join(space)}"
    given = [kind for kind in KINDS if is_given(space[other], kind)]
    if len(given) == 1 and given[0] in RANGES:
        return f"{other!r} has a range; a condition needs a choice or a boolean"
    if list(space).index(other) > list(space).index(path):
        if _depends(space, other, path):
            return f"{path!r} and {other!r} depend on each other; take one of the conditions away"
        return f"{other!r} must come before the fields that depend on it"
    if wanted == []:
        return f"holds for no value of {other!r}; name one or more"
    try:
        return _never(space[other], other, wanted) if len(given) == 1 else ""
    except NotValid:
        return ""


def _depends(space: dict[str, Distribution], path: str, other: str) -> bool:
    """Whether the search of a field depends on another, by whatever is between them."""
    waiting, visited = [path], set[str]()
    while waiting:
        if (one := waiting.pop()) in space and one not in visited:
            visited.add(one)
            waiting += _conditions(space[one])
    return other in visited


def _never(distribution: Distribution, other: str, wanted: object) -> str:
    values = _values(distribution)
    missing = [value for value in condition_values(wanted) if member(values, value) is MISSING]
    return f"{other!r} never is {quote(missing[0])}; it is one of {quote(list(values))}" if missing else ""


def condition_values(wanted: object) -> list[object]:
    """The values that a `when:` entry allows."""
    return list(wanted) if isinstance(wanted, list) else [wanted]


def needed(tune: Tune, path: str) -> dict[str, list[object]]:
    """What has to hold for a field to be searched, with what that needs in turn."""
    found: dict[str, list[object]] = {}
    visited = set[str]()

    def visit(name: str) -> None:
        for other, wanted in tune.space[name].when.items():
            if other not in visited:  # each once: conditions on conditions would double with every field
                visited.add(other)
                visit(other)
            found[other] = condition_values(wanted)

    visit(path)
    return found


def bounds(text: str) -> Iterator[tuple[str, float]]:
    """`"> 10, < 1e6"` -> (">", 10.0), ("<", 1e6); nothing where the text is no limit."""
    found = []
    for part in text.split(","):
        match = _BOUND.fullmatch(part)
        if match is None or match[3] not in UNITS:
            return
        found.append((match[1], float(match[2].replace("_", "")) * UNITS[match[3]]))
    yield from found
