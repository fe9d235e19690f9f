"""What a search writes, declared: each file is checked against its model when it is read, and reads back equal."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, JsonValue, TypeAdapter, ValidationError

from ..data.dataset import shown
from ..spec import Fault, FaultError

INFINITE = {"inf": math.inf, "-inf": -math.inf}

State = Literal["running", "completed", "aborted", "pruned", "failed"]


def _measured(value: Any) -> Any:
    return math.nan if value is None else INFINITE.get(value, value) if isinstance(value, str) else value


Measured = Annotated[float, BeforeValidator(_measured)]
"""A number that was measured: JSON has neither NaN (written as null) nor infinity (written as "inf")."""

STRICT = ConfigDict(extra="forbid", frozen=True, strict=True)


class _Part(BaseModel):
    model_config = STRICT


class Data(_Part):
    """The images that a search was run on."""

    name: str
    fingerprint: str
    description: str


class Goal(_Part):
    """What a search looks at."""

    name: str
    direction: Literal["max", "min"]


class Range(_Part):
    """A field of the space: a numeric range, or the values of a choice."""

    kind: Literal["log_uniform", "uniform", "log_int", "int", "choice", "boolean"]
    range: Annotated[list[float], Field(min_length=2, max_length=2)] | None = None
    values: list[JsonValue] | None = None
    when: dict[str, list[JsonValue]] = {}


class PlannedStage(_Part):
    """A stage as the `tune:` section has it."""

    trials: int
    epochs: int
    narrow_to: int | None


class Asked(_Part):
    """What the user asked for, before ranges were moved."""

    space: dict[str, Range]
    constraints: dict[str, str]
    stages: list[PlannedStage]


class Plan(_Part):
    """What a stage sampled, and why candidates were rejected."""

    trials: int
    epochs: int
    narrow_to: int | None
    ranges: dict[str, list[JsonValue]]
    refused: dict[str, int]


class Best(_Part):
    """The trial that a search found best."""

    trial: str
    key: str
    score: float
    deviation: float | None
    epochs: int
    best_epoch: int
    values: dict[str, JsonValue]


class Warned(_Part):
    """A best value at the end of its range."""

    path: str
    value: JsonValue
    range: list[float]
    side: Literal["lower", "upper"]
    wider: list[float]
    probability: float
    text: str


class SearchFile(_Part):
    """`search.json`."""

    format: Literal[1]
    network: str
    name: str
    fingerprint: str
    data: Data
    objective: Goal
    strategy: str
    seed: int
    abort: float | None
    pruning: dict[str, int] | None
    folds: int | None
    runs: int
    space: dict[str, Range]
    constraints: dict[str, str]
    stages: list[PlannedStage]
    asked: Asked
    moves: int = 0
    foreign: list[str] = []
    fields: dict[str, Range] = {}
    started: str
    plans: list[Plan] = []
    best: Best | None = None
    warnings: list[Warned] = []
    trials: dict[str, int] = {}
    seconds: float = 0.0


SEARCH_FILE = TypeAdapter(SearchFile)
LATENCIES = TypeAdapter(dict[str, float], config=ConfigDict(strict=True, allow_inf_nan=False))


def read_json(path: Path, model: TypeAdapter[Any]) -> Any:
    """What a JSON file holds, as its model has it. Raises `OSError`, or `ValueError` that says what does not fit."""
    return validated(path.read_bytes(), model)


def validated(text: str | bytes, model: TypeAdapter[Any]) -> Any:
    """JSON as its model has it. Raises `ValueError` that names the first place that does not fit."""
    try:
        return model.validate_json(text)
    except ValidationError as error:
        raise ValueError(_reason(error)) from None


def read_search_file(folder: Path) -> dict[str, Any]:
    """`search.json` of a folder. Raises `FaultError` where there is none, or where it is damaged or of another kind."""
    path = folder / "search.json"
    try:
        text = path.read_bytes()
        validated(text, SEARCH_FILE)
    except OSError as error:
        message, remedy = f"holds no search: {error.strerror}", "`convspec tune ... --out DIR` begins one"
        raise FaultError(Fault(message, file=shown(path), remedy=remedy)) from None
    except ValueError as error:
        remedy = "put the file back as it was, or name another --out"
        message = f"is not a search.json of this version: {error}"
        raise FaultError(Fault(message, file=shown(path), remedy=remedy)) from None
    content: dict[str, Any] = json.loads(text)
    return content


def _reason(error: ValidationError) -> str:
    first = error.errors(include_url=False, include_context=False)[0]
    place = ".".join(str(step) for step in first["loc"])
    text = f"{place}: {first['msg']}" if place else str(first["msg"])
    return "".join(letter if letter.isprintable() else "?" for letter in text)


def json_text(value: Any, indent: int | None = None) -> str:
    """A value as JSON that `json.loads` takes everywhere; NaN as null, infinity as "inf"."""
    return json.dumps(_written(value), indent=indent, allow_nan=False) + "\n"


def _written(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(key): _written(inner) for key, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [_written(inner) for inner in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None if math.isnan(value) else "inf" if value > 0 else "-inf"
    return value


def cell_text(value: Any) -> str:
    """A value as one cell of a table, such that `read_cell` gives it back: 0.1, true, null, [16, 16], sgd, "1e5".

    Texts stand as they are, unless they could be taken for another value.
    """
    if isinstance(value, str) and not _ambiguous(value):
        return value
    text = json.dumps(value, ensure_ascii=False)
    return text if text.isprintable() else json.dumps(value)


def read_cell(text: str) -> Any:
    """The value that `cell_text` wrote."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return text


def _ambiguous(text: str) -> bool:
    return not text or not text.isprintable() or text.strip() != text or read_cell(text) != text
