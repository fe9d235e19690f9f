"""From a name or a file to a checked network: `load("resnet18")`, `load("my.yaml")`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from .catalogue import find_spec, names_of
from .checking import check
from .faults import Fault, FaultError, did_you_mean
from .overriding import located, with_value, without_idle_parameters
from .reading import LocatedMap, Mark, Text, parse, read_file
from .saved import read_saved
from .spec import Spec

MERGED = ("parameters", "templates", "defaults")
"""Sections that an extending spec completes; it replaces the others whole."""


def load(
    source: str | Path | Mapping[str, Any],
    *,
    variant: str | None = None,
    overrides: Mapping[str, Any] | None = None,
    input_shape: Sequence[int | None] | None = None,
) -> Spec:
    """A network by its name in the catalogue, from a YAML file, a saved `.keras` model of ours, or a mapping.

    `overrides` sets fields by their path (`{"head.dropout": 0.5}`), `input_shape` is (height, width, channels).
    Raises `FaultError` with everything that is wrong.
    """
    root, chosen = _open(source)
    root = _extended(root, _folder(source), ())
    name = variant if variant is not None else chosen
    if name is not None:
        root = with_variant(root, name)
    changes = dict(overrides or {})
    if input_shape is not None:
        changes["input"] = list(input_shape)
    return check(with_overrides(root, changes))


def with_variant(root: LocatedMap, name: str) -> LocatedMap:
    """The document of one network of a family: its parameters set, its name its own. Raises `FaultError`."""
    variants = root.get("variants")
    mark = root.value_marks.get("variants", root.mark)
    if not isinstance(variants, LocatedMap) or name not in variants:
        known = list(variants) if isinstance(variants, LocatedMap) else []
        message = f"no variant is called {name!r}{did_you_mean(name, known)}"
        raise FaultError(mark.fault(message, path="variants", remedy=f"there are: {', '.join(known) or 'none'}"))
    out = root.shallow()
    out.put("name", name, root.key_marks.get("name"), variants.key_marks[name])
    chosen, parameters = variants[name], root.get("parameters")
    if isinstance(chosen, LocatedMap):
        merged = parameters.shallow() if isinstance(parameters, LocatedMap) else LocatedMap(mark, "parameters")
        for key in chosen:
            merged.put(key, chosen[key], chosen.key_marks[key], chosen.value_marks[key])
        out.put("parameters", merged, root.key_marks.get("parameters"), root.value_marks.get("parameters"))
    return out


def with_overrides(root: LocatedMap, overrides: Mapping[str, Any]) -> LocatedMap:
    """The document with fields set by their paths. Raises `FaultError` where a path leads nowhere."""
    before = root
    for path, value in overrides.items():
        mark = Mark(0, 0, Text(f"{path}={value}", ""))
        root = with_value(root, path, located(value, mark, path), mark)
    set_here = [path.removeprefix("parameters.") for path in overrides if path.startswith("parameters.")]
    return without_idle_parameters(root, before, set_here)


def _open(source: str | Path | Mapping[str, Any]) -> tuple[LocatedMap, str | None]:
    """The document, and the variant that the source names."""
    if isinstance(source, Mapping):
        return located(dict(source), Mark(0, 0, Text("the spec", "")), ""), None
    if str(source).endswith(".keras"):
        return parse(read_saved(Path(source))), None
    if _is_file(source):
        return parse(read_file(Path(source))), None
    _, root, variant = find_spec(str(source))
    return root, variant


def _is_file(source: str | Path) -> bool:
    return isinstance(source, Path) or source.endswith((".yaml", ".yml")) or "/" in source or "\\" in source


def _folder(source: str | Path | Mapping[str, Any]) -> Path:
    return Path(source).parent if isinstance(source, (str, Path)) and _is_file(source) else Path()


def _extended(root: LocatedMap, folder: Path, chain: tuple[str, ...]) -> LocatedMap:
    """The document with what it extends filled in, and its `replace` applied."""
    replace = root.get("replace")
    if (base_name := root.get("extends")) is not None:
        root = _filled_in(root, str(base_name), folder, chain)
    if isinstance(replace, LocatedMap):
        out = root.shallow()
        for key in ("replace",):
            out.pop(key, None)
        for path, value in replace.items():
            out = with_value(out, path, value, replace.value_marks[path])
        return out
    return root


def _filled_in(root: LocatedMap, base_name: str, folder: Path, chain: tuple[str, ...]) -> LocatedMap:
    mark = root.value_marks["extends"]
    if base_name in chain:
        loop = " -> ".join([*chain, base_name])
        raise FaultError(mark.fault(f"extends itself: {loop}", path="extends"))
    source = folder / base_name if base_name.endswith((".yaml", ".yml")) else base_name
    try:
        base, variant = _open(source)
    except FaultError as error:
        raise FaultError([mark.fault(f.message, path="extends", remedy=f.remedy) for f in error.faults]) from None
    base = _extended(base, _folder(source), (*chain, base_name))
    if variant is not None:
        base = with_variant(base, variant)
    out = base.shallow()
    out.mark = root.mark
    out.pop("variants", None)
    for key in root.keys() - {"extends"}:
        value = root[key]
        if key in MERGED and isinstance(value, LocatedMap) and isinstance(base.get(key), LocatedMap):
            merged = base[key].shallow()
            for inner in value:
                merged.put(inner, value[inner], value.key_marks[inner], value.value_marks[inner])
            value = merged
        out.put(key, value, root.key_marks[key], root.value_marks[key])
    return out


def variants_of(path: Path) -> list[str]:
    """The networks that a file describes. Raises `FaultError` where it cannot be read."""
    return names_of(parse(read_file(path)))


__all__ = ["Fault", "FaultError", "load", "variants_of", "with_overrides", "with_variant"]
