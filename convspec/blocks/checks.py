"""The checks of several fields of a model, each as soon as its own fields are valid, whatever the others are."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cache
from types import UnionType
from typing import Union, get_args, get_origin

from pydantic import BaseModel, ValidationError, ValidatorFunctionWrapHandler
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails, InitErrorDetails, PydanticCustomError
from pydantic_core.core_schema import ErrorType

from ..errors import ConvspecError
from .nested_models import models_in

Location = tuple[int | str, ...]
Wrap = Callable[[object, ValidatorFunctionWrapHandler], object]
_OF_PYDANTIC = frozenset(get_args(ErrorType))


class CheckError(ConvspecError, ValueError):
    """What a check says of valid fields that do not go together."""


class NotValid(ConvspecError):  # noqa: N818 - it is control flow, never shown
    """A check reads a field that is invalid, which is reported already."""


def mistake(message: str, location: Location, *, kind: str = "check", value: object = None) -> InitErrorDetails:
    """An error of a check, at one of the fields; `value` is what it is about."""
    error = PydanticCustomError(kind, "{message}", {"message": message, "error": CheckError(message)})
    return {"type": error, "loc": location, "input": value}


class Fields:
    """Invalid data with the attributes of their model, as checks read it; a field that is invalid raises `NotValid`.

    Values are as they are written: lists where the model has tuples. `read` collects those that a check reads.
    """

    def __init__(self, model: type[BaseModel], data: object, wrong: Sequence[Location], read: list[object]) -> None:
        self._model, self._wrong, self._read = model, wrong, read
        self._data: Mapping[object, object] = data if isinstance(data, Mapping) else {}

    @property
    def model_fields_set(self) -> set[str]:
        """The fields that are written, invalid ones too."""
        return {name for name, field in self._model.model_fields.items() if self._key(name, field) in self._data}

    def __getattr__(self, name: str) -> object:
        field = self._model.model_fields.get(name)
        if field is None:  # a property or a method
            return inspect.getattr_static(self._model, name).__get__(self, self._model)
        key = self._key(name, field)
        wrong = _inside(self._wrong, key)
        if () in self._wrong or (key not in self._data and (wrong or self._unknown())):
            raise NotValid
        if key not in self._data:
            return field.get_default(call_default_factory=True)
        self._read.append(self._data[key])
        return _part(field.annotation, self._data[key], wrong, self._read)

    def _unknown(self) -> bool:
        """Whether a key is no field's: it may be meant for any that is left out."""
        names = {self._key(name, field) for name, field in self._model.model_fields.items()}
        return not self._data.keys() <= names

    def _key(self, name: str, field: FieldInfo) -> str:
        return next((key for key in (field.validation_alias, name) if isinstance(key, str) and key in self._data), name)


def is_given(model: BaseModel, name: str) -> bool:
    """Whether a field is written, with another value than null, be it an invalid one."""
    if name not in model.model_fields_set:
        return False
    try:
        return getattr(model, name) is not None
    except NotValid:
        return True


def _inside(wrong: Iterable[Location], step: int | str) -> list[Location]:
    return [location[1:] for location in wrong if location[:1] == (step,)]


def _part(annotation: object, value: object, wrong: Sequence[Location], read: list[object]) -> object:
    """A field's value; one that is no model is valid as a whole or not at all."""
    model = next(models_in(annotation), None)
    if model is not None and get_origin(annotation) in (None, Union, UnionType):
        return Fields(model, value, wrong, read) if wrong or isinstance(value, dict) else value
    if () in wrong:  # not what is inside alone
        raise NotValid
    if model is not None and isinstance(value, list):
        return [_part(model, inner, _inside(wrong, index), read) for index, inner in enumerate(value)]
    if model is not None and isinstance(value, dict):
        items = [(key, inner) for key, inner in value.items() if isinstance(key, str)]
        return {key: _part(model, inner, _inside(wrong, key), read) for key, inner in items}
    if wrong:
        raise NotValid
    return value


@cache
def all_checked(model: type[BaseModel]) -> Wrap | None:
    """A validator that runs each `model_validator(mode="after")` also where others, or fields, are invalid.

    Pydantic runs none of them then. None for a model that has none.
    """
    found = model.__pydantic_decorators__.model_validators.values()
    checks = [one.func for one in found if one.info.mode == "after"]

    def validate(data: object, handler: ValidatorFunctionWrapHandler) -> object:
        try:
            return handler(data)
        except ValidationError as error:
            errors = list(_errors(model, data, error.errors(include_url=False), checks))
            raise ValidationError.from_exception_data(error.title, errors) from None

    return validate if checks else None


def _errors(
    model: type[BaseModel], data: object, found: Iterable[ErrorDetails], checks: Iterable[Callable[[object], object]]
) -> Iterator[InitErrorDetails]:
    of_fields = [one for one in found if not _is_own_check(one, data)]
    wrong = [one["loc"] for one in of_fields if not isinstance(one.get("ctx", {}).get("error"), CheckError)]
    of_checks = [error for check in checks for error in _errors_of(check, model, data, wrong)]
    told = [(one["loc"], one["msg"]) for one in of_checks]
    yield from map(_raised, [one for one in of_fields if (one["loc"], one["msg"]) not in told])
    yield from map(_raised, of_checks)


def _errors_of(
    check: Callable[[object], object], model: type[BaseModel], data: object, wrong: Sequence[Location]
) -> list[ErrorDetails]:
    read: list[object] = []
    try:
        check(Fields(model, data, wrong, read))
    except ValidationError as error:
        return error.errors(include_url=False)
    except PydanticCustomError as error:
        context = {**(error.context or {}), "error": CheckError(error.message())}
        return [{"type": error.type, "loc": (), "msg": error.message(), "input": read, "ctx": context}]
    except ValueError as error:
        context = {"error": CheckError(str(error))}
        return [{"type": "value_error", "loc": (), "msg": str(error), "input": read, "ctx": context}]
    except NotValid:
        pass
    return []


def _is_own_check(details: ErrorDetails, data: object) -> bool:
    return not details["loc"] and details["input"] is data and isinstance(data, Mapping)


def _raised(details: ErrorDetails) -> InitErrorDetails:
    """An error that was raised, to raise it again."""
    kind, context = details["type"], details.get("ctx", {})
    again = (
        kind if kind in _OF_PYDANTIC else PydanticCustomError(kind, "{message}", {**context, "message": details["msg"]})
    )
    return {"type": again, "loc": details["loc"], "input": details["input"], "ctx": context}
