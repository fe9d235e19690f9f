"""Pydantic's errors as errors: the words of a reader of specs, at the place of the mistake."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from ..blocks.base import Block
from ..blocks.checks import CheckError
from ..blocks.nested_models import models_in
from ..blocks.pydantic_model import written_fields
from ..blocks.registry import find_block_class
from ..printing import counted, quote
from ..suggestions import suggested
from .control import Unresolved, is_known
from .diagnostics import MOST_DIAGNOSTICS, Diagnostic
from .fields_meant import field_meant, instead_of_section, list_meant, value_meant
from .located import LocatedList, LocatedMap, Mark
from .scalars import scalar_meant, takes
from .tune import METRICS, Objective

_EXPECTED = {
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "float_type": "a number",
    "bool_type": "true or false",
    "string_type": "text",
    "list_type": "a list",
    "tuple_type": "a list",
    "dict_type": "a mapping of keys to values",
    "model_type": "a mapping of keys to values",
    "model_attributes_type": "a mapping of keys to values",
    "finite_number": "a finite number",
}
_SECTION = ("dict_type", "model_type", "model_attributes_type")
_TITLES = {
    "Document": "a spec",
    "FineTuning": "`finetune`",
    "Gate": "`squeeze_excite`",
    "Recipe": "`train`",
    "Tune": "`tune`",
    "Distribution": "a field of the space",
    "Stage": "a stage",
    "Unfreezing": "an element of `unfreeze`",
    "Output": "an output",
}
Location = tuple[int | str, ...]
STRUCTURAL = ("missing", "extra_forbidden", "block_unknown", "block_missing", "block_type")
"""Errors of what fields there are, whatever their values."""
_BY_TYPE = (*_EXPECTED, "literal_error")
"""Errors of a value that is of none of the types that a field has."""
_BOUNDS = {
    "greater_than": ("above", "gt"),
    "greater_than_equal": ("at least", "ge"),
    "less_than": ("below", "lt"),
    "less_than_equal": ("at most", "le"),
}


def to_diagnostics(
    error: ValidationError,
    root: object,
    model: type[BaseModel],
    uncertain: Collection[Mark] = (),
    but: Collection[str] = (),
) -> list[Diagnostic]:
    """One error for each of pydantic's errors, or more than are reported at once where there are so many.

    `root` is the located data that was checked against `model`; at `uncertain` places it has values that may be
    others, which are not checked. Errors of the types in `but` are left out.
    """
    diagnostics: list[Diagnostic] = []
    remedies: set[tuple[Location, str]] = set()
    reported: dict[tuple[str, Mark, str], object] = {}
    found = error.errors(include_url=False)
    written_otherwise = _written_otherwise(found, root, model)
    for details in found:
        if details["type"] in but or _is_noted(details) or details["loc"] in written_otherwise:
            continue
        place = _Place(root, model).follow(details["loc"])
        if _is_reported_inside(details, place, found) or (uncertain and _depends(details, place, uncertain)):
            continue
        if details["type"] == "foreign_field":
            place.point_to_key(str(details["loc"][-1]))
        missing = details["loc"][:-1] if details["type"] == "missing" else None
        check = details["msg"] if isinstance(details.get("ctx", {}).get("error"), CheckError) else ""
        first = reported.setdefault((place.path, place.mark, check), details if missing is None else missing)
        if first is details or (missing is not None and first == missing):  # a union reports once for each member
            message = _message(details, place, found)
            _, written, remedy = message.partition("; write {")
            if written and details["type"] == "extra_forbidden":  # one remedy for several keys is said once
                if (details["loc"][:-1], remedy) in remedies:
                    continue
                remedies.add((details["loc"][:-1], remedy))
            diagnostics.append(place.mark_of(details).diagnostic(message, path=place.path))
        if len(diagnostics) > MOST_DIAGNOSTICS:
            break
    return diagnostics


def _written_otherwise(found: Sequence[ErrorDetails], root: object, model: type[BaseModel]) -> set[Location]:
    """The fields that are missing because each is written as another, whose error says so."""
    missing = {details["loc"] for details in found if details["type"] == "missing"}
    unknown = [details["loc"] for details in found if missing and details["type"] == "extra_forbidden"]
    unknown = unknown[:MOST_DIAGNOSTICS]
    meant = {
        (*location[:-1], _Place(root, model).follow(location).name_meant(str(location[-1]))) for location in unknown
    }
    return missing & meant


def _is_noted(details: ErrorDetails) -> bool:
    """Whether an error is that of a part which could not be resolved, and noted already."""
    value = details["input"]
    if details["type"] in STRUCTURAL:
        return value is Unresolved or (details["type"] == "block_missing" and value.get("block") is Unresolved)
    return not is_known(value)


def _is_reported_inside(details: ErrorDetails, place: _Place, found: Sequence[ErrorDetails]) -> bool:
    """Whether a member of a union refuses a value as such, where another refuses what is in it."""
    location = details["loc"]
    if details["type"] not in _BY_TYPE or place.steps == len(location):
        return False
    count = len(location)
    return any(len(other["loc"]) > count and other["loc"][: count - 1] == location[:-1] for other in found)


def _depends(details: ErrorDetails, place: _Place, uncertain: Collection[Mark]) -> bool:
    """Whether an error is about a value that may be another: not about a field that is missing, or does not exist."""
    if place.mark in uncertain:
        return True
    return details["type"] not in STRUCTURAL and _holds(place.value, uncertain)


def _holds(value: object, marks: Collection[Mark]) -> bool:
    """Whether a part of a value is at one of these places."""
    if isinstance(value, LocatedMap):
        return any(value.value_marks[key] in marks or _holds(inner, marks) for key, inner in value.items())
    if isinstance(value, LocatedList):
        return any(mark in marks or _holds(inner, marks) for inner, mark in zip(value, value.marks, strict=True))
    return False


class _Place:
    """Follows a location through the data, keeping the innermost mark, path, field and model, and the `outer` model."""

    def __init__(self, root: object, model: type[BaseModel]) -> None:
        self.value = root
        self.model: type[BaseModel] = _block_model(root) or model
        self.mark: Mark = getattr(root, "mark", Mark(0, 0))
        self.path: str = getattr(root, "path", "")
        self.steps = 0
        self.field = ""
        self.outer = self.model
        self._parent: object = None

    def follow(self, location: Sequence[int | str]) -> _Place:
        """Steps that the data do not have, as pydantic's names of a union's members, lead nowhere."""
        for step in location:
            if isinstance(self.value, LocatedMap) and isinstance(step, str) and step in self.value:
                unknown = step != "block" and step not in _fields(self.model)
                self.mark = (self.value.key_marks if unknown else self.value.value_marks)[step]
                self.path = f"{self.value.path}.{step}" if self.value.path else step
                self._enter(self.value[step], step)
            elif isinstance(self.value, LocatedList) and isinstance(step, int) and step < len(self.value):
                self.mark = self.value.marks[step]
                self.path = f"{self.value.path}[{step}]"
                self._enter(self.value[step], None)
        return self

    def mark_of(self, details: ErrorDetails) -> Mark:
        """The place of an error: in a section, that of the field which does not go with the others."""
        at: Location = details.get("ctx", {}).get("at", ())
        return _Place(self.value, self.model).follow(at).mark if at else self.mark

    def point_to_key(self, name: str) -> None:
        """Mark the last step's key, not its value."""
        if isinstance(self._parent, LocatedMap):
            self.mark = self._parent.key_marks[name]

    def contradicts_metric(self, direction: str) -> bool:
        """Whether a direction is not that of the metric which the objective names."""
        metric = self._parent.get("name") if isinstance(self._parent, LocatedMap) else None
        return isinstance(metric, str) and bool(direction) and METRICS.get(metric, direction) != direction

    def field_meant(self, name: str) -> str:
        """What to write for the last step, a field that does not exist."""
        written = self._parent if isinstance(self._parent, LocatedMap) else {}
        return field_meant(name, self.model, written, self.path, by_path=not self.mark.line)

    def name_meant(self, name: str) -> str:
        """The field that the last step, which does not exist, stands for."""
        found = re.search(r"did you mean '(\w+)'|write `(\w+):", self.field_meant(name))
        return (found[1] or found[2]) if found else ""

    def scalar_meant(self) -> str:
        """What to write for the last step, a number or truth value in another form."""
        if self.mark.is_expression:
            is_fraction = isinstance(self.value, float) and takes(self.outer, self.field, round(self.value))
            return "; `round`, `floor` or `ceil` in an expression makes a whole number" * is_fraction
        return scalar_meant(self.outer, self.field, self.value)

    def instead(self, kind: str, name: str) -> str:
        """What to write for the last step, a value of another type."""
        null = _takes_null(self.outer, name)
        if kind in ("list_type", "tuple_type"):
            return list_meant(self.outer, name, self.value)
        if kind not in _SECTION:
            return "; write null" if null and self.value is False else self.scalar_meant()
        by_path = not self.mark.line
        return instead_of_section(self.model, self.path, self.value, takes_null=null, by_path=by_path)

    def _enter(self, value: object, field: str | None) -> None:
        self._parent, self.value, self.outer = self.value, value, self.model
        self.steps, self.field = self.steps + 1, field or ""
        if isinstance(value, (LocatedMap, LocatedList)) and value.path:
            self.path = value.path
        if field is not None:
            self.model = _nested_model(self.model, field) or self.model
        if issubclass(self.model, Block) or "block" in self.model.model_fields or self.model is self.outer:
            self.model = _block_model(value) or self.model


def _message(details: ErrorDetails, place: _Place, found: Sequence[ErrorDetails]) -> str:
    kind, context, value = details["type"], details.get("ctx", {}), details.get("input")
    name = str(details["loc"][-1]) if details["loc"] else ""
    if kind == "extra_forbidden":
        return f"{_title(place.model)} has no field {name!r}{place.field_meant(name)}"
    if kind == "missing" and isinstance(details["loc"][-1], int):
        pair = [other for other in found if other["type"] == "missing" and other["loc"][:-1] == details["loc"][:-1]]
        length = len(place.value) if isinstance(place.value, list) else 0
        return f"expected {counted(length + len(pair), 'value')}, not {length}"
    if kind == "missing":
        description = _fields(place.model).get(name, "")
        return f"{_title(place.model)} needs `{name}`" + (f": {description}" if description else "")
    if kind in _BY_TYPE and place.steps < len(details["loc"]) and len(members := _members(details, found)) > 1:
        return _none_of(members, place)
    if kind in _EXPECTED:
        return f"expected {_EXPECTED[kind]}, not {quote(value)}{place.instead(kind, name)}"
    if kind in _BOUNDS:
        words, key = _BOUNDS[kind]
        return f"must be {words} {_bound(context[key])}, not {quote(value)}"
    if kind == "literal_error":
        options = _options(details)
        if context["expected"] == "True":
            return f"expected true, not {quote(value)}"
        null = _takes_null(place.model, name)
        hint = value_meant(name, value, options, takes_null=null)
        if place.model is Objective and place.contradicts_metric(suggested(hint)):
            hint = "; leave it out: the name of the metric says it"
        return f"expected {context['expected']}{' (or null)' * null}, not {quote(value)}{hint}"
    if kind == "string_pattern_mismatch":
        return f"{quote(value)} is no name: letters, digits, `_`, `-` and `.` make one"
    if kind == "string_too_short":
        return "is empty"
    if kind in ("too_short", "too_long"):
        bound = context.get("min_length", context.get("max_length"))
        words = "at least" if kind == "too_short" else "at most"
        count = len(place.value) if isinstance(place.value, dict) else context["actual_length"]
        return f"needs {words} {counted(int(str(bound)), 'element')}, not {count}"
    message = details["msg"].removeprefix("Value error, ")
    return message + place.scalar_meant() if message.endswith(f", not {quote(value)}") else message


def _options(details: ErrorDetails) -> list[str]:
    """The texts of a literal."""
    return [option.strip(" '") for option in details["ctx"]["expected"].replace(" or ", ", ").split(",")]


def _members(details: ErrorDetails, found: Sequence[ErrorDetails]) -> list[ErrorDetails]:
    """The errors of one value from all members of the union that its field is."""
    value, count = details["input"], len(details["loc"])
    return [
        other
        for other in found
        if other["type"] in _BY_TYPE
        and other["input"] is value
        and len(other["loc"]) == count
        and other["loc"][:-1] == details["loc"][:-1]
    ]


def _none_of(members: Sequence[ErrorDetails], place: _Place) -> str:
    """The message for a value that no member of a union takes."""
    literals = [option for one in members if one["type"] == "literal_error" for option in _options(one)]
    words = [f"{option!r}" for option in literals]
    words += [_EXPECTED[one["type"]] for one in members if one["type"] in _EXPECTED]
    words = list(dict.fromkeys(words))
    null = _takes_null(place.outer, place.field)
    hint = value_meant(place.field, place.value, literals, takes_null=null)
    return f"expected {', '.join(words[:-1])} or {words[-1]}{' (or null)' * null}, not {quote(place.value)}{hint}"


def _takes_null(model: type[BaseModel], field: str) -> bool:
    info = model.model_fields.get(field)
    return info is not None and type(None) in getattr(info.annotation, "__args__", ())


def _bound(limit: float) -> str:
    """Every digit of a whole number: 16,777,216, not 1.67772e+07."""
    return f"{int(limit):,}" if limit == int(limit) else f"{limit:g}"


def _title(model: type[BaseModel]) -> str:
    block = model.model_fields.get("block")
    return str(block.default) if block is not None else _TITLES.get(model.__name__, f"`{_snake(model)}`")


def _snake(model: type[BaseModel]) -> str:
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in model.__name__).lstrip("_")


def _fields(model: type[BaseModel]) -> dict[str, str]:
    """Names as they are written in a spec, with their descriptions."""
    return {name: field.description or "" for name, field in written_fields(model).items()}


def _nested_model(model: type[BaseModel], field: str) -> type[BaseModel] | None:
    info = written_fields(model).get(field) or model.model_fields.get(field)
    return None if info is None else next(models_in(info.annotation), None)


def _block_model(value: object) -> type[BaseModel] | None:
    kind = value.get("block") if isinstance(value, LocatedMap) else None
    return find_block_class(kind) if isinstance(kind, str) else None
