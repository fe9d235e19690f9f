"""Numbers that note what is done with them, so that it can be done again with others, without the code that did it.

A `SymbolicNumber` stands for a number and behaves as one: arithmetic on it is noted in its `Decisions`, and so is what
was decided by it: a comparison, a condition, a text or an index of it. Other numbers for which each decision goes the
same way would have had the same steps done with them, so a `Recording` has the same results as the code itself; where
one goes another way, it has none.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

Number = int | float


class Instruction(NamedTuple):
    """One operation on one or two registers. `expected` is how it has to turn out where something depends on it."""

    operation: Callable[[Any, Any], Any]
    left: int
    right: int
    expected: bool | None = None


class Recording:
    """The steps from some numbers to some results. The registers hold the numbers, the constants, then each result."""

    def __init__(self, constants: Sequence[Number], steps: Sequence[Instruction], results: Sequence[int]) -> None:
        self.constants, self.steps, self.results = tuple(constants), tuple(steps), tuple(results)

    def replay(self, numbers: Sequence[Number]) -> list[Number] | None:
        """The results for these numbers; None where something would have been decided otherwise."""
        registers: list[Any] = [*numbers, *self.constants]
        add = registers.append
        try:
            for operation, left, right, expected in self.steps:
                value = operation(registers[left], registers[right])
                if expected is not None and value is not expected:
                    return None
                add(value)
        except (ArithmeticError, ValueError):  # such as a division by zero: the code itself says what that means
            return None
        return [registers[index] for index in self.results]


class _Noted(NamedTuple):
    """A step while it is taken: what it was done with, and the tracer or the decision that it came to."""

    operation: Callable[[Any, Any], Any]
    left: Any
    right: Any
    result: Any

    @property
    def decision(self) -> bool | None:
        return self.result if type(self.result) is bool else None


class Decisions:
    """What was done with some numbers. An operation that was done before is not noted again."""

    def __init__(self) -> None:
        self.inputs: list[SymbolicNumber] = []
        self._noted: dict[tuple[Any, ...], _Noted] = {}

    def input(self, number: Number) -> SymbolicNumber:
        """A number to begin with."""
        self.inputs.append(SymbolicNumber(self, number))
        return self.inputs[-1]

    def apply(self, operation: Callable[[Any, Any], Any], left: Any, right: Any) -> SymbolicNumber:
        """The result of an operation on two numbers, of which one at least is on this tape."""
        return self._note(operation, left, right, lambda number: SymbolicNumber(self, number))  # type: ignore[no-any-return]

    def decide(self, operation: Callable[[Any, Any], Any], left: Any, right: Any) -> bool:
        """The result of a comparison, on which something depends from here on."""
        return self._note(operation, left, right, bool)  # type: ignore[no-any-return]

    def _note(self, operation: Callable[[Any, Any], Any], left: Any, right: Any, make: Callable[[Any], Any]) -> Any:
        key = (operation, _identity(left), _identity(right))
        if key not in self._noted:
            self._noted[key] = _Noted(operation, left, right, make(operation(_plain(left), _plain(right))))
        return self._noted[key].result

    def recording(self, results: Sequence[Any]) -> Recording:
        """What leads from the inputs to these results, and to the decisions on the way."""
        kept = self._kept(results)
        used = [*results, *(number for noted in kept for number in (noted.left, noted.right))]
        constants = {_identity(one): one for one in used if type(one) is not SymbolicNumber}
        places: dict[Any, int] = {_identity(one): index for index, one in enumerate(self.inputs)}
        places |= {key: len(places) + index for index, key in enumerate(constants)}
        steps = []
        for index, noted in enumerate(kept, len(places)):
            left, right = places[_identity(noted.left)], places[_identity(noted.right)]
            steps.append(Instruction(noted.operation, left, right, noted.decision))
            if noted.decision is None:
                places[_identity(noted.result)] = index
        return Recording(list(constants.values()), steps, [places[_identity(one)] for one in results])

    def _kept(self, results: Sequence[Any]) -> list[_Noted]:
        """The decisions, and the steps that they or the results need."""
        needed, kept = {id(one) for one in results}, []
        for noted in reversed(self._noted.values()):
            if noted.decision is not None or id(noted.result) in needed:
                needed |= {id(noted.left), id(noted.right)}
                kept.append(noted)
        return kept[::-1]


def _identity(value: Any) -> tuple[Any, ...]:
    """What is the same for equal constants of one type, and for a tracer and itself."""
    return (SymbolicNumber, id(value)) if type(value) is SymbolicNumber else (type(value), repr(value))


def _plain(value: Any) -> Any:
    return value.number if type(value) is SymbolicNumber else value


def _binary(operation: Callable[[Any, Any], Any]) -> tuple[Callable[..., Any], Callable[..., Any]]:
    """An operation's method, and that for the case that the tracer stands on the right."""

    def forward(self: SymbolicNumber, other: Any) -> Any:
        return self.tape.apply(operation, self, other) if isinstance(other, (int, float)) else NotImplemented

    def backward(self: SymbolicNumber, other: Any) -> Any:
        return self.tape.apply(operation, other, self) if isinstance(other, (int, float)) else NotImplemented

    return forward, backward


def _comparison(operation: Callable[[Any, Any], Any]) -> Callable[..., Any]:
    def compare(self: SymbolicNumber, other: Any) -> Any:
        return self.tape.decide(operation, self, other) if isinstance(other, (int, float)) else NotImplemented

    return compare


def _unary(function: Callable[[Any], Any]) -> Callable[[SymbolicNumber], Any]:
    def operation(value: Any, _: Any) -> Any:
        return function(value)

    return lambda self: self.tape.apply(operation, self, self)


def _fixed(function: Callable[..., Any]) -> Callable[..., Any]:
    """What needs the number itself, and so decides by it."""

    def method(self: SymbolicNumber, *arguments: Any) -> Any:
        self.tape.decide(operator.eq, self, self.number)
        return function(self.number, *arguments)

    return method


class SymbolicNumber:
    """A number on a tape. To `isinstance` it is an int or a float; C code gets the number and makes it a decision."""

    __slots__ = ("number", "tape")

    def __init__(self, tape: Decisions, number: Number) -> None:
        self.tape, self.number = tape, number

    @property  # type: ignore[misc]  # nothing sets it; `isinstance` asks for it
    def __class__(self) -> Any:
        return type(self.number)

    def __copy__(self) -> SymbolicNumber:
        return self  # what a copy decided would stand on no tape, or on a copied one

    def __deepcopy__(self, memo: Any) -> SymbolicNumber:
        return self

    def __reduce_ex__(self, protocol: Any) -> Any:
        raise TypeError("a number of a tape stays in its process")

    def __bool__(self) -> bool:
        return self.tape.decide(operator.ne, self, 0)

    __add__, __radd__ = _binary(operator.add)
    __sub__, __rsub__ = _binary(operator.sub)
    __mul__, __rmul__ = _binary(operator.mul)
    __truediv__, __rtruediv__ = _binary(operator.truediv)
    __floordiv__, __rfloordiv__ = _binary(operator.floordiv)
    __mod__, __rmod__ = _binary(operator.mod)
    __neg__ = _unary(operator.neg)
    __pos__ = _unary(operator.pos)
    __abs__ = _unary(operator.abs)
    __trunc__ = _unary(math.trunc)
    __floor__ = _unary(math.floor)
    __ceil__ = _unary(math.ceil)
    as_float = _unary(float)

    __lt__ = _comparison(operator.lt)
    __le__ = _comparison(operator.le)
    __gt__ = _comparison(operator.gt)
    __ge__ = _comparison(operator.ge)
    __eq__ = _comparison(operator.eq)
    __ne__ = _comparison(operator.ne)

    __hash__ = None  # type: ignore[assignment]  # no cache may keep one beyond its tape
    __str__ = _fixed(str)
    __repr__ = _fixed(repr)
    __format__ = _fixed(format)
    __int__ = _fixed(int)
    __float__ = _fixed(float)
    __index__ = _fixed(operator.index)
    __round__ = _fixed(round)
