"""The functions of expressions, `${round_to(8 * alpha, 8)}`, and what they raise."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

from ..blocks.common import divisible
from ..errors import ConvspecError
from ..printing import quote


class ExpressionError(ConvspecError, ValueError):
    """An expression that cannot be evaluated; the message says what and what would do."""


class InvalidExpressionError(ExpressionError):
    """An expression that no values of the names in it make right: it is none, or names what there is not."""


def total(values: object) -> object:
    """The sum of numbers."""
    if not isinstance(values, (list, tuple)) or not all(isinstance(one, (int, float)) for one in values):
        raise ExpressionError(f"sum takes a list of numbers, not {quote(values)}")
    return sum(values)


def round_number(value: float, digits: int | None = None) -> float | int:
    """A number rounded to so many decimals; without them, to a whole number."""
    if digits is None:
        return round(value)
    if not isinstance(digits, int) or not -20 <= digits <= 20:
        raise ExpressionError(f"round takes from -20 to 20 digits, not {quote(digits)}")
    return round(value, digits)


def round_to(value: float, multiple: int) -> int:
    """The nearest multiple, halves upwards, and at least one of it."""
    return max(multiple, math.trunc(value / multiple + 0.5) * multiple)


def round_repeats(repeats: Sequence[float], depth: float) -> list[int]:
    """Each number of repeats times the depth coefficient, rounded up (EfficientNet's rule, arXiv:1905.11946)."""
    return [math.ceil(depth * count) for count in repeats]


def whole(value: str | float) -> int:
    """A number without its decimals; of a text, the number that it is."""
    return math.trunc(value) if isinstance(value, (int, float)) else int(value)


FUNCTIONS: dict[str, Callable[..., object]] = {
    "min": min,
    "max": max,
    "sum": total,
    "len": len,
    "abs": abs,
    "int": whole,
    "round": round_number,
    "floor": math.floor,
    "ceil": math.ceil,
    "sqrt": math.sqrt,
    "round_to": round_to,
    "divisible": divisible,
    "round_repeats": round_repeats,
}

COUNTING = ("len", "sum")
"""Functions that take the elements of a list together: one too many is no less so where they see it."""
