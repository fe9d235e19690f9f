"""Lists and mappings that do not change: what a call returns may belong to a cache, or to another result as well."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, NoReturn, TypeVar

if TYPE_CHECKING:
    from pydantic import GetCoreSchemaHandler
    from pydantic_core import CoreSchema

Key = TypeVar("Key")
Value = TypeVar("Value")
Class = TypeVar("Class", bound=type)

MAPPING = ("__setitem__", "__delitem__", "__ior__", "clear", "pop", "popitem", "setdefault", "update")
LIST = ("__setitem__", "__delitem__", "__iadd__", "__imul__", "append", "clear", "extend", "insert", "pop", "remove",
        "reverse", "sort")  # fmt: skip
"""The methods that change a mapping, and those that change a list."""


def _refuse(self: object, *arguments: object, **options: object) -> NoReturn:
    raise TypeError("this is read-only: change a copy, as `copy()` or `Spec.to_dict()` makes it")


def without(*methods: str) -> Callable[[Class], Class]:
    """A decorator of a class whose methods of these names raise `TypeError`."""

    def decorate(cls: Class) -> Class:
        for name in methods:
            setattr(cls, name, _refuse)
        return cls

    return decorate


@without(*MAPPING)
class ReadOnlyDict(dict[Key, Value]):
    """A mapping that does not change; `copy()` is an ordinary one."""

    __slots__ = ()

    def __reduce__(self) -> tuple[type, tuple[dict[Key, Value]]]:
        return type(self), (dict(self),)

    @classmethod
    def __get_pydantic_core_schema__(cls, source: type, handler: GetCoreSchemaHandler) -> CoreSchema:
        """To pydantic it is a mapping, as where a JSON Schema shows it for a default."""
        return handler.generate_schema(dict)


@without(*LIST)
class ReadOnlyList(list[Value]):
    """A list that does not change; `copy()` is an ordinary one."""

    __slots__ = ()

    def __reduce__(self) -> tuple[type, tuple[list[Value]]]:
        return type(self), (list(self),)

    @classmethod
    def __get_pydantic_core_schema__(cls, source: type, handler: GetCoreSchemaHandler) -> CoreSchema:
        """To pydantic it is a list, as where a JSON Schema shows it for a default."""
        return handler.generate_schema(list)


def read_only(value: object) -> object:
    """The value, with read-only lists and mappings in the place of all others in it."""
    if (seal := getattr(type(value), "seal", None)) is not None:
        sealed: object = seal(value)
        return sealed
    if type(value) is dict:
        return ReadOnlyDict({key: read_only(inner) for key, inner in value.items()})
    return ReadOnlyList(map(read_only, value)) if type(value) is list else value
