"""`${...}`: arithmetic over parameters and a few named functions, evaluated on the syntax tree, never by `eval`.

Division that comes out even gives a whole number, so that `${filters / 2}` can be a count.
"""

from __future__ import annotations

import ast
import operator
import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from ..printing import WORDS, quote
from ..suggestions import did_you_mean, nearest
from .functions import COUNTING, FUNCTIONS, ExpressionError, InvalidExpressionError, UnknownNameError, call, no_number

if TYPE_CHECKING:
    from .unused import Usage

LONGEST = 500
MOST_ELEMENTS = 20 * LONGEST
"""Values of a list, those of the lists in it included; also letters of a text."""
# Sizes and counts are 64-bit integers in Keras and TensorFlow.
LARGEST_NUMBER = 2**63
MOST_WORK = 300_000
"""Steps that the expressions of a document take together, elements of lists that they read included."""

_HOLE = re.compile(r"\$\{([^{}]*)\}")


class Work:
    """What the expressions of one document may cost, a limit on time whatever they compute, and what they use."""

    def __init__(self, most: int = MOST_WORK, usage: Usage | None = None) -> None:
        self.left, self.usage = most, usage

    def use(self, value: object) -> None:
        """Note that all of a list or mapping is used."""
        if self.usage is not None and isinstance(value, (list, dict)):
            self.usage.read_all(value)

    def spend(self, steps: int) -> None:
        """Count steps. Raises `ExpressionError` where there are too many."""
        self.left -= steps
        if self.left < 0:
            raise ExpressionError(f"the expressions of this document take more than {MOST_WORK:,} steps; repeat less")


def size_of(value: object, most: int = MOST_ELEMENTS) -> int:
    """How many values a value holds, itself and those inside it, 64 letters of a text for one; counted up to `most`.

    What is in several places counts in each, since whoever reads it meets it there.
    """
    count, waiting = 0, [value]
    while waiting and count <= most:
        one = waiting.pop()
        count += 1
        if isinstance(one, str):
            count += len(one) // 64
        elif isinstance(one, (list, tuple)):
            waiting += one[: most + 1]
        elif isinstance(one, Mapping):
            waiting += one.values()
    return count


Names = Mapping[str, object]

Operator = Callable[..., object]
"""Whether its operands are of types that it takes is known when it is called, by `_applied`."""

CONSTANTS = {"true": True, "false": False, "null": None}

_BINARY: dict[type[ast.operator], Operator] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
}
_COMPARE: dict[type[ast.cmpop], Operator] = {
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.In: lambda one, many: _holds(many, one),
    ast.NotIn: lambda one, many: not _holds(many, one),
}
_UNARY: dict[type[ast.unaryop], Operator] = {
    ast.USub: operator.neg,
    ast.UAdd: operator.pos,
    ast.Not: operator.not_,
}


def has_expression(text: str) -> bool:
    """Whether a text holds a `${...}`."""
    return "${" in text


def substitute(text: str, names: Names, work: Work | None = None) -> object:
    """The value of a text: of any type where it is one `${...}`, else the text with each hole filled in.

    Raises `ExpressionError`.
    """
    work = work or Work()
    if (expression := _whole_hole(text)) is not None:
        return evaluate(expression, names, work)
    parts, length, end = [], 0, 0
    for hole in _HOLE.finditer(text):
        parts += [text[end : hole.start()], _inserted(evaluate(hole[1], names, work), work)]
        end = hole.end()
        length += len(parts[-2]) + len(parts[-1])
        if length > MOST_ELEMENTS:
            raise ExpressionError(f"{quote(text)} becomes longer than {MOST_ELEMENTS:,} characters")
    filled = "".join([*parts, text[end:]])
    if "${" in filled:
        raise InvalidExpressionError(f"{quote(text)} has a '${{' without its '}}'")
    return filled


def _inserted(value: object, work: Work) -> str:
    """A value as a part of a text."""
    work.use(value)
    if value is None:
        raise ExpressionError("null cannot be a part of a text")
    if isinstance(value, (list, dict)) and size_of(value) > MOST_ELEMENTS // 10:
        raise ExpressionError(f"{quote(value)} is too long for a part of a text")
    return WORDS[value] if isinstance(value, bool) else str(value)


def evaluate(expression: str, names: Names, work: Work | None = None) -> object:
    """The value of an expression over `names`. Raises `ExpressionError`."""
    try:
        return _value(_parse(expression), names, work or Work())
    except ZeroDivisionError:
        raise ExpressionError(f"${{{expression}}} divides by zero") from None
    except RecursionError:
        raise ExpressionError(f"${{{expression}}} nests too deeply") from None
    except OverflowError:
        raise _beyond() from None


def _applied(function: Operator, *operands: object) -> object:
    """What an operator gives. Raises `ExpressionError` for operands of types that it does not take."""
    try:
        return function(*operands)
    except TypeError:
        raise no_number(*operands) from None


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
        raise InvalidExpressionError(f"an expression of {len(expression)} characters is longer than {LONGEST}")
    try:
        return ast.parse(expression.strip(), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        raise InvalidExpressionError(f"${{{expression}}} is no expression") from None


def _value(node: ast.expr, names: Names, work: Work) -> object:
    work.left -= 1
    if type(node) is ast.Name and node.id in names:  # most of what is in expressions
        return names[node.id]
    if work.left < 0:
        work.spend(0)
    match node:
        case ast.BinOp():
            return _binary(node, names, work)
        case ast.Constant() if node.value is None or isinstance(node.value, (int, float, str)):
            return node.value
        case ast.Name():
            return _look_up(node.id, names)
        case ast.UnaryOp() if type(node.op) in _UNARY:
            return _applied(_UNARY[type(node.op)], _value(node.operand, names, work))
        case ast.BoolOp():
            return _bool(isinstance(node.op, ast.And), node.values, names, work)
        case ast.Compare():
            return _compare(node, names, work)
        case ast.IfExp():
            return _value(node.body if _value(node.test, names, work) else node.orelse, names, work)
        case ast.List():
            values = [_value(element, names, work) for element in node.elts]
            work.use(values)
            return _bounded(values, work)
        case ast.Subscript():
            return _index(_value(node.value, names, work), node.slice, names, work)
        case ast.Call(func=ast.Name(id=name), keywords=[]):
            return _call(name, [_value(argument, names, work) for argument in node.args], work)
    raise _not_allowed(node)


def _not_allowed(node: ast.expr) -> InvalidExpressionError:
    return InvalidExpressionError(
        f"{quote(ast.unparse(node))} is not allowed in ${{...}}: arithmetic over parameters is"
    )


def _binary(node: ast.BinOp, names: Names, work: Work) -> object:
    left, right, kind = _value(node.left, names, work), _value(node.right, names, work), type(node.op)
    work.use(left)
    work.use(right)
    if kind is ast.Div:
        return _applied(_divide, left, right)
    if kind is ast.Pow:
        return _bounded(_power(left, right), work)
    if kind not in _BINARY:
        raise _not_allowed(node)
    return _combine(_BINARY[kind], left, right, work)


def _look_up(name: str, names: Mapping[str, object]) -> object:
    if name in names:
        return names[name]
    if name in CONSTANTS:
        return CONSTANTS[name]
    if name in FUNCTIONS:
        raise InvalidExpressionError(f"{name!r} is a function and needs its arguments: {name}(...)")
    meant = nearest(name, [*names, *CONSTANTS])
    hint = f"; did you mean {meant!r}?" if meant else ""
    raise UnknownNameError(f"no parameter is called {name!r}{hint}", meant)


def _divide(left: Any, right: Any) -> object:
    # exact, where a float has 53 bits; and a count, which `${filters / 2}` has to be
    if isinstance(left, int) and isinstance(right, int) and left % right == 0:
        return left // right
    return left / right


def _power(base: object, exponent: object) -> object:
    # Python computes 9 ** 999_999 to its last digit before anything can check its size
    if not isinstance(base, (int, float)) or not isinstance(exponent, (int, float)) or abs(exponent) > 64:
        raise ExpressionError(f"{quote(base)} ** {quote(exponent)} is out of bounds: an exponent is a number up to 64")
    return base**exponent


def _combine(function: Operator, left: object, right: object, work: Work) -> object:
    # before it is computed: `[0] * 10**9` takes all memory
    for value, other in ((left, right), (right, left)):
        if isinstance(value, (list, str)) and isinstance(other, int) and other * len(value) > MOST_ELEMENTS:
            raise ExpressionError(f"a list or text repeated {quote(other)} times is too long")
        if isinstance(value, str) and (not isinstance(other, str) or function is not operator.add):
            raise ExpressionError(f"{quote(value)} is text, not a number")
    return _bounded(_applied(function, left, right), work)


def _beyond() -> ExpressionError:
    return ExpressionError(f"a number beyond {LARGEST_NUMBER:.2e} is out of bounds")


def _bounded(value: object, work: Work) -> object:
    if isinstance(value, complex):
        raise ExpressionError("a root of a number below 0 is no real number")
    if isinstance(value, (int, float)):
        if not -LARGEST_NUMBER < value < LARGEST_NUMBER:
            raise _beyond()
    elif isinstance(value, str):
        if len(value) > MOST_ELEMENTS:
            raise ExpressionError(f"a text of more than {MOST_ELEMENTS:,} characters is too long")
        work.spend(len(value) // 64)
    elif isinstance(value, (list, dict)):
        size = size_of(value)
        work.spend(size)
        if size > MOST_ELEMENTS:
            raise ExpressionError(f"a list of more than {MOST_ELEMENTS:,} values is too long")
    return value


def _holds(many: object, one: object) -> bool:
    if isinstance(many, list) or (isinstance(one, str) and isinstance(many, (str, dict))):
        return one in many
    raise ExpressionError(f"`in` takes a list, or two texts, not {quote(one)} and {quote(many)}")


def _bool(every: bool, values: list[ast.expr], names: Names, work: Work) -> object:
    value: object = every
    for node in values:
        value = _value(node, names, work)
        if bool(value) != every:
            return value
    return value


def _compare(node: ast.Compare, names: Names, work: Work) -> bool:
    left = _value(node.left, names, work)
    for op, right_node in zip(node.ops, node.comparators, strict=True):
        if type(op) not in _COMPARE:
            raise ExpressionError(f"{quote(ast.unparse(node))} is not allowed in ${{...}}")
        right = _value(right_node, names, work)
        if isinstance(right, (list, str, dict)):  # the whole of it may be compared, or searched
            work.spend(size_of(right))
        work.use(left)
        work.use(right)
        if not _applied(_COMPARE[type(op)], left, right):
            return False
        left = right
    return True


def _index(value: object, index: ast.expr, names: Names, work: Work) -> object:
    if isinstance(index, ast.Slice):
        bounds: list[Any] = [bound and _value(bound, names, work) for bound in (index.lower, index.upper, index.step)]
        if not isinstance(value, (list, str)):
            raise ExpressionError(f"{quote(value)} is no list, and has no part from one place to another")
        part = _part(value, bounds)
        if work.usage is not None and not isinstance(value, str):
            work.usage.derive(part, value, alike=False)
        return _bounded(part, work)
    position = _value(index, names, work)
    if isinstance(value, dict):
        if isinstance(position, str) and position in value:
            if work.usage is not None:
                work.usage.read_part(value, position)
            return value[position]
        hint = did_you_mean(str(position), map(str, value))
        raise ExpressionError(f"{quote(value)} has no key {quote(position)}{hint}")
    if not isinstance(value, (list, str)) or not isinstance(position, int):
        raise ExpressionError(f"{quote(value)} cannot be indexed with {quote(position)}")
    if not -len(value) <= position < len(value):
        raise ExpressionError(f"index {position} is beyond a list of {len(value)}")
    if work.usage is not None:
        work.usage.read_part(value, position % len(value))
    return value[position]


def _part(value: list[object] | str, bounds: list[Any]) -> list[object] | str:
    try:
        return value[slice(*bounds)]
    except (TypeError, ValueError):  # a step of 0
        raise ExpressionError(f"{quote(bounds)} are no start, end and step of a part") from None


def _call(name: str, arguments: list[object], work: Work) -> object:
    if name not in FUNCTIONS:
        raise InvalidExpressionError(
            f"no function is called {name!r}{did_you_mean(name, FUNCTIONS) or '; there are ' + ', '.join(FUNCTIONS)}"
        )
    work.spend(sum(size_of(one) for one in arguments if isinstance(one, (list, str, dict))))
    result = _bounded(call(name, arguments), work)
    for argument in arguments if name not in COUNTING else ():
        if name == "round_repeats" and work.usage is not None and isinstance(argument, list):
            work.usage.derive(result, argument, alike=True)
        else:
            work.use(argument)
    return result
