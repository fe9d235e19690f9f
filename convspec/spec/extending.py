"""Documents that build on others: a variant of its family, a spec that extends another."""

from __future__ import annotations

import os
from pathlib import Path

from ..printing import quote
from .faults import Fault, FaultError, Faults, did_you_mean
from .opening import folder_of, open_source
from .overriding import parse_path, searched_parameters, with_value, without_idle_parameters
from .reading import LocatedMap, Mark

MERGED = ("parameters", "templates", "defaults")
"""Sections that an extending spec completes; it replaces the others whole."""


def with_variant(root: LocatedMap, name: str) -> LocatedMap:
    """The document of one network of a family: its parameters set, its name its own. Raises `FaultError`."""
    variants = root.get("variants")
    mark = root.value_marks.get("variants", root.mark)
    if not isinstance(variants, LocatedMap) or name not in variants:
        known = list(variants) if isinstance(variants, LocatedMap) else []
        message = f"no variant is called {quote(name)}{did_you_mean(name, known)}"
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


LONGEST_CHAIN = 20
"""Documents that extend one another."""


def extended(root: LocatedMap, folder: Path, chain: tuple[str, ...] = ()) -> LocatedMap:
    """The document with what it extends filled in, and its `replace` applied."""
    searched = searched_parameters(root)
    if (base_name := root.get("extends")) is not None:
        if not isinstance(base_name, str):
            message = f"expected the name of a network or file, not {quote(base_name)}"
            raise FaultError(root.value_marks["extends"].fault(message, path="extends"))
        root = _filled_in(root, base_name, folder, chain)
    replace = root.get("replace")
    if not isinstance(replace, LocatedMap):
        return root
    out = root.shallow()
    del out["replace"]
    faults = Faults()
    for path in replace:
        try:
            out = _replaced(out, path, replace)
        except FaultError as error:
            faults.note(*error.faults)
    if faults:
        raise faults.error()
    return without_idle_parameters(out, root, searched)


def _replaced(root: LocatedMap, path: str, replace: LocatedMap) -> LocatedMap:
    """The document with one of its `replace`. Raises `FaultError` at its key."""
    mark = replace.key_marks[path]
    try:
        first = parse_path(path)[0]
        if first in ("extends", "replace"):
            message = f"{quote(path)} acts before fields are replaced"
            raise FaultError(mark.fault(message, path="replace", remedy="write it beside `replace`"))
        return with_value(root, path, replace[path], replace.value_marks[path])
    except FaultError as error:
        raise FaultError(
            [
                fault if fault.line else mark.fault(fault.message, path="replace", remedy=fault.remedy)
                for fault in error.faults
            ]
        ) from None


def _of_the_base(fault: Fault, mark: Mark) -> Fault:
    """What is wrong with the other document, told where this one names it."""
    place = ":".join(str(part) for part in (fault.file, fault.line, fault.column) if part)
    return mark.fault(f"{place}: {fault.message}" if place else fault.message, path="extends", remedy=fault.remedy)


def _filled_in(root: LocatedMap, base_name: str, folder: Path, chain: tuple[str, ...]) -> LocatedMap:
    mark = root.value_marks["extends"]
    source = folder / base_name if base_name.endswith((".yaml", ".yml")) else base_name
    here = str(source) if isinstance(source, str) else os.path.normpath(source)  # one name can mean two files
    if here in chain:
        loop = " -> ".join([*chain[chain.index(here) :], here])
        raise FaultError(mark.fault(f"extends itself: {loop}", path="extends"))
    if len(chain) >= LONGEST_CHAIN:
        raise FaultError(mark.fault(f"extends more than {LONGEST_CHAIN} documents in a row", path="extends"))
    try:
        base, variant = open_source(source)
    except FaultError as error:
        raise FaultError([_of_the_base(fault, mark) for fault in error.faults]) from None
    base = extended(base, folder_of(source), (*chain, here))
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
    own = root.get("parameters")
    kept = searched_parameters(root).union(own if isinstance(own, LocatedMap) else ())
    return without_idle_parameters(out, base, kept)
