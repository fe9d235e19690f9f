"""The pydantic model that blocks and the sections of a document extend; a search's symbolic numbers pass through it."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable
from typing import Any

from pydantic import BaseModel, ConfigDict, GetCoreSchemaHandler
from pydantic.fields import FieldInfo
from pydantic_core import CoreSchema, core_schema

from ..graph.tracing import Tracer

LIMITS: dict[str, Callable[[Any, Any], Any]] = {
    "gt": operator.gt,
    "ge": operator.ge,
    "lt": operator.lt,
    "le": operator.le,
}


SMALLEST, LARGEST = 2.0**-126, (2 - 2.0**-23) * 2.0**127
"""The ends of float32; below the first it loses digits, and TensorFlow computes with 0."""


class Model(BaseModel):
    """Fields with a type, a meaning and limits; strict, without unknown fields, and never changed.

    Validation raises pydantic's `ValidationError`. Two are equal whose fields are. Fields are checked alone by their
    types, and together by a `model_validator(mode="after")` that raises `ValueError`.
    """

    model_config = ConfigDict(
        strict=True,
        frozen=True,
        extra="forbid",
        defer_build=True,
        populate_by_name=True,
        allow_inf_nan=False,
    )

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other) and vars(self) == vars(other)

    def __hash__(self) -> int:
        return hash((type(self), *vars(self).values()))

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        """The schema, in which each number may be a symbolic one."""
        schema: CoreSchema = _tracing(handler(source))
        return schema


def written_fields(model: type[BaseModel]) -> dict[str, FieldInfo]:
    """The fields of a model by their names in a spec, where Python does not allow a field called `from`."""
    return {str(field.validation_alias or name): field for name, field in model.model_fields.items()}


def _tracing(schema: Any) -> Any:
    """A schema with its numbers wrapped."""
    if isinstance(schema, list):
        return [_tracing(inner) for inner in schema]
    if not isinstance(schema, dict):
        return schema
    if schema.get("type") in ("int", "float"):
        return core_schema.no_info_wrap_validator_function(_number(schema), schema)
    return {key: inner if key in ("metadata", "ref") else _tracing(inner) for key, inner in schema.items()}


def _number(schema: dict[str, Any]) -> Callable[[Any, Callable[[Any], Any]], Any]:
    """What validates a number, and lets a symbolic one pass for which each limit then counts as a decision.

    Networks compute in float32, where a number beyond its ends would be 0 or infinite.
    """
    limits = [(LIMITS[name], limit) for name, limit in schema.items() if name in LIMITS]
    is_float = schema["type"] == "float"
    if is_float:
        limits += [(operator.lt, math.inf), (operator.gt, -math.inf)]

    def validate(value: Any, handler: Callable[[Any], Any]) -> Any:
        if type(value) is not Tracer:
            number = handler(value)
            if is_float and number and not SMALLEST <= abs(number) <= LARGEST:
                raise ValueError(f"float32 holds 0 and {SMALLEST:.3g} to {LARGEST:.3g}, not {number:.3g}")
            return number
        handler(value.number)
        for holds, limit in limits:
            holds(value, limit)
        return value.as_float() if is_float else value

    return validate
