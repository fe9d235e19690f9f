"""Recipes of papers and lectures, by name or from a file, as fields to set in a spec; some have presets."""

from __future__ import annotations

from pathlib import Path

from ..printing import quote
from .catalogue import FOLDER
from .diagnostics import Diagnostic, InputError, did_you_mean
from .located import LocatedList, LocatedMap
from .merging_overrides import merged
from .writing import plain
from .yaml_loader import parse, read_file

PRESET = "such as {preset: smoothing, set: {train.label_smoothing: 0.1}}"
ENDINGS = (".yaml", ".yml")
KEYS = ("name", "reference", "description", "train", "presets")
FORMER = {"presets": "ladder", "preset": "rung"}  # words of the first files, which are still read


def list_recipes() -> list[str]:
    """The names of the recipes that ship with the package."""
    return sorted(path.stem for path in (FOLDER / "recipes").glob("*.yaml"))


def load_recipe(asked: str | Path, root: LocatedMap | None = None) -> dict[str, object]:
    """The fields that a recipe sets, by their paths: `alexnet`, `my.yaml`, or `resnet_rs:ema`, a preset of a recipe.

    A preset sets what those above it in the file set, and then its own fields. Without one, the recipe is its `train:`
    section alone. A `Path` is always a file. `root` is the document that it is for. Raises `InputError`.
    """
    name, _, preset = str(asked).rpartition(":")
    if not name or isinstance(asked, Path) or asked.endswith(ENDINGS):  # its folder may have a colon in its name
        name, preset = str(asked), ""
    document = parse(read_file(asked if isinstance(asked, Path) else _file(name)))
    unknown = [key for key in document if key not in (*KEYS, FORMER["presets"])]
    if unknown:
        raise InputError(
            document.key_marks[key].diagnostic(f"a recipe has no {key!r}{did_you_mean(key, KEYS)}") for key in unknown
        )
    train = document.get("train")
    if not isinstance(train, LocatedMap):
        raise InputError(Diagnostic("has no `train:` section", file=name))
    settings: dict[str, object] = {"train": plain(train)}
    for fields in _changes(document, name, preset) if preset else ():
        settings = merged(settings, plain(fields), lambda _, new: new, root)
    return settings


def _changes(document: LocatedMap, name: str, wanted: str) -> list[LocatedMap]:
    """What the presets of a recipe set, up to the one that is wanted."""
    key = next((key for key in ("presets", FORMER["presets"]) if key in document), "")
    presets = document.get(key, LocatedList(document.mark, "presets"))
    if not isinstance(presets, LocatedList):
        raise InputError(document.value_marks[key].diagnostic(f"`{key}` is a list", remedy=PRESET))
    found: dict[str, LocatedMap] = {}
    for preset, mark in zip(presets, presets.marks, strict=True):
        given = preset if isinstance(preset, LocatedMap) else LocatedMap(mark)
        called, fields = given.get("preset", given.get(FORMER["preset"])), given.get("set")
        if not isinstance(called, str) or not isinstance(fields, LocatedMap):
            message = f"a preset has a name and fields to set, and is not {quote(preset)}"
            raise InputError(mark.diagnostic(message, remedy=PRESET))
        found[called] = fields
    if wanted not in found:
        remedy = f"its presets: {', '.join(found)}" if found else "it has no presets"
        raise InputError(
            Diagnostic(f"{name} has no preset {quote(wanted)}{did_you_mean(wanted, found)}", remedy=remedy)
        )
    return list(found.values())[: list(found).index(wanted) + 1]


def _file(name: str) -> Path:
    if name.endswith(ENDINGS):
        return Path(name)
    if name not in list_recipes():
        message = f"no recipe is called {quote(name)}{did_you_mean(name, list_recipes())}"
        remedy = f"there are {', '.join(list_recipes())}, or a file ending in .yaml"
        raise InputError(Diagnostic(message, remedy=remedy))
    return FOLDER / "recipes" / f"{name}.yaml"
