"""What a search writes, declared: each file is checked against its model when it is read, and reads back equal."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, JsonValue, TypeAdapter

from ..files import shown
from ..json_files import STRICT, Data, parse_json
from ..language import InputError

State = Literal["running", "completed", "aborted", "pruned", "failed"]


class _Part(BaseModel):
    model_config = STRICT


class Goal(_Part):
    """The objective of a search."""

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


class Plan(PlannedStage):
    """What a stage sampled, and why candidates were rejected."""

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
    backend: str | None = None
    floatx: str | None = None
    dtype_policy: str | None = None
    epsilon: float | None = None
    image_data_format: str | None = None
    weights: dict[str, str] = {}
    started: str
    plans: list[Plan] = []
    best: Best | None = None
    warnings: list[Warned] = []
    trials: dict[str, int] = {}
    seconds: float = 0.0


SEARCH_FILE = TypeAdapter(SearchFile)
LATENCIES = TypeAdapter(dict[str, float], config=ConfigDict(strict=True, allow_inf_nan=False))


def read_search_file(folder: Path) -> dict[str, Any]:
    """`search.json` of a folder. Raises `InputError` where there is none, or where it is damaged or of another kind."""
    path = folder / "search.json"
    try:
        text = path.read_bytes()
        parse_json(text, SEARCH_FILE)
    except OSError as error:
        message, remedy = f"holds no search: {error.strerror}", "`convspec tune ... --out DIR` begins one"
        raise InputError(message, file=shown(path), remedy=remedy) from None
    except ValueError as error:
        remedy = "put the file back as it was, or name another --out"
        raise InputError(f"is not a search.json of this version: {error}", file=shown(path), remedy=remedy) from None
    return dict(json.loads(text))


def cell_text(value: object) -> str:
    """A value as one cell of a table, such that `read_cell` gives it back: 0.1, true, null, [16, 16], sgd, "1e5".

    Texts are written as they are, unless they could be taken for another value.
    """
    if isinstance(value, str) and not _ambiguous(value):
        return value
    text = json.dumps(value, ensure_ascii=False)
    return text if text.isprintable() else json.dumps(value)


def read_cell(text: str) -> JsonValue:
    """The value that `cell_text` wrote."""
    try:
        value: JsonValue = json.loads(text)
    except (ValueError, RecursionError):
        return text
    return value


def _ambiguous(text: str) -> bool:
    return not text or not text.isprintable() or text.strip() != text or read_cell(text) != text
