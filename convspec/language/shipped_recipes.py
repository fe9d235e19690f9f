"""Recipes of papers and lectures, by name or from a file, as fields to set in a spec; some are ladders of rungs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ..printing import quote
from .catalogue import FOLDER
from .diagnostics import Diagnostic, InputError, did_you_mean
from .located import LocatedList, LocatedMap
from .writing import plain
from .yaml_loader import parse, read_file

RUNG = "such as {rung: smoothing, set: {train.label_smoothing: 0.1}}"
ENDINGS = (".yaml", ".yml")
KEYS = ("name", "reference", "description", "train", "ladder")


def list_recipes() -> list[str]:
    """The names of the recipes that ship with the package."""
    return sorted(path.stem for path in (FOLDER / "recipes").glob("*.yaml"))


def load_recipe(asked: str | Path) -> dict[str, Any]:
    """The fields that a recipe sets, by their paths: `alexnet`, `my.yaml`, or `resnet_rs:ema`, a ladder up to a rung.

    Without a rung, a ladder is its foot alone. Raises `InputError`.
    """
    asked = str(asked)
    is_file = asked.endswith(ENDINGS)  # its folder may have a colon in its name
    name, _, rung = (asked, "", "") if is_file or ":" not in asked else asked.rpartition(":")
    document = parse(read_file(_file(name)))
    unknown = [key for key in document if key not in KEYS]
    if unknown:
        raise InputError(
            document.key_marks[key].diagnostic(f"a recipe has no {key!r}{did_you_mean(key, KEYS)}") for key in unknown
        )
    if not isinstance(document.get("train"), LocatedMap):
        raise InputError(Diagnostic("has no `train:` section", file=name))
    settings: dict[str, Any] = {"train": plain(document["train"])}
    if rung:
        for step in _rungs(document, name, rung):
            settings |= plain(step["set"])
    return settings


def _rungs(document: LocatedMap, name: str, last: str) -> list[Any]:
    ladder = document.get("ladder", LocatedList(document.mark, "ladder"))
    if not isinstance(ladder, LocatedList):
        raise InputError(document.value_marks["ladder"].diagnostic("a ladder is a list of rungs", remedy=RUNG))
    for step, mark in zip(ladder, ladder.marks, strict=True):
        fields = step if isinstance(step, LocatedMap) else {}
        if not isinstance(fields.get("rung"), str) or not isinstance(fields.get("set"), LocatedMap):
            raise InputError(
                mark.diagnostic(f"a rung has a name and fields to set, and is not {quote(step)}", remedy=RUNG)
            )
    names = [step["rung"] for step in ladder]
    if last not in names:
        remedy = f"its rungs: {', '.join(names)}" if names else "it is no ladder"
        raise InputError(Diagnostic(f"{name} has no rung {quote(last)}{did_you_mean(last, names)}", remedy=remedy))
    return list(ladder[: names.index(last) + 1])


def _file(name: str) -> Path:
    if name.endswith(ENDINGS):
        return Path(name)
    if name not in list_recipes():
        message = f"no recipe is called {quote(name)}{did_you_mean(name, list_recipes())}"
        raise InputError(
            Diagnostic(message, remedy=f"there are {', '.join(list_recipes())}, or a file ending in .yaml")
        )
    return FOLDER / "recipes" / f"{name}.yaml"
