"""Numbers that record what is done with them, so that it can be repeated for other numbers without the code itself.

A `SymbolicNumber` replaces a number and behaves like it. Arithmetic on it is recorded in its `Decisions`, and so is
each decision that depends on it: a comparison, a condition, a text or an index. Other numbers for which every decision
has the same outcome would have gone through the same steps, so a `Recording` gives the code's results for them; if a
decision has another outcome, it gives none.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

Number = int | float
Binary = Callable[[Any, Any], Any]
"""An operation on two numbers, such as `operator.add`."""
Method = Callable[..., Any]
"""A method of `SymbolicNumber`."""
Identity = tuple[type, int | str]
"""A key under which equal constants of one type are one, and each symbolic number is itself."""


class Instruction(NamedTuple):
    """One operation on one or two registers. `expected` is the outcome of a decision; None for arithmetic."""

    operation: Binary
    left: int
    right: int
    expected: bool | None = None


class Recording:
    """The steps from some numbers to some results. The registers hold the numbers, the constants, then each result."""

    def __init__(self, constants: Sequence[object], steps: Sequence[Instruction], results: Sequence[int]) -> None:
        self.constants, self.steps, self.results = tuple(constants), tuple(steps), tuple(results)

    def replay(self, numbers: Sequence[Number]) -> list[Any] | None:
        """The results for these numbers; None if a decision has another outcome."""
        registers: list[object] = [*numbers, *self.constants]
        add = registers.append
        try:
            for operation, left, right, expected in self.steps:
                value = operation(registers[left], registers[right])
                if expected is not None and value is not expected:
                    return None
                add(value)
        except (ArithmeticError, ValueError):  # such as a division by zero, whose message is the code's own
            return None
        return [registers[index] for index in self.results]


class _Step(NamedTuple):
    """An operation, its arguments, and its result: a symbolic number, or a bool that was decided by."""

    operation: Binary
    left: object
    right: object
    result: SymbolicNumber | bool

    @property
    def decision(self) -> bool | None:
        return self.result if type(self.result) is bool else None


class Decisions:
    """What was done with some numbers. An operation that was done before is not recorded again."""

    def __init__(self) -> None:
        self.inputs: list[SymbolicNumber] = []
        self._steps: dict[tuple[Binary, Identity, Identity], _Step] = {}

    def input(self, number: Number) -> SymbolicNumber:
        """A number to begin with."""
        self.inputs.append(SymbolicNumber(self, number))
        return self.inputs[-1]

    def record(self, operation: Binary, left: object, right: object, *, decides: bool) -> SymbolicNumber | bool:
        """The result of an operation on two numbers, one of them symbolic: a symbolic number, or what it `decides`."""
        key = (operation, _identity(left), _identity(right))
        if key not in self._steps:
            number = operation(_plain(left), _plain(right))
            result = bool(number) if decides else SymbolicNumber(self, number)
            self._steps[key] = _Step(operation, left, right, result)
        return self._steps[key].result

    def recording(self, results: Sequence[object]) -> Recording:
        """The steps from the inputs to these results, and to the decisions on the way."""
        kept = self._kept(results)
        used = [*results, *(number for step in kept for number in (step.left, step.right))]
        constants = {_identity(one): one for one in used if type(one) is not SymbolicNumber}
        places = {_identity(one): index for index, one in enumerate(self.inputs)}
        places |= {key: len(places) + index for index, key in enumerate(constants)}
        steps = []
        for index, step in enumerate(kept, len(places)):
            left, right = places[_identity(step.left)], places[_identity(step.right)]
            steps.append(Instruction(step.operation, left, right, step.decision))
            if step.decision is None:
                places[_identity(step.result)] = index
        return Recording(list(constants.values()), steps, [places[_identity(one)] for one in results])

    def _kept(self, results: Sequence[object]) -> list[_Step]:
        """The decisions, and the steps that they or the results need."""
        needed, kept = {id(one) for one in results}, []
        for step in reversed(self._steps.values()):
            if step.decision is not None or id(step.result) in needed:
                needed |= {id(step.left), id(step.right)}
                kept.append(step)
        return kept[::-1]


def _identity(value: object) -> Identity:
    return (SymbolicNumber, id(value)) if type(value) is SymbolicNumber else (type(value), repr(value))


def _plain(value: object) -> object:
    return value.number if type(value) is SymbolicNumber else value


def _binary(operation: Binary, *, decides: bool = False, reflected: bool = False) -> Method:
    """The method of an operator; `reflected`: for a symbolic number on its right."""

    def method(self: SymbolicNumber, other: object) -> object:
        if not isinstance(other, (int, float)):
            return NotImplemented
        left, right = (other, self) if reflected else (self, other)
        return self.decisions.record(operation, left, right, decides=decides)

    return method


def _unary(function: Callable[[Any], Any]) -> Method:
    def operation(value: object, _: object) -> object:  # made once: an operation is recognised by its identity
        return function(value)

    return lambda self: self.decisions.record(operation, self, self, decides=False)


def _fixed(function: Callable[..., Any]) -> Method:
    """A method that needs the number itself: the recording then holds for this number alone."""

    def method(self: SymbolicNumber, *arguments: object) -> object:
        self.decisions.record(operator.eq, self, self.number, decides=True)
        return function(self.number, *arguments)

    return method


class SymbolicNumber:
    """A number whose use is recorded. To `isinstance` it is an int or a float.

    C code takes the number itself (`__index__`, `__float__`), which is recorded as a decision.
    """

    __slots__ = ("decisions", "number")

    def __init__(self, decisions: Decisions, number: Number) -> None:
        self.decisions, self.number = decisions, number

    @property  # type: ignore[misc]  # nothing sets it; `isinstance` asks for it
    def __class__(self) -> Any:
        return type(self.number)

    def __copy__(self) -> SymbolicNumber:
        return self  # decisions of a copy would be recorded nowhere, or in copied `Decisions`

    def __deepcopy__(self, memo: object) -> SymbolicNumber:
        return self

    def __reduce_ex__(self, protocol: object) -> str:
        raise TypeError("a symbolic number stays in its process")

    def __bool__(self) -> bool:
        return bool(self.decisions.record(operator.ne, self, 0, decides=True))

    __add__, __radd__ = _binary(operator.add), _binary(operator.add, reflected=True)
    __sub__, __rsub__ = _binary(operator.sub), _binary(operator.sub, reflected=True)
    __mul__, __rmul__ = _binary(operator.mul), _binary(operator.mul, reflected=True)
    __truediv__, __rtruediv__ = _binary(operator.truediv), _binary(operator.truediv, reflected=True)
    __floordiv__, __rfloordiv__ = _binary(operator.floordiv), _binary(operator.floordiv, reflected=True)
    __mod__, __rmod__ = _binary(operator.mod), _binary(operator.mod, reflected=True)

    __neg__, __pos__, __abs__ = _unary(operator.neg), _unary(operator.pos), _unary(operator.abs)
    __trunc__, __floor__, __ceil__ = _unary(math.trunc), _unary(math.floor), _unary(math.ceil)
    as_float = _unary(float)

    # Python sets `__hash__` to None beside this `__eq__`: no cache can keep a number beyond its recording.
    __eq__, __ne__ = _binary(operator.eq, decides=True), _binary(operator.ne, decides=True)
    __lt__, __le__ = _binary(operator.lt, decides=True), _binary(operator.le, decides=True)
    __gt__, __ge__ = _binary(operator.gt, decides=True), _binary(operator.ge, decides=True)

    __str__, __repr__, __format__ = _fixed(str), _fixed(repr), _fixed(format)
    __int__, __float__, __index__ = _fixed(int), _fixed(float), _fixed(operator.index)
    __round__ = _fixed(round)
