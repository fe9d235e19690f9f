"""What to write for a number or truth value that is written in another form: `1,000`, `"8"`, `0,5`, `30%`, `"true"`."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping

from pydantic import BaseModel, ValidationError

from ..blocks.written import flow
from .expressions import Names, evaluate, has_expression
from .functions import ExpressionError, UnknownNameError

_WHOLE = re.compile(r"[-+]?\d{1,15}")
_DECIMAL = re.compile(r"[-+]?\d{0,15}\.\d{1,15}")
_GROUPED = re.compile(r"[-+]?\d{1,3}([,' ]\d{3}){1,4}")
_COMMA = re.compile(r"([-+]?\d{1,15}),(\d{1,15})")
_PERCENT = re.compile(r"(\d{1,3}(?:\.\d{1,9})?) ?%")
_COMPARED = re.compile(r"[\w)] ?([<>]=?|[!=]=) ?[\w(]")
_TRUTH = {"true": True, "yes": True, "on": True, "false": False, "no": False, "off": False}
_SIZES = re.compile(r"\(?(\d{1,7}) ?[x,] ?(\d{1,7})\)?")
_PAIR = re.compile(r"([A-Za-z_][\w.]*):(\S.*)")


def takes(model: type[BaseModel], field: str, value: object) -> bool:
    """Whether a field takes a value, whatever the others are."""
    try:
        model.model_validate({field: value})
    except ValidationError as error:
        return all(details["loc"][:1] not in ((field,), ()) for details in error.errors())
    return True


def scalar_meant(model: type[BaseModel], field: str, value: object) -> str:
    """What to write for a value that a field does not take, as the end of a sentence; empty if that is not clear."""
    options = [one for one in _forms(value) if takes(model, field, one)]
    return f"; write {flow(options[0])}" if len(options) == 1 else ""


def _forms(value: object) -> Iterator[object]:
    """What a value may stand for."""
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        yield int(value)
    if not isinstance(value, str):
        return
    text = value.strip()
    if _WHOLE.fullmatch(text):
        yield int(text)
    if _DECIMAL.fullmatch(text):
        yield float(text)
    if _GROUPED.fullmatch(text):
        yield int(re.sub("[,' ]", "", text))
    if match := _COMMA.fullmatch(text):
        yield float(f"{match[1]}.{match[2]}")
    if match := _PERCENT.fullmatch(text):
        yield round(float(match[1]) / 100, 12)
    if match := _SIZES.fullmatch(text):
        yield [int(match[1]), int(match[2])]
    if text.lower() in _TRUTH:
        yield _TRUTH[text.lower()]


def control_meant(written: object, kind: type, names: Names) -> str:
    """What to write for a `repeat` or `when`: the number, or the expression that lacks its `${}`."""
    if has_expression(str(written)):
        return ""
    if options := [one for one in _forms(written) if type(one) is kind and isinstance(one, int) and one >= 0]:
        return f"; write {flow(options[0])}"
    try:
        found = evaluate(written, names) if isinstance(written, str) else None
    except UnknownNameError:
        return f'; write "${{{written}}}"' if kind is bool and _COMPARED.search(str(written)) else ""
    except ExpressionError:
        return ""
    return f'; write "${{{written}}}"' if type(found) is kind and isinstance(found, int) and found >= 0 else ""


def joined_meant(name: str, known: Collection[str]) -> str:
    """What to write for a key without the space after its colon, `filters:8` between brackets."""
    match = _PAIR.fullmatch(name)
    return f"; a colon needs a space after it: write `{match[1]}: {match[2]}`" if match and match[1] in known else ""


def comma_meant(name: str, model: type[BaseModel], written: Mapping[str, object]) -> str:
    """What to write where a comma has ended a value: `epochs: 1,000`, `dropout: 0,3` and `choice: 1, 2` in brackets."""
    keys = list(written)
    at = keys.index(name) if name in written else 0
    before = [key for key in keys[:at] if written[key] is not None]
    if not before or not re.fullmatch(r"\d{1,15}", name):
        return ""
    key, first = before[-1], written[before[-1]]
    if type(first) is not int:
        return ""
    rest = [int(one) for one in keys[at:] if written[one] is None and re.fullmatch(r"\d{1,15}", one)]
    options: list[object] = [[first, *rest], *(_forms(f"{first},{name}") if len(rest) == 1 else ())]
    right = [one for one in options if takes(model, key, one)]
    return f"; write `{key}: {flow(right[0])}`" if len(right) == 1 or (right and right[0] is options[0]) else ""
