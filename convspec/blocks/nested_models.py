"""The pydantic models that a field's type holds."""

from __future__ import annotations

from collections.abc import Iterator

from pydantic import BaseModel


def models_in(annotation: object) -> Iterator[type[BaseModel]]:
    """The models that a type holds, in the order that it names them."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    else:
        for argument in getattr(annotation, "__args__", ()):
            yield from models_in(argument)
