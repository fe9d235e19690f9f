"""The functions of expressions, `${round_to(8 * alpha, 8)}`, and what they raise."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import NamedTuple

from ..blocks.common import divisible
from ..errors import ConvspecError
from ..printing import quote


class ExpressionError(ConvspecError, ValueError):
    """An expression that cannot be evaluated; the message says what and what would do."""


class InvalidExpressionError(ExpressionError):
    """An expression that no values of the names in it make right: it is none, or names what there is not."""


class UnknownNameError(InvalidExpressionError):
    """A name that is no parameter; `meant` is the parameter that was probably meant, or empty."""

    def __init__(self, message: str, meant: str) -> None:
        super().__init__(message)
        self.meant = meant


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


class Function(NamedTuple):
    """What computes a function, and what it takes, as its errors say."""

    compute: Callable[..., object]
    takes: str


_NUMBER = "a number"

FUNCTIONS = {
    "min": Function(min, "two numbers or more, or a list of them"),
    "max": Function(max, "two numbers or more, or a list of them"),
    "sum": Function(total, "a list of numbers"),
    "len": Function(len, "a list or a text"),
    "abs": Function(abs, _NUMBER),
    "int": Function(whole, "a number, or a text that is a whole number"),
    "round": Function(round_number, "a number, and how many digits after the point"),
    "floor": Function(math.floor, _NUMBER),
    "ceil": Function(math.ceil, _NUMBER),
    "sqrt": Function(math.sqrt, "a number that is at least 0"),
    "round_to": Function(round_to, "a number and a multiple"),
    "divisible": Function(divisible, "a number, and a divisor"),
    "round_repeats": Function(round_repeats, "a list of numbers, and a depth coefficient"),
}


def call(name: str, arguments: list[object]) -> object:
    """The value of a function. Raises `ExpressionError` for arguments that it does not take."""
    function = FUNCTIONS[name]
    try:
        return function.compute(*arguments)
    except ExpressionError:
        raise
    except (TypeError, ValueError):
        given = " and ".join(map(quote, arguments)) or "nothing"
        raise ExpressionError(f"{name} takes {function.takes}, not {given}") from None


def no_number(*operands: object) -> ExpressionError:
    """The error of an operator that not all operands have: it names the first that is no number."""
    value = next((one for one in operands if isinstance(one, (str, list, dict))), None)
    kind = "text" if isinstance(value, str) else "a list" if isinstance(value, list) else "a mapping"
    return ExpressionError(f"{quote(value)} is {kind}, not a number" if value is not None else "null is no number")


COUNTING = ("len", "sum")
"""Functions that take the elements of a list together: one too many is no less so where they see it."""
