"""The pydantic model that blocks and the sections of a document extend; a search's symbolic numbers pass through it."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable
from inspect import Parameter, Signature
from types import UnionType
from typing import TYPE_CHECKING, Annotated, Any, Union, cast, get_args, get_origin

from pydantic import BaseModel, ConfigDict, GetCoreSchemaHandler, ValidatorFunctionWrapHandler
from pydantic.fields import FieldInfo
from pydantic_core import CoreSchema, core_schema

from ..graph.symbolic import SymbolicNumber
from ..read_only import ReadOnlyDict, ReadOnlyList, read_only
from .checks import all_checked

LIMITS: dict[str, Callable[[Any, Any], object]] = {
    "gt": operator.gt,
    "ge": operator.ge,
    "lt": operator.lt,
    "le": operator.le,
}


SMALLEST, LARGEST = 2.0**-126, (2 - 2.0**-23) * 2.0**127
"""The ends of float32; below the first it loses digits, and TensorFlow computes with 0."""


if TYPE_CHECKING:  # pydantic has no public name for it, and type checkers know the fields by it alone
    from pydantic._internal._model_construction import ModelMetaclass
else:

    class ModelMetaclass(type(BaseModel)):
        """Gives models a readable signature: pydantic's is `**data` until a model is built, then full of validators."""

        @property
        def __signature__(cls) -> Signature:
            """The fields with their types, for `inspect.signature`, `help` and notebooks."""
            return Signature([_parameter(name, field) for name, field in cls.model_fields.items()])

        @__signature__.setter
        def __signature__(cls, signature: object) -> None:
            """Pydantic's, when it builds the model, is not kept."""


def _parameter(name: str, field: FieldInfo) -> Parameter:
    default = Parameter.empty if field.is_required() else field.get_default(call_default_factory=True)
    return Parameter(name, Parameter.KEYWORD_ONLY, default=default, annotation=_plain(field.annotation))


def _plain(annotation: Any) -> Any:
    """A type without what pydantic checks beside it."""
    origin, inner = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return _plain(inner[0])
    if origin in (Union, UnionType):
        return Union[tuple(_plain(one) for one in inner)]  # noqa: UP007 - of types that are known only here
    return origin[tuple(_plain(one) for one in inner)] if inner and origin in (list, tuple, dict) else annotation


class Model(BaseModel, metaclass=ModelMetaclass):
    """Fields with a type, a meaning and limits; strict, without unknown fields, and never changed.

    Validation raises pydantic's `ValidationError`. Two are equal whose fields are. Fields are checked alone by their
    types, and together by a `model_validator(mode="after")` for each check that raises `ValueError`. A check runs as
    soon as the fields that it reads are valid.
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
        return hash((type(self), *map(_hashable, vars(self).values())))

    @classmethod
    def __get_pydantic_core_schema__(cls, source: type, handler: GetCoreSchemaHandler) -> CoreSchema:
        """The schema, in which each number may be a symbolic one; values are written out by what they are."""
        schema = cast(CoreSchema, _adapted(handler(source), cls))
        validate = all_checked(cls)
        if validate is None or cast(dict[str, Any], schema).get("function", {}).get("function") is validate:
            return schema  # which pydantic kept since it was asked before
        reference = cast(dict[str, Any], schema).pop("ref", None)  # by which the JSON Schema has the whole
        return core_schema.no_info_wrap_validator_function(validate, schema, ref=reference)


def written_fields(model: type[BaseModel]) -> dict[str, FieldInfo]:
    """The fields of a model by their names in a spec, where Python does not allow a field called `from`."""
    return {str(field.validation_alias or name): field for name, field in model.model_fields.items()}


def _hashable(value: object) -> object:
    """What is equal for equal values and can be hashed; a mapping's order does not count."""
    if isinstance(value, (list, tuple)):
        return tuple(map(_hashable, value))
    if isinstance(value, dict):
        return frozenset((key, _hashable(inner)) for key, inner in value.items())
    return value


AS_IT_IS = core_schema.simple_ser_schema("any")
"""Writes a value by its own type. By the field's, a block of a field of type `Block` would lose its own fields."""


def _adapted(schema: object, cls: type[Model]) -> object:
    """The schema of a class with the validators of its numbers wrapped and its containers made read-only.

    Other classes in it are adapted already.
    """
    if isinstance(schema, list):
        return [_adapted(inner, cls) for inner in schema]
    if not isinstance(schema, dict):
        return schema
    kind = schema.get("type")
    if kind in ("int", "float"):
        return core_schema.no_info_wrap_validator_function(_number(schema), schema)
    if kind == "any":
        return core_schema.no_info_after_validator_function(read_only, schema)
    if kind in ("definition-ref", "function-plain") or (kind == "model" and schema["cls"] is not cls):
        return {**schema, "serialization": AS_IT_IS}
    skipped = ("metadata", "ref", "serialization")  # pydantic's own, a name, and what says nothing of validation
    adapted: dict[str, object] = {
        key: inner if key in skipped else _adapted(inner, cls) for key, inner in schema.items()
    }
    if kind == "default" and isinstance(schema.get("default"), (list, dict)):
        return {**adapted, "default": read_only(schema["default"]), "copy_default": False}
    if kind in ("list", "dict"):
        fixed: Callable[..., object] = ReadOnlyList if kind == "list" else ReadOnlyDict
        return core_schema.no_info_after_validator_function(fixed, cast(CoreSchema, adapted))
    return adapted


def _number(schema: dict[str, Any]) -> Callable[[object, ValidatorFunctionWrapHandler], object]:
    """The validator of a number. A symbolic one passes, and each limit is recorded as a decision.

    Networks compute in float32, where a number beyond its ends would be 0 or infinite.
    """
    limits = [(LIMITS[name], limit) for name, limit in schema.items() if name in LIMITS]
    is_float = schema["type"] == "float"
    if is_float:
        limits += [(operator.lt, math.inf), (operator.gt, -math.inf)]

    def validate(value: object, handler: ValidatorFunctionWrapHandler) -> object:
        if type(value) is not SymbolicNumber:
            number = handler(value)
            if is_float and number and not SMALLEST <= abs(number) <= LARGEST:
                raise ValueError(f"float32 holds 0 and {SMALLEST:.3g} to {LARGEST:.3g}, not {number:.3g}")
            return number
        handler(value.number)
        for holds, limit in limits:
            holds(value, limit)
        return value.as_float() if is_float else value

    return validate
