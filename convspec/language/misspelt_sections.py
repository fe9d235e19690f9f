"""Sections under misspelt keys, which are checked as if they had the right ones."""

from __future__ import annotations

from collections.abc import Callable, Collection
from itertools import islice

from pydantic import BaseModel

from ..blocks.pydantic_model import written_fields
from ..suggestions import did_you_mean, suggested
from .declarations import TEMPLATE
from .diagnostics import Diagnostics
from .document import Document
from .fields_meant import field_meant
from .located import LocatedMap
from .recipe import Recipe
from .tune import Tune

MOST_MISSPELT = 8
"""Keys of a section that are compared with those which it may have: more are no slips, and comparing takes long."""


def with_keys_meant(root: LocatedMap, diagnostics: Diagnostics) -> LocatedMap:
    """The document with each misspelt key of a section replaced by the absent one that is like it; these are noted."""
    root = _of_model(root, Document, "a spec", diagnostics)
    changed = {
        "train": _of_model(root.section("train"), Recipe, "`train`", diagnostics),
        "tune": _of_model(root.section("tune"), Tune, "`tune`", diagnostics),
        "templates": _templates(root.section("templates"), diagnostics),
    }
    out = root.shallow()
    out.update({key: section for key, section in changed.items() if isinstance(root.get(key), LocatedMap)})
    return out


def _of_model(mapping: LocatedMap, model: type[BaseModel], title: str, diagnostics: Diagnostics) -> LocatedMap:
    def hint(key: str, path: str) -> str:
        return field_meant(key, model, mapping, path, by_path=not mapping.key_marks[key].line)

    def message(key: str, hint: str) -> str:
        return f"{title} has no field {key!r}{hint}"

    return _replaced(mapping, written_fields(model), hint, message, diagnostics)


def _templates(templates: LocatedMap, diagnostics: Diagnostics) -> LocatedMap:
    out = templates.shallow()
    for name, template in templates.items():
        if isinstance(template, LocatedMap):
            out[name] = _replaced(
                template,
                TEMPLATE,
                lambda key, _: did_you_mean(key, TEMPLATE),
                lambda key, hint: f"a template has no key {key!r}{hint}",
                diagnostics,
            )
    return out


def _replaced(
    mapping: LocatedMap,
    known: Collection[str],
    hint_of: Callable[[str, str], str],
    message: Callable[[str, str], str],
    diagnostics: Diagnostics,
) -> LocatedMap:
    out = mapping
    for key in islice([key for key in mapping if key not in known], MOST_MISSPELT):
        path = f"{mapping.path}.{key}" if mapping.path else key
        meant = suggested(hint := hint_of(key, path))
        if meant in known and meant not in out:
            diagnostics.note(mapping.key_marks[key].diagnostic(message(key, hint), path=path))
            out = out.without([key])
            out.put(meant, mapping[key], mapping.key_marks[key], mapping.value_marks[key])
    return out
