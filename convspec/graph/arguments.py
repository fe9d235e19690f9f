"""The types of operations' arguments: what a user may write, what becomes of it, and the message for all else.

Operations name these types and do not check them: a block, which is what a user writes, is a pydantic model and does.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import BeforeValidator, Field, PlainValidator, WithJsonSchema

from ..printing import quote

Pair = tuple[int, int]
Border = tuple[Pair, Pair]
"""((top, bottom), (left, right))."""

LARGEST = 2**24
"""No size, count or stride in a network comes near; a slip of the keyboard does."""

Count = Annotated[int, Field(gt=0, le=LARGEST)]
Rate = Annotated[float, Field(ge=0, lt=1)]


def _is_whole(value: Any, lowest: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and lowest <= value <= LARGEST


def border(padding: int | Pair | Border) -> Border:
    """Keras's forms of zero padding as ((top, bottom), (left, right))."""
    height, width = _two(padding)
    return _two(height), _two(width)


def _two(value: Any) -> tuple[Any, Any]:
    """`3` -> `(3, 3)`; `[3, 5]` -> `(3, 5)`."""
    return (value[0], value[1]) if isinstance(value, (list, tuple)) and len(value) == 2 else (value, value)


def _size(value: Any) -> Pair:
    sizes = _two(value)
    if all(_is_whole(one, 1) for one in sizes):
        return sizes[0], sizes[1]
    raise ValueError(f"expected a whole number above 0, or two as [height, width], not {quote(value)}")


def _sides(forms: str) -> Callable[[Any], Border]:
    def validate(value: Any) -> Border:
        sides = [tuple(one) if isinstance(one, (list, tuple)) else (one, one) for one in _two(value)]
        if all(len(side) == 2 and all(_is_whole(one, 0) for one in side) for side in sides):
            return (sides[0][0], sides[0][1]), (sides[1][0], sides[1][1])
        message = f"expected {forms}, [vertical, horizontal] or [[top, bottom], [left, right]], not {quote(value)}"
        raise ValueError(message)

    return validate


_zeros = _sides("valid, same, a number of zeros")


def _padding(value: Any) -> str | Border:
    return value if value in ("valid", "same") else _zeros(value)


def _as_tuple(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


_WHOLE = {"type": "integer", "minimum": 1}
_ZEROS = {"type": "integer", "minimum": 0}
_SIDE = {"type": "array", "items": _ZEROS, "minItems": 2, "maxItems": 2}
_SIDES = [_ZEROS, {"type": "array", "items": {"anyOf": [_ZEROS, _SIDE]}, "minItems": 2, "maxItems": 2}]

_SIZE_SCHEMA = WithJsonSchema({"anyOf": [_WHOLE, {"type": "array", "items": _WHOLE, "minItems": 2, "maxItems": 2}]})

if TYPE_CHECKING:
    Size = Any  # one number is right, too, but type checkers do not know the validator that makes two of it
else:
    Size = Annotated[Pair, PlainValidator(_size), _SIZE_SCHEMA]
"""Height and width, which a user may write as one number for both."""

OneOrTwo = Annotated[int | Pair, PlainValidator(_size), _SIZE_SCHEMA]
"""The same, for an operation, which takes one number, too."""

Sides = Annotated[int | Pair | Border, PlainValidator(_sides("a number of pixels")), WithJsonSchema({"anyOf": _SIDES})]
"""Pixels at the edges, counted by the author."""

KernelSize = Annotated[OneOrTwo, Field(description="height and width of the filters")]
Strides = Annotated[OneOrTwo, Field(description="steps of the filters")]
DilationRate = Annotated[OneOrTwo, Field(description="distance between the taps of a filter")]
Filters = Annotated[Count, Field(description="channels of the output")]
Padding = Annotated[
    str | int | Pair | Border,
    PlainValidator(_padding),
    WithJsonSchema({"anyOf": [{"enum": ["valid", "same"]}, *_SIDES]}),
    Field(description="valid, same, or zeros laid around the input"),
]
"""Keras's two words, or zeros counted by the author."""

TargetShape = Annotated[
    tuple[int, ...], BeforeValidator(_as_tuple), Field(description="the new shape, the batch left out")
]
UseBias = Annotated[bool, Field(description="add a bias")]
