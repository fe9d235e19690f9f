"""How blocks and the sections of a document are declared: fields with a type, a default, a meaning and limits.

A declaration is written once and read twice. `accepting` takes values that are plainly right, at once. Whatever else
there is goes to the pydantic model that `judging` makes of the same declaration: it alone says what is wrong, and the
JSON Schema and the reference come from it. So a right spec never waits for pydantic's import.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any, ClassVar, Self, TypeVar, dataclass_transform, get_origin, get_type_hints

T = TypeVar("T")
D = TypeVar("D", bound="Declared")

MISSING: Any = object()
"""The default of a field that must be given."""


class FieldError(ValueError):
    """What is wrong with a value, in one sentence; pydantic's `ValidationError` carries it with its place."""

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(message)
        self.kind = kind


class Limits:
    """What a value must keep to: `gt`, `ge`, `lt`, `le` for numbers, `min_length` for lists, `pattern` for texts."""

    def __init__(self, **given: Any) -> None:
        self.given = given

    def __get_pydantic_core_schema__(self, source: Any, handler: Any) -> Any:
        return {**handler(source), **self.given}


class Rule:
    """A check of one's own, as `Annotated[int, Rule(check)]`: it returns the value, or raises `FieldError`.

    It runs after the check of the type; with `before`, ahead of it, and may bring the value into the type's form.
    `schema` is the JSON Schema of what may be written, where the type does not say it. `at_once` stands for `check`
    where nobody asks what is wrong.
    """

    def __init__(
        self,
        check: Callable[[Any], Any] | None = None,
        *,
        before: bool = False,
        schema: dict[str, Any] | None = None,
        at_once: Callable[[Any], Any] | None = None,
    ) -> None:
        self.check, self.before, self.schema = check, before, schema
        self.at_once = at_once or check

    def __get_pydantic_core_schema__(self, source: Any, handler: Any) -> Any:
        from .judging import with_rule

        return with_rule(self, handler(source))

    def __get_pydantic_json_schema__(self, schema: Any, handler: Any) -> Any:
        return dict(self.schema) if self.schema is not None else handler(schema)


class Field:
    """One field of a declaration. `written` is its name in a spec where Python does not allow that one."""

    __slots__ = ("annotation", "default", "description", "limits", "written")

    def __init__(self, default: Any, description: str = "", written: str | None = None, **limits: Any) -> None:
        self.default, self.description, self.written = default, description, written
        self.limits = limits
        self.annotation: Any = None


def field(*, default: Any = MISSING, description: str, written: str | None = None, **limits: Any) -> Any:
    """A field with its meaning; `limits` are those of `Limits`. Without a default it must be given."""
    return Field(default, description, written, **limits)


@dataclass_transform(kw_only_default=True, frozen_default=True, field_specifiers=(field,))
class Declared:
    """Something with declared fields: its annotations, each with a default or a `field(...)` behind it.

    `Conv(filters=64)` and `Conv.read({"filters": 64})` check the fields; pydantic's `ValidationError` says what is
    wrong. Fields never change afterwards. Two are equal whose fields are.
    """

    _own: ClassVar[dict[str, Field]] = {}

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        cls._own = {}
        # `inspect` has a function for this, and takes longer to import than a spec to read
        for name in cls.__dict__.get("__annotations__", ()):  # noqa: RUF063
            given = cls.__dict__.get(name, MISSING)
            cls._own[name] = one = given if isinstance(given, Field) else Field(given)
            if type(one.default).__module__.startswith("pydantic"):
                raise TypeError(f"{cls.__name__}.{name}: declare it with convspec.blocks.field, not pydantic's Field")
            if any(name in vars(base) and name not in vars(base).get("_own", ()) for base in cls.__mro__[1:]):
                raise TypeError(f"{cls.__name__}.{name}: a field cannot be called that; its base class has a {name!r}")
            if one.default is not MISSING:
                setattr(cls, name, one.default)
            elif given is not MISSING:
                delattr(cls, name)

    def __init__(self, **values: Any) -> None:
        vars(self).update(vars(self.read(values)))

    @classmethod
    def read(cls, value: Any) -> Self:
        """What a mapping declares. Raises pydantic's `ValidationError`."""
        from .accepting import Doubt, accept

        try:
            return accept(cls, value)
        except Doubt:
            from .judging import judge

            return judge(cls, value)

    def check(self) -> None:
        """Raise `FieldError` where fields that are right alone do not go together."""

    def __setattr__(self, name: str, value: Any) -> None:
        raise AttributeError(f"{type(self).__name__}.{name} cannot be set: fields never change")

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other) and self._values() == other._values()

    def __hash__(self) -> int:
        return hash((type(self), *self._values().values()))

    def __repr__(self) -> str:
        return f"{type(self).__name__}({', '.join(f'{name}={value!r}' for name, value in self._values().items())})"

    def _values(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in fields_of(type(self))}

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: Any) -> Any:
        from .judging import schema_of

        return schema_of(cls, handler)


def make(declared: type[D], values: dict[str, Any]) -> D:
    """An instance with these fields, which are known to be right."""
    made = declared.__new__(declared)
    vars(made).update(values)
    return made


def per_class(function: Callable[[type[Declared]], T]) -> Callable[[type[Declared]], T]:
    """Computed once for each class."""
    return cache(function)  # type: ignore[return-value]  # mypy takes the hash of instances for the class's


@per_class
def fields_of(declared: type[Declared]) -> dict[str, Field]:
    """The fields of a declaration by their names in Python, those of its bases first."""
    fields: dict[str, Field] = {}
    for name, annotation in get_type_hints(declared, include_extras=True).items():
        if not name.startswith("_") and get_origin(annotation) is not ClassVar:
            owner = next(base for base in declared.__mro__ if name in base.__dict__.get("_own", ()))
            fields[name] = vars(owner)["_own"][name]
            fields[name].annotation = annotation
    return fields
