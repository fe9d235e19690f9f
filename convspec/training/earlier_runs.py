"""Runs that an earlier version began go on as they were begun."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..language.recipe import Recipe

SINCE: dict[str, Any] = {"precise_batch_norm": None, "augmentation.fill_mode": "nearest"}
"""Fields that recipes have had since the first `run.json` files, with the values that do what was done before."""


def as_begun(recipe: Recipe, written: Mapping[str, Any]) -> tuple[Recipe, dict[str, Any]]:
    """The recipe of a run as the version that wrote its `run.json` understood it, and what it would write now.

    A field that the file does not have gets the value that changes nothing: in the recipe, unless it is set there to
    another value than its default, and in the copy of what was `written`.
    """
    whole = {name: dict(value) if isinstance(value, dict) else value for name, value in written.items()}
    for path, value in SINCE.items():
        *sections, name = path.split(".")
        part = whole
        for section in sections:
            part = part.setdefault(section, {})
        if name not in part:
            part[name] = value
            recipe = _with(recipe, sections, name, value)
    return recipe, whole


def _with(part: Any, sections: list[str], name: str, value: Any) -> Any:
    """A recipe, or a section of it, with a field changed that has its default."""
    if sections:
        inner = _with(getattr(part, sections[0]), sections[1:], name, value)
        return part.model_copy(update={sections[0]: inner})
    default = type(part).model_fields[name].default
    return part.model_copy(update={name: value}) if getattr(part, name) == default else part
