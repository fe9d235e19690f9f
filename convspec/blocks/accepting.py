"""Values that are plainly right, taken at once; of all others there is `Doubt`, and pydantic decides.

What is accepted here pydantic accepts too, with an equal result (`tests/blocks/test_declaring.py`). An annotation that
is not known here is always in doubt.
"""

from __future__ import annotations

import math
import re
import types
from collections.abc import Callable, Mapping
from typing import Annotated, Any, Literal, NamedTuple, Union, get_args, get_origin

from ..graph.tracing import Tracer
from .declaring import MISSING, D, Declared, Field, FieldError, Limits, Rule, fields_of, make, per_class

Acceptor = Callable[[Any], Any]

EXACT = 2**53
"""Whole numbers up to here are equal to themselves as a float."""


class Doubt(Exception):  # noqa: N818 - it is control flow, never shown
    """The value may be wrong."""


class _Plan(NamedTuple):
    """What a declaration asks for: by the name in a spec or in Python, the field's name and its acceptor.

    `own` are the defaults that every instance needs for itself, lists and mappings; `needed` has none.
    """

    acceptors: dict[str, tuple[str, Acceptor]]
    defaults: dict[str, Any]
    own: dict[str, Callable[[], Any]]
    needed: frozenset[str]


def accept(declared: type[D], value: Any) -> D:
    """What a mapping declares, where it is plainly right. Raises `Doubt`."""
    if isinstance(value, declared):
        return value
    if not isinstance(value, dict):
        raise Doubt
    plan = _plan(declared)
    acceptors, values = plan.acceptors, plan.defaults.copy()
    for name, fresh in plan.own.items():
        values[name] = fresh()
    given = set()
    try:
        for key, one in value.items():
            name, acceptor = acceptors[key]
            values[name] = acceptor(one)
            given.add(name)
        if len(given) < len(value) or not plan.needed <= given:
            raise Doubt
        made = make(declared, values)
        made.check()
    except (FieldError, KeyError):
        raise Doubt from None
    return made


@per_class
def _plan(declared: type[Declared]) -> _Plan:
    fields = fields_of(declared)
    plan = _Plan({}, {}, {}, frozenset(name for name, field in fields.items() if field.default is MISSING))
    for name, field in fields.items():
        plan.defaults[name] = field.default
        if type(field.default) in (list, dict):
            plan.own[name] = field.default.copy
        plan.acceptors[field.written or name] = plan.acceptors[name] = (name, _acceptor_of(field))
    return plan


def _acceptor_of(field: Field) -> Acceptor:
    inner = _acceptor(field.annotation)
    return _within(inner, field.limits) if field.limits else inner


def _acceptor(annotation: Any) -> Acceptor:
    """What takes the plain values of a type."""
    if annotation in SCALARS:
        return SCALARS[annotation]
    if isinstance(annotation, type) and issubclass(annotation, Declared):
        return lambda value: accept(annotation, value)
    origin = get_origin(annotation)
    return _FORMS[origin](annotation) if origin in _FORMS else _doubt


def _doubt(value: Any) -> Any:
    raise Doubt


def _exactly(*kinds: type) -> Acceptor:
    def accept_kind(value: Any) -> Any:
        if type(value) in kinds:
            return value
        raise Doubt

    return accept_kind


def _whole(value: Any) -> int:
    if type(value) is int or (type(value) is Tracer and isinstance(value, int)):
        return value
    raise Doubt


def _number(value: Any) -> float:
    if type(value) is float and math.isfinite(value):
        return value
    if type(value) is int and -EXACT <= value <= EXACT:
        return float(value)
    if type(value) is Tracer and -EXACT <= value <= EXACT:
        return value.as_float()  # type: ignore[no-any-return]
    raise Doubt


def _text(value: Any) -> str:
    if type(value) is str and (value.isascii() or not any("\ud800" <= letter <= "\udfff" for letter in value)):
        return value
    raise Doubt


def _annotated(annotation: Any) -> Acceptor:
    inner = _acceptor(annotation.__origin__)
    for extra in annotation.__metadata__:
        if isinstance(extra, Limits):
            inner = _within(inner, extra.given)
        elif isinstance(extra, Rule):
            inner = _with_rule(inner, extra)
        else:
            return _doubt
    return inner


def _with_rule(inner: Acceptor, rule: Rule) -> Acceptor:
    check = rule.at_once
    if check is None:
        return inner
    if rule.before:
        return lambda value: inner(check(value))
    return lambda value: check(inner(value))


def _within(inner: Acceptor, limits: Mapping[str, Any]) -> Acceptor:
    """Values within limits; None, where it is allowed, has none."""
    tests = [_TESTS[name](limit) for name, limit in limits.items()]

    def accept_within(value: Any) -> Any:
        value = inner(value)
        if value is not None:
            for test in tests:
                if not test(value):
                    raise Doubt
        return value

    return accept_within


_TESTS: dict[str, Callable[[Any], Callable[[Any], bool]]] = {
    "gt": lambda limit: lambda value: value > limit,
    "ge": lambda limit: lambda value: value >= limit,
    "lt": lambda limit: lambda value: value < limit,
    "le": lambda limit: lambda value: value <= limit,
    "min_length": lambda limit: lambda value: len(value) >= limit,
    # pydantic's `$` is the end, Python's also the place before a last line feed
    "pattern": lambda limit: lambda value: value.isascii() and "\n" not in value and bool(re.search(limit, value)),
}


def _literal(annotation: Any) -> Acceptor:
    words = get_args(annotation)

    def accept_word(value: Any) -> Any:
        if type(value) is str and value in words:
            return value
        raise Doubt

    return accept_word


def _union(annotation: Any) -> Acceptor:
    """The member that takes the value; in doubt where two members are of one kind, which pydantic weighs up."""
    members = sorted(get_args(annotation), key=lambda member: member is not type(None))  # null first
    kinds = [_kind(member) for member in members]
    if len(set(kinds)) < len(kinds):
        return _doubt
    acceptors = [_acceptor(member) for member in members]

    def accept_any(value: Any) -> Any:
        for acceptor in acceptors:
            try:
                return acceptor(value)
            except (Doubt, FieldError):
                continue
        raise Doubt

    return accept_any


def _kind(annotation: Any) -> str:
    """What a value of a type looks like in a document."""
    origin = get_origin(annotation)
    if origin is Annotated:
        return _kind(annotation.__origin__)
    if annotation is dict or origin is dict or (isinstance(annotation, type) and issubclass(annotation, Declared)):
        return "mapping"
    return {int: "number", float: "number", Literal: "text", str: "text"}.get(origin or annotation, str(annotation))


def _list(annotation: Any) -> Acceptor:
    (inner,) = map(_acceptor, get_args(annotation))

    def accept_list(value: Any) -> list[Any]:
        if isinstance(value, list):
            return [inner(one) for one in value]
        raise Doubt

    return accept_list


def _tuple(annotation: Any) -> Acceptor:
    inner = [_acceptor(one) for one in get_args(annotation)]

    def accept_tuple(value: Any) -> tuple[Any, ...]:
        if type(value) is tuple and len(value) == len(inner):
            return tuple(acceptor(one) for acceptor, one in zip(inner, value, strict=True))
        raise Doubt

    return accept_tuple


def _dict(annotation: Any) -> Acceptor:
    key, inner = map(_acceptor, get_args(annotation))

    def accept_dict(value: Any) -> dict[Any, Any]:
        if isinstance(value, dict):
            return {key(name): inner(one) for name, one in value.items()}
        raise Doubt

    return accept_dict


SCALARS: dict[Any, Acceptor] = {
    Any: lambda value: value,
    None: _exactly(type(None)),
    type(None): _exactly(type(None)),
    bool: _exactly(bool),
    int: _whole,
    float: _number,
    str: _text,
}
_FORMS: dict[Any, Callable[[Any], Acceptor]] = {
    Annotated: _annotated,
    Literal: _literal,
    Union: _union,
    types.UnionType: _union,
    list: _list,
    tuple: _tuple,
    dict: _dict,
}
