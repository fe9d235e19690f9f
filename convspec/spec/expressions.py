"""`${...}`: arithmetic over parameters and a few named functions, evaluated on the syntax tree, never by `eval`.

Division that comes out even gives a whole number, so that `${filters / 2}` can be a count.
"""

from __future__ import annotations

import ast
import math
import operator
import re
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Any

from ..blocks.parts import divisible
from ..blocks.spelling import did_you_mean

LONGEST = 500
MOST_ELEMENTS = 20 * LONGEST
LARGEST = 2**63

_HOLE = re.compile(r"\$\{([^{}]*)\}")


class ExpressionError(ValueError):
    """An expression that cannot be evaluated; the message says what and what would do."""


def round_to(value: float, multiple: int) -> int:
    """The nearest multiple, halves upwards, and at least one of it."""
    return max(multiple, math.trunc(value / multiple + 0.5) * multiple)


def round_repeats(repeats: Sequence[float], depth: float) -> list[int]:
    """Each number of repeats times the depth coefficient, rounded up (EfficientNet's rule, arXiv:1905.11946)."""
    return [math.ceil(depth * count) for count in repeats]


def whole(value: Any) -> int:
    """A number without what is behind its point; of a text, the number that it is."""
    return math.trunc(value) if isinstance(value, (int, float)) else int(value)


FUNCTIONS: dict[str, Callable[..., Any]] = {
    "min": min,
    "max": max,
    "sum": sum,
    "len": len,
    "abs": abs,
    "int": whole,
    "round": round,
    "floor": math.floor,
    "ceil": math.ceil,
    "sqrt": math.sqrt,
    "round_to": round_to,
    "divisible": divisible,
    "round_repeats": round_repeats,
}

CONSTANTS = {"true": True, "false": False, "null": None}

_BINARY: dict[type, Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
}
_COMPARE: dict[type, Callable[[Any, Any], Any]] = {
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.In: lambda one, many: one in many,
    ast.NotIn: lambda one, many: one not in many,
}
_UNARY: dict[type, Callable[[Any], Any]] = {ast.USub: operator.neg, ast.UAdd: operator.pos, ast.Not: operator.not_}


def has_expression(text: str) -> bool:
    """Whether a text holds a `${...}`."""
    return "${" in text


def substitute(text: str, names: Mapping[str, Any]) -> Any:
    """The value of a text: of any type where it is one `${...}`, else the text with each hole filled in.

    Raises `ExpressionError`.
    """
    if (expression := _whole_hole(text)) is not None:
        return evaluate(expression, names)
    filled = _HOLE.sub(lambda hole: str(evaluate(hole[1], names)), text)
    if "${" in filled:
        raise ExpressionError(f"{text!r} has a '${{' without its '}}'")
    return filled


def evaluate(expression: str, names: Mapping[str, Any]) -> Any:
    """The value of an expression over `names`. Raises `ExpressionError`."""
    try:
        return _value(_parse(expression), names)
    except ZeroDivisionError:
        raise ExpressionError(f"${{{expression}}} divides by zero") from None
    except RecursionError:
        raise ExpressionError(f"${{{expression}}} nests too deeply") from None
    except (TypeError, ValueError, OverflowError) as error:
        if isinstance(error, ExpressionError):
            raise
        raise ExpressionError(f"${{{expression}}} cannot be computed: {error}") from None


@lru_cache(maxsize=4096)
def names_in(text: str) -> frozenset[str]:
    """The names that the holes of a text use; none where it does not parse."""
    found: set[str] = set()
    for hole in _HOLE.findall(text):
        try:
            tree = _parse(hole)
        except ExpressionError:
            continue
        found |= {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    return frozenset(found)


@lru_cache(maxsize=4096)
def _whole_hole(text: str) -> str | None:
    """The expression of a text that is one `${...}` from end to end."""
    match = _HOLE.fullmatch(text)
    return match[1] if match else None


@lru_cache(maxsize=4096)
def _parse(expression: str) -> ast.expr:
    if len(expression) > LONGEST:
        raise ExpressionError(f"an expression of {len(expression)} characters is longer than {LONGEST}")
    try:
        return ast.parse(expression.strip(), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        raise ExpressionError(f"${{{expression}}} is no expression") from None


def _value(node: ast.expr, names: Mapping[str, Any]) -> Any:
    if type(node) is ast.Name and node.id in names:  # most of what is in expressions
        return names[node.id]
    handler = _HANDLERS.get(type(node))
    if handler is None:
        raise _not_allowed(node)
    return handler(node, names)


def _not_allowed(node: ast.expr) -> ExpressionError:
    return ExpressionError(f"{ast.unparse(node)!r} is not allowed in ${{...}}: arithmetic over parameters is")


def _constant(node: ast.Constant, names: Mapping[str, Any]) -> Any:
    if node.value is None or type(node.value) in (bool, int, float, str):
        return node.value
    raise _not_allowed(node)


def _binary(node: ast.BinOp, names: Mapping[str, Any]) -> Any:
    left, right, kind = _value(node.left, names), _value(node.right, names), type(node.op)
    if kind is ast.Div:
        return _divide(left, right)
    if kind is ast.Pow:
        return _power(left, right)
    if kind not in _BINARY:
        raise _not_allowed(node)
    return _combine(_BINARY[kind], left, right)


def _unary(node: ast.UnaryOp, names: Mapping[str, Any]) -> Any:
    if type(node.op) not in _UNARY:
        raise _not_allowed(node)
    return _UNARY[type(node.op)](_value(node.operand, names))


def _look_up(name: str, names: Mapping[str, Any]) -> Any:
    if name in names:
        return names[name]
    if name in CONSTANTS:
        return CONSTANTS[name]
    known = [*names, *FUNCTIONS]
    raise ExpressionError(f"no parameter is called {name!r}{did_you_mean(name, known)}")


def _divide(left: Any, right: Any) -> Any:
    if isinstance(left, int) and isinstance(right, int) and left % right == 0:
        return left // right  # exact, where a float has 53 bits
    return left / right


def _power(base: Any, exponent: Any) -> Any:
    if not isinstance(base, (int, float)) or not isinstance(exponent, (int, float)) or abs(exponent) > 64:
        raise ExpressionError(f"{base} ** {exponent} is out of bounds: an exponent is a number up to 64")
    return _bounded(base**exponent)


def _combine(function: Callable[[Any, Any], Any], left: Any, right: Any) -> Any:
    for value, other in ((left, right), (right, left)):
        if isinstance(value, (list, str)) and isinstance(other, int) and other * len(value) > MOST_ELEMENTS:
            raise ExpressionError(f"a list or text repeated {other} times is too long")
        if isinstance(value, str) and not isinstance(other, str):
            raise ExpressionError(f"{value!r} is text, not a number")
    return _bounded(function(left, right))


def _bounded(value: Any) -> Any:
    if isinstance(value, complex):
        raise ExpressionError("a root of a number below 0 is no real number")
    if isinstance(value, (int, float)) and not -LARGEST < value < LARGEST:
        raise ExpressionError(f"a number beyond {LARGEST:.2e} is out of bounds")
    if isinstance(value, list) and _is_long(value):
        raise ExpressionError(f"a list of more than {MOST_ELEMENTS:,} values is too long")
    return value


def _is_long(values: list[Any]) -> bool:
    """Whether a list, with the lists inside it, has too many values; the same list may stand in it many times."""
    count, waiting = 0, [values]
    while waiting and count <= MOST_ELEMENTS:
        part = waiting.pop()
        count += len(part)
        waiting += [inner for inner in part if isinstance(inner, list)]
    return count > MOST_ELEMENTS


def _bool(every: bool, values: list[ast.expr], names: Mapping[str, Any]) -> Any:
    value: Any = every
    for node in values:
        value = _value(node, names)
        if bool(value) != every:
            return value
    return value


def _compare(node: ast.Compare, names: Mapping[str, Any]) -> bool:
    left = _value(node.left, names)
    for op, right_node in zip(node.ops, node.comparators, strict=True):
        if type(op) not in _COMPARE:
            raise ExpressionError(f"{ast.unparse(node)!r} is not allowed in ${{...}}")
        right = _value(right_node, names)
        if not _COMPARE[type(op)](left, right):
            return False
        left = right
    return True


def _index(value: Any, index: ast.expr, names: Mapping[str, Any]) -> Any:
    if isinstance(index, ast.Slice):
        bounds = [None if bound is None else _value(bound, names) for bound in (index.lower, index.upper, index.step)]
        return value[slice(*bounds)]
    position = _value(index, names)
    if isinstance(value, dict):
        if position in value:
            return value[position]
        raise ExpressionError(f"there is no {position!r}{did_you_mean(str(position), map(str, value))}")
    if not isinstance(value, (list, str)) or not isinstance(position, int):
        raise ExpressionError(f"{value!r} cannot be indexed with {position!r}")
    if not -len(value) <= position < len(value):
        raise ExpressionError(f"index {position} is beyond a list of {len(value)}")
    return value[position]


def _call(node: ast.Call, names: Mapping[str, Any]) -> Any:
    if not isinstance(node.func, ast.Name) or node.keywords:
        raise _not_allowed(node)
    name, arguments = node.func.id, [_value(argument, names) for argument in node.args]
    if name not in FUNCTIONS:
        raise ExpressionError(
            f"no function is called {name!r}{did_you_mean(name, FUNCTIONS) or '; there are ' + ', '.join(FUNCTIONS)}"
        )
    return _bounded(FUNCTIONS[name](*arguments))


_HANDLERS: dict[type[ast.expr], Callable[[Any, Mapping[str, Any]], Any]] = {
    ast.Constant: _constant,
    ast.Name: lambda node, names: _look_up(node.id, names),
    ast.BinOp: _binary,
    ast.UnaryOp: _unary,
    ast.BoolOp: lambda node, names: _bool(isinstance(node.op, ast.And), node.values, names),
    ast.Compare: lambda node, names: _compare(node, names),
    ast.IfExp: lambda node, names: _value(node.body if _value(node.test, names) else node.orelse, names),
    ast.List: lambda node, names: _bounded([_value(element, names) for element in node.elts]),
    ast.Subscript: lambda node, names: _index(_value(node.value, names), node.slice, names),
    ast.Call: _call,
}
"""What may stand in an expression; nothing else is evaluated."""
