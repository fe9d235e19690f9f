"""JSON files: what is written reads back equal, and what is read was checked against a declared model.

JSON has neither NaN, written as null, nor infinity, written as "inf". Models are strict: a text is no number.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import Annotated, TypeVar

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, TypeAdapter, ValidationError
from pydantic_core import PydanticCustomError

from .errors import ConvspecError

INFINITE = {"inf": math.inf, "-inf": -math.inf}

STRICT = ConfigDict(extra="forbid", frozen=True, strict=True)


def _measured(value: object) -> object:
    return math.nan if value is None else INFINITE.get(value, value) if isinstance(value, str) else value


Measured = Annotated[float, BeforeValidator(_measured)]
"""A number that was measured; may be infinite or NaN."""


def having(*names: str, whole: tuple[str, ...] = ()) -> AfterValidator:
    """Of a mapping: these keys are there, and those of `whole` hold whole numbers."""

    def check(row: Mapping[str, object]) -> Mapping[str, object]:
        if missing := [name for name in names if name not in row]:
            raise PydanticCustomError("missing", "has no {names}", {"names": ", ".join(missing)})
        if wrong := [name for name in whole if not isinstance(row[name], int)]:
            raise PydanticCustomError("int_type", "{names} should be a whole number", {"names": ", ".join(wrong)})
        return row

    return AfterValidator(check)


class Data(BaseModel):
    """The images of a run or a search."""

    model_config = STRICT
    name: str
    fingerprint: str
    description: str


Content = TypeVar("Content")


class JsonError(ConvspecError, ValueError):
    """Text that is no JSON, or not what its model declares: each place, as `stopping.best`, with what is wrong there.

    Its text is that of the first place.
    """

    def __init__(self, problems: list[tuple[str, str]]) -> None:
        self.problems = problems
        place, message = problems[0]
        super().__init__(f"{place}: {message}" if place else message)


def parse_json(text: str | bytes, model: TypeAdapter[Content]) -> Content:
    """What JSON holds, as its model has it. Raises `JsonError`."""
    try:
        return model.validate_json(text)
    except ValidationError as error:
        problems = error.errors(include_url=False, include_context=False)
        raise JsonError(
            [(_printable(".".join(map(str, one["loc"]))), _printable(str(one["msg"]))) for one in problems]
        ) from None


def differences(before: object, now: object, path: str = "") -> list[tuple[str, object, object]]:
    """Where two JSON values differ: the path, what was there, what is there now."""
    if isinstance(before, dict) and isinstance(now, dict):
        found = []
        for key in {**before, **now}:
            found += differences(before.get(key), now.get(key), f"{path}.{key}" if path else key)
        return found
    return [] if before == now else [(path, before, now)]


def _printable(text: str) -> str:
    return "".join(letter if letter.isprintable() else "?" for letter in text)


def json_text(value: object, indent: int | None = None) -> str:
    """A value as JSON that `json.loads` takes everywhere; NaN as null, infinity as "inf"."""
    return json.dumps(_written(value), indent=indent, allow_nan=False) + "\n"


def _written(value: object) -> object:
    if isinstance(value, Mapping):
        return {str(key): _written(inner) for key, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [_written(inner) for inner in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None if math.isnan(value) else "inf" if value > 0 else "-inf"
    return value
