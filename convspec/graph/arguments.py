"""The types of operations' arguments: what a user may write, what becomes of it, and the message for all else.

Operations name these types and do not check them: a block, which is what a user writes, is a pydantic model and does.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Annotated, Literal, TypeGuard

from pydantic import BeforeValidator, Field, PlainValidator, WithJsonSchema

from ..printing import quote

Pair = tuple[int, int]
Border = tuple[Pair, Pair]
"""((top, bottom), (left, right))."""

LARGEST = 2**24
"""No size, count or stride in a network comes near; a slip of the keyboard does."""

Count = Annotated[int, Field(gt=0, le=LARGEST)]
Rate = Annotated[float, Field(ge=0, lt=1)]


def _is_whole(value: object, lowest: int) -> TypeGuard[int]:
    return isinstance(value, int) and not isinstance(value, bool) and lowest <= value <= LARGEST


def pair(value: int | Sequence[int]) -> Pair:
    """`3` -> `(3, 3)`; a sequence of two stays as it is."""
    if isinstance(value, int):
        return value, value
    first, second = value
    return first, second


def border(padding: int | Pair | Border) -> Border:
    """Keras's forms of zero padding as ((top, bottom), (left, right))."""
    height, width = padding if isinstance(padding, (tuple, list)) else (padding, padding)
    return pair(height), pair(width)


def _two(value: object) -> tuple[object, object]:
    """`3` -> `(3, 3)`; `[3, 5]` -> `(3, 5)`."""
    return (value[0], value[1]) if isinstance(value, (list, tuple)) and len(value) == 2 else (value, value)


def _size(value: object) -> Pair:
    height, width = _two(value)
    if _is_whole(height, 1) and _is_whole(width, 1):
        return height, width
    raise ValueError(f"expected a whole number above 0, or two as [height, width], not {quote(value)}")


def _sides(forms: str) -> Callable[[object], Border]:
    def validate(value: object) -> Border:
        (top, bottom), (left, right) = (_two(one) for one in _two(value))
        if _is_whole(top, 0) and _is_whole(bottom, 0) and _is_whole(left, 0) and _is_whole(right, 0):
            return (top, bottom), (left, right)
        message = f"expected {forms}, [vertical, horizontal] or [[top, bottom], [left, right]], not {quote(value)}"
        raise ValueError(message)

    return validate


_zeros = _sides("valid, same, a number of zeros")


def _padding(value: object) -> object:
    if isinstance(value, str) and value not in ("valid", "same") and value.lower() in ("valid", "same"):
        raise ValueError(f"no padding is called {quote(value)}; did you mean {value.lower()!r}?")
    return value if value in ("valid", "same") else _zeros(value)


_WHOLE = {"type": "integer", "minimum": 1}
_ZEROS = {"type": "integer", "minimum": 0}
_SIDE = {"type": "array", "items": _ZEROS, "minItems": 2, "maxItems": 2}
_SIDES = [_ZEROS, {"type": "array", "items": {"anyOf": [_ZEROS, _SIDE]}, "minItems": 2, "maxItems": 2}]

_SIZE_SCHEMA = WithJsonSchema({"anyOf": [_WHOLE, {"type": "array", "items": _WHOLE, "minItems": 2, "maxItems": 2}]})

Size = Annotated[int | Pair, PlainValidator(_size), _SIZE_SCHEMA]
"""Height and width, or one number for both; validation makes two of it."""

Sides = Annotated[int | Pair | Border, PlainValidator(_sides("a number of pixels")), WithJsonSchema({"anyOf": _SIDES})]
"""Pixels at the edges, counted by the author."""

KernelSize = Annotated[Size, Field(description="height and width of the filters")]
Strides = Annotated[Size, Field(description="steps of the filters")]
DilationRate = Annotated[Size, Field(description="distance between the taps of a filter")]
Filters = Annotated[Count, Field(description="channels of the output")]
Padding = Annotated[
    Literal["valid", "same"] | int | Pair | Border,
    PlainValidator(_padding),
    WithJsonSchema({"anyOf": [{"enum": ["valid", "same"]}, *_SIDES]}),
    Field(description="valid, same, or zeros laid around the input"),
]
"""Keras's two words, or zeros counted by the author."""

TargetShape = Annotated[
    tuple[int, ...],
    BeforeValidator(lambda value: tuple(value) if isinstance(value, list) else value),
    Field(description="the new shape, the batch left out"),
]
UseBias = Annotated[bool, Field(description="add a bias")]
