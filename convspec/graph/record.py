"""Classes whose constructor takes their annotated fields, as a dataclass's does.

`dataclasses` compiles source text for each class, and imports what reads source text: for forty operations that takes
longer than a spec to read.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, dataclass_transform

T = TypeVar("T")


@dataclass_transform(eq_default=False)
def record(*, frozen: bool = False) -> Callable[[type[T]], type[T]]:
    """Give a class the constructor of a dataclass, which ends in `__post_init__`; two are equal that are the same one.

    Fields behind `_: KW_ONLY` are given by name alone, and those of a base come first. Modules of records need
    `from __future__ import annotations`.
    """

    def decorate(cls: Any) -> Any:
        own = [name for name, kind in cls.__annotations__.items() if not kind.startswith("ClassVar")]
        positional = (*getattr(cls, "positional", ()), *(own[: own.index("_")] if "_" in own else own))
        fields = (*getattr(cls, "fields", ()), *(name for name in own if name != "_"))
        cls.positional, cls.fields = positional, fields
        cls.__init__ = _constructor(cls, positional, frozenset(fields))
        if frozen:
            cls.__setattr__ = _refuse
        return cls

    return decorate


def _constructor(cls: Any, positional: tuple[str, ...], fields: frozenset[str]) -> Callable[..., None]:
    needed = frozenset(name for name in fields if not hasattr(cls, name))  # a default is the class's attribute
    finish = getattr(cls, "__post_init__", None)
    right: set[Any] = set()  # ways of giving fields that are known to be right

    def construct(self: Any, *values: Any, **named: Any) -> None:
        given = vars(self)
        given.update(zip(positional, values, strict=False))
        given.update(named)
        if (way := (len(values), *named)) not in right:
            if len(given) < len(values) + len(named) or not needed <= given.keys() <= fields:
                raise TypeError(
                    f"{cls.__name__} takes {', '.join(sorted(fields))}, each once, not {way[0]} and {named}"
                )
            right.add(way)
        if finish is not None:
            finish(self)

    return construct


def _refuse(self: Any, name: str, value: Any) -> None:
    raise AttributeError(f"{type(self).__name__}.{name} cannot be set")
