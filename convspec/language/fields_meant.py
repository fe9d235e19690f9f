"""What to write instead of a field that does not exist, or of a value in the place of a section."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from functools import cache
from typing import get_args, get_origin

from pydantic import BaseModel, ValidationError

from ..blocks.base import Block
from ..blocks.nested_models import models_in
from ..blocks.pydantic_model import written_fields
from ..blocks.written import flow
from ..printing import quote
from ..suggestions import did_you_mean, meant, spelled
from ..synonyms import FIELDS, FIELDS_OF, VALUES_OF, instead, synonym
from .optimization import OPTIMIZERS, aliases_of
from .recipe import Recipe
from .scalars import comma_meant, joined_meant, takes
from .schedule import SCHEDULES
from .tune import Distribution, Tune
from .yaml_syntax import without_space

SECTIONS: dict[str, type[BaseModel]] = {"train": Recipe, "tune": Tune}
CONTROL = ("repeat", "when", "counter")
"""Keys of a block's mapping beside its fields."""
TOP = ("train", "tune", "outputs", "templates", "head.pooling", "head.dropout", "head.fc")
NAMED = {"Optimizer": "name", "Schedule": "name", "Norm": "kind", "FineTuning": "weights", "Objective": "name"}
"""The field of a section that a text in its place means."""
ALIASES = aliases_of(OPTIMIZERS) | aliases_of(SCHEDULES)
COUNTED = {"Gate": "ratio", "EarlyStopping": "patience", "RandAugment": "operations"}
"""The field of a section that a whole number in its place means."""
VAGUE = ("after", "at", "direction", "every", "factor", "freeze", "growth", "magnitude", "minimum", "name", "period")
"""Fields whose names mean something else in another section."""
SHARED = ("Recipe", "Optimizer", "Schedule")
"""Sections whose fields' other names are looked for everywhere; those of the rest are words of many meanings."""
RANGES = {"min": "max", "low": "high", "lower": "upper", "min_value": "max_value"}


def field_meant(name: str, model: type[BaseModel], written: Mapping[str, object], path: str, *, by_path: bool) -> str:
    """What to write for a field that a section or block does not have, as the end of a sentence; empty if unknown.

    `written` is what has the field and `path` its place. `by_path`: fields are being set by their paths.
    """
    value, known = written.get(name), [field for field in written_fields(model) if field != "block"]
    block = model.model_fields.get("block")
    scopes = (model.__name__,) if block is None else (model.__name__, str(block.default))
    wider = (("with norm",) if "norm" in known else ()) + ("Block",) if issubclass(model, Block) else ()
    known += CONTROL if wider else ()
    if model is Distribution and (distribution := range_meant(written)):
        return f"; write {flow(distribution)}"
    if (text := instead(name, *scopes)) is None and (field := synonym(name, known)):
        is_text = field == "body" and isinstance(value, str)
        return "" if is_text else f"; did you mean {field!r}?"
    if text is None:
        text = instead(name, *wider)
    if text is not None:
        section = section_meant(model, value) if "name: VALUE" in text or "kind: VALUE" in text else None
        value = value if section is None else next(iter(section.values()))
        return f"; {text.replace('VALUE', flow(value)).replace('NAME', name)}" if text else ""
    if value is None and not name.isidentifier():
        return joined_meant(name, known) or comma_meant(name, model, written)
    if isinstance(value, Mapping) and model.__name__ in NAMED and (section := section_meant(model, name)):
        return f"; write {flow({**section, **value})}"
    return _elsewhere(name, value, path, by_path=by_path) or _nearest(name, model, known)


def _nearest(name: str, model: type[BaseModel], known: Collection[str]) -> str:
    """The field that is spelled most like it; none for a word that has a meaning, which is no misspelling."""
    is_known = spelled(name) in FIELDS_OF
    near = "" if is_known else did_you_mean(name, known, 0.85 if model is Distribution else 0.6)
    ranges = "; it takes log_uniform or uniform for numbers, log_int or int for whole ones, choice, or boolean"
    return near or ranges * (model is Distribution)


@cache
def _places() -> dict[str, type[BaseModel] | None]:
    """The path of each field of `train` and `tune`, and of a head's common ones -> the section that it is."""
    found: dict[str, type[BaseModel] | None] = dict.fromkeys(TOP)
    for name, model in SECTIONS.items():
        found.update(_fields(model, name))
    return found


def _fields(model: type[BaseModel], path: str) -> Iterator[tuple[str, type[BaseModel] | None]]:
    for name, field in written_fields(model).items():
        inner = next(models_in(field.annotation), None)
        single = get_origin(field.annotation) is not tuple and inner in (field.annotation, *get_args(field.annotation))
        yield f"{path}.{name}", inner if single else None
        if inner is not None and single:
            yield from _fields(inner, f"{path}.{name}")


@cache
def _words() -> dict[str, str]:
    """path -> other names of the field, where these mean nothing else anywhere."""
    shared = ["train", *(path for path, model in _places().items() if model is not None and model.__name__ in SHARED)]
    return {
        path: FIELDS.get(path.rpartition(".")[2], "") if path.rpartition(".")[0] in shared else "" for path in _places()
    }


def paths_meant(name: str) -> list[str]:
    """The paths of the fields of a document, outside of blocks, that a name means."""
    return [
        path
        for path, words in _words().items()
        if path.rpartition(".")[2] == name or (len(name) > 1 and name.lower() in words.lower().split())
    ]


def path_meant(path: str) -> str:
    """The path that one without its first steps means, as the end of a sentence: `optimizer.learning_rate`."""
    found = [one for one in _places() if one.endswith(f".{path}")]
    return f"; did you mean {found[0]!r}?" if len(found) == 1 else ""


def _elsewhere(name: str, value: object, path: str, *, by_path: bool) -> str:
    """The one or two other sections that have such a field."""
    section = path.rpartition(".")[0]
    top = section.partition(".")[0]
    if top not in ("", *SECTIONS) or name in VAGUE:
        return ""
    found = [one for one in paths_meant(name) if one.startswith(top)]
    if not 0 < len(found) < 3:
        return ""
    values = [_as_section(_places()[one], value) for one in found]
    if by_path or not all(map(_stands_alone, found, values)):
        return f"; did you mean {' or '.join(map(repr, found))}?"
    inside = all(one.startswith(f"{section}.") for one in found)
    texts = [
        _nested(one.removeprefix(f"{section}.") if inside else one, it) for one, it in zip(found, values, strict=True)
    ]
    return f"; write {' or '.join(f'`{text}`' for text in texts)}"


def _as_section(model: type[BaseModel] | None, value: object) -> object:
    return value if model is None or (section := section_meant(model, value)) is None else section


def _nested(path: str, value: object) -> str:
    """`train: {epochs: 3}` for the path train.epochs."""
    first, *rest = path.split(".")
    text = flow(value)
    for step in reversed(rest):
        text = f"{{{step}: {text}}}"
    return f"{first}: {text}"


def _stands_alone(path: str, value: object) -> bool:
    """Whether a field can have this value where the section has nothing else: not all optimizers have `momentum`."""
    first, *rest = path.split(".")
    for step in reversed(rest):
        value = {step: value}
    model = SECTIONS.get(first)
    try:
        return model is None or bool(model.model_validate(value))
    except ValidationError as error:
        return all(details["type"] == "missing" for details in error.errors())


def section_meant(model: type[BaseModel], value: object) -> dict[str, object] | None:
    """The section that a text, a number or `true` in its place means; None where that is not clear."""
    name = model.__name__
    if isinstance(value, str) and (field := NAMED.get(name)):
        known = get_args(model.model_fields[field].annotation)
        name = meant(value, known, ALIASES) or synonym(value, known, VALUES_OF)
        return _valid(model, {field: name or value})
    if type(value) is int and name in COUNTED:
        return _valid(model, {COUNTED[name]: value})
    return _valid(model, {}) if value is True and name in (*COUNTED, "Norm", "Pruning") else None


def instead_of_section(model: type[BaseModel], path: str, value: object, *, takes_null: bool, by_path: bool) -> str:
    """What to write where a section has to be, as the end of a sentence; empty if that is not clear."""
    field = path.rpartition(".")[2]
    if model is Distribution and field == "when":
        is_pair = isinstance(value, list) and len(value) == 2 and isinstance(value[0], str)
        return f"; write `when: {flow({value[0]: value[1]})}`" if isinstance(value, list) and is_pair else ""
    if model is Distribution and isinstance(value, list) and path != "tune.space":
        kinds = ("uniform", "choice") if len(value) == 2 else ("choice",)
        ranges = [flow({kind: value}) for kind in kinds if _valid(model, {kind: value})]
        return f"; write {' or '.join(ranges)}" if ranges else ""
    if takes_null and _is_none(value):
        return f"; write `{field}: null`"
    if isinstance(value, str) and model.__name__ in NAMED and by_path:
        return f"; did you mean '{path}.{NAMED[model.__name__]}'?"
    if isinstance(value, str) and (text := unspaced(value)):
        return text
    section = section_meant(model, value)
    if section is None and isinstance(value, str) and model.__name__ in NAMED:
        return f"; write `{field}: {{{NAMED[model.__name__]}: ...}}`"
    return "" if section is None else f"; write `{field}: {flow(section)}`"


def _valid(model: type[BaseModel], section: dict[str, object]) -> dict[str, object] | None:
    try:
        model.model_validate(section)
    except ValidationError:
        return None
    return section


def range_meant(written: Mapping[str, object]) -> dict[str, object] | None:
    """The range that two ends, or `uniform`, mean beside a word for their distribution, as other tools write it."""
    low = next((low for low, high in RANGES.items() if low in written and high in written), "uniform")
    ends = [written[low], written[RANGES[low]]] if low in RANGES else written.get(low)
    others = {key: value for key, value in written.items() if key not in (low, RANGES.get(low), "when")}
    words = " ".join(map(quote, others.values())).lower()
    logarithmic = "log" in words or others.get("log") is True
    if not isinstance(ends, list) or not {"step", "q"}.isdisjoint(others) or not (low in RANGES or logarithmic):
        return None
    whole = all(type(end) is int for end in ends) and "float" not in words and "uniform" not in words
    kind = ("log_" if logarithmic else "") + ("int" if whole and low in RANGES else "uniform")
    return _valid(Distribution, {kind: ends, **{key: written[key] for key in ("when",) if key in written}})


def list_meant(model: type[BaseModel], field: str, value: object) -> str:
    """What to write where a list has to be: the two ends of a range, or the one element."""
    if isinstance(value, str) and without_space(value):
        return unspaced(value)
    ends = range_meant(value) if isinstance(value, Mapping) else None
    options = [*(list(ends.values()) if ends else ()), [value]]
    return next((f"; write {flow(one)}" for one in options if takes(model, field, one)), "")


def unspaced(text: str) -> str:
    """What to write for an item or a key that lacks its space, which YAML reads as a text; empty for another text."""
    found = without_space(text.split(" ")[0])
    return f"; {found[1]}: {found[2]}" if found else ""


def value_meant(field: str, value: object, options: list[str], *, takes_null: bool) -> str:
    """What to write for a value that a field does not take, as the end of a sentence."""
    if _is_none(value):
        if field == "shortcut":
            return "; blocks without a shortcut are conv_norm_act, or {block: sequence, body: [...]}"
        return "; write null" if takes_null else "; write none" if "none" in options else ""
    if not isinstance(value, str):
        return ""
    found = synonym(value, options, VALUES_OF)
    return f"; did you mean {found!r}?" if found else did_you_mean(value, options)


def _is_none(value: object) -> bool:
    return value is None or value is False or (isinstance(value, str) and value.lower() == "none")


def head_meant(value: object) -> str:
    """What to write where a head's fields have to be."""
    if _is_none(value):
        return "; write null"
    pooling = synonym(value, ("avg", "max"), VALUES_OF) if isinstance(value, str) else ""
    return f"; write {{pooling: {pooling}}}" if pooling else ""
