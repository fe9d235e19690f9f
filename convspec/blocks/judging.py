"""The pydantic model of a declaration: the authority on what is wrong with a value, and on the JSON Schema.

Imported where a value is in doubt, and for the schema and the reference. A right spec needs neither.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError, create_model, model_validator
from pydantic import Field as ModelField
from pydantic_core import PydanticCustomError, core_schema

from .declaring import MISSING, D, Declared, Field, FieldError, Rule, fields_of, make, per_class

CONFIG = ConfigDict(extra="forbid", strict=True, populate_by_name=True, defer_build=True, allow_inf_nan=False)


def judge(declared: type[D], value: Any) -> D:
    """What a mapping declares. Raises `ValidationError` with all that is wrong."""
    judged: D = pydantic_model(declared).model_validate(value)  # type: ignore[assignment]  # see `_become`
    return judged


def model_of(kind: Any) -> type[BaseModel] | None:
    """The pydantic model that a class is, or that its declaration makes; None of anything else."""
    if not isinstance(kind, type):
        return None
    if issubclass(kind, Declared):
        return pydantic_model(kind)
    return kind if issubclass(kind, BaseModel) else None


@per_class
def pydantic_model(declared: type[Declared]) -> type[BaseModel]:
    """The model of a declaration: the same fields, and a validation that ends in an instance of the declaration."""
    definitions: dict[str, Any] = {
        name: (field.annotation, _model_field(field)) for name, field in fields_of(declared).items()
    }
    validators: Any = {"become": model_validator(mode="after")(_become(declared))}
    return create_model(
        declared.__name__,
        __config__=CONFIG,
        __doc__=declared.__doc__,
        __module__=declared.__module__,
        __validators__=validators,
        **definitions,
    )


def _model_field(field: Field) -> Any:
    default = ... if field.default is MISSING else field.default
    return ModelField(default, alias=field.written, description=field.description or None, **field.limits)


def _become(declared: type[Declared]) -> Callable[[BaseModel], Any]:
    """The end of a validation."""

    def become(model: BaseModel) -> Any:
        made = make(declared, dict(model.__dict__))
        _translated(lambda _: made.check())(None)
        return made

    return become


def unknown(title: str, name: str, message: str) -> ValidationError:
    """The error of a mapping whose `block` is no block's name."""
    error = PydanticCustomError("block_unknown", "{message}", {"message": message})
    return ValidationError.from_exception_data(title, [{"type": error, "loc": ("block",), "input": name}])


def schema_of(declared: type[Declared], handler: Any) -> Any:
    """The core schema of a field that holds such a declaration: an instance, or a mapping."""

    def judge_or_pass(value: Any, judge_mapping: Any) -> Any:
        return value if isinstance(value, declared) else judge_mapping(value)

    return core_schema.no_info_wrap_validator_function(judge_or_pass, handler.generate_schema(pydantic_model(declared)))


def with_rule(rule: Rule, schema: Any) -> Any:
    """The core schema of values that a rule checks as well."""
    if rule.check is None:
        return schema
    check = _translated(rule.check)
    if rule.before:
        return core_schema.no_info_before_validator_function(check, schema)
    return core_schema.no_info_after_validator_function(check, schema)


def _translated(check: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """The check with its errors as pydantic's."""

    def translated(value: Any) -> Any:
        try:
            return check(value)
        except FieldError as error:
            raise PydanticCustomError(error.kind, "{message}", {"message": str(error)}) from None

    return translated
