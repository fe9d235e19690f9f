"""Recipes of papers and lectures, by name or from a file, as fields to set in a spec; some are ladders of rungs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ..printing import quote
from .catalogue import FOLDER
from .faults import Fault, FaultError, did_you_mean
from .reading import LocatedMap, parse, read_file
from .writing import plain

KEYS = ("name", "reference", "description", "train", "ladder")


def list_recipes() -> list[str]:
    """The names of the recipes that ship with the package."""
    return sorted(path.stem for path in (FOLDER / "recipes").glob("*.yaml"))


def load_recipe(asked: str) -> dict[str, Any]:
    """The fields that a recipe sets, by their paths: `alexnet`, `my.yaml`, or `resnet_rs:ema`, a ladder up to a rung.

    Without a rung, a ladder is its foot alone. Raises `FaultError`.
    """
    name, _, rung = asked.partition(":")
    document = parse(read_file(_file(name)))
    unknown = [key for key in document if key not in KEYS]
    if unknown:
        raise FaultError(
            document.key_marks[key].fault(f"a recipe has no {key!r}{did_you_mean(key, KEYS)}") for key in unknown
        )
    if not isinstance(document.get("train"), LocatedMap):
        raise FaultError(Fault("has no `train:` section", file=name))
    settings: dict[str, Any] = {"train": plain(document["train"])}
    if rung:
        for step in _rungs(document, name, rung):
            settings |= plain(step["set"])
    return settings


def _rungs(document: LocatedMap, name: str, last: str) -> list[Any]:
    ladder = document.get("ladder", [])
    names = [step["rung"] for step in ladder]
    if last not in names:
        remedy = f"its rungs: {', '.join(names)}" if names else "it is no ladder"
        raise FaultError(Fault(f"{name} has no rung {quote(last)}{did_you_mean(last, names)}", remedy=remedy))
    return list(ladder[: names.index(last) + 1])


def _file(name: str) -> Path:
    if name.endswith((".yaml", ".yml")):
        return Path(name)
    if name not in list_recipes():
        message = f"no recipe is called {quote(name)}{did_you_mean(name, list_recipes())}"
        raise FaultError(Fault(message, remedy=f"there are {', '.join(list_recipes())}, or a file ending in .yaml"))
    return FOLDER / "recipes" / f"{name}.yaml"
