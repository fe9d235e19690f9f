"""Documents that build on others: a variant of its family, a spec that extends another."""

from __future__ import annotations

import os
import re
from pathlib import Path

from ..printing import quote
from .control import MERGED, Unresolved
from .diagnostics import Diagnostic, Diagnostics, InputError, did_you_mean
from .located import LocatedList, LocatedMap, Mark
from .overriding import parameter_of, parse_path, searched_parameters, with_value, without_idle_parameters
from .sources import folder_of, open_source
from .unused import canonical_text

OF_ITS_OWN = ("name", "reference", "description", "variants", "class_names")
"""Keys of a document that say nothing of another which extends it."""


def with_variant(root: LocatedMap, name: str) -> LocatedMap:
    """The document of one network of a family: its parameters set, its name its own. Raises `InputError`."""
    variants, mark = root.section("variants"), root.value_marks.get("variants", root.mark)
    if name not in variants:
        message = f"no variant is called {quote(name)}{did_you_mean(name, variants)}"
        remedy = f"there are: {', '.join(variants) or 'none'}"
        raise InputError(mark.diagnostic(message, path="variants", remedy=remedy))
    out = root.shallow()
    out.put("name", name, value_mark=variants.key_marks[name])
    chosen, parameters = variants[name], root.get("parameters")
    if isinstance(chosen, LocatedMap):
        merged = parameters.shallow() if isinstance(parameters, LocatedMap) else LocatedMap(mark, "parameters")
        merged.take(chosen)
        out.put("parameters", merged, root.key_marks.get("parameters"), root.value_marks.get("parameters"))
    return out


LONGEST_CHAIN = 20
"""Documents that extend one another."""


def extended(root: LocatedMap, folder: Path, diagnostics: Diagnostics, chain: tuple[str, ...] = ()) -> LocatedMap:
    """The document with what it extends filled in, and its `replace` applied; what cannot be replaced is noted.

    A document that cannot be extended is noted, and `extends` is then `Unresolved`: the rest is checked by itself.
    """
    searched = searched_parameters(root)
    if (base_name := root.get("extends")) is not None and base_name is not Unresolved:
        try:
            root = _filled_in(root, base_name, folder, diagnostics, chain)
        except InputError as error:
            if chain:
                raise
            diagnostics.note(*error.diagnostics)
            root = root.shallow()
            root["extends"] = Unresolved
    replace = root.get("replace")
    if not isinstance(replace, LocatedMap) or root.get("extends") is Unresolved:
        return root
    if base_name is None:
        message, remedy = "there is no `extends`, whose fields it could replace", "write the values in their places"
        diagnostics.note(root.key_marks["replace"].diagnostic(message, path="replace", remedy=remedy))
        return root
    out = root.shallow()
    del out["replace"]
    for path in replace:
        try:
            out = _replaced(out, path, replace, root)
        except InputError as error:
            diagnostics.note(*error.diagnostics)
    replaced = {name for path in replace if (name := parameter_of(path))}
    return without_idle_parameters(out, root, searched | replaced)


def _check_effect(root: LocatedMap, out: LocatedMap, path: str, replace: LocatedMap) -> None:
    """Raise `InputError` where one of `replace` changes nothing, or a value that could be right where it is written.

    `root` is the document before all of them, `out` as those before this one leave it.
    """
    mark, steps, paths = replace.key_marks[path], parse_path(path), list(replace)
    for other in paths:
        if other != path and re.match(re.escape(other) + r"(?![^.\[])", path):
            message = f"{quote(other)} replaces {quote(path)} again"
            raise InputError(mark.diagnostic(message, path="replace", remedy="leave one of the two out"))
    if (found := _found(out, steps)) and canonical_text(found[0]) == canonical_text(replace[path]):
        message = f"{path} is {quote(found[0])} already"
        raise InputError(mark.diagnostic(message, path="replace", remedy="leave it out"))
    if (found := _found(root, steps)) and found[1].text.file == mark.text.file:
        line = f", in line {found[1].line}" if found[1].line else ""
        message = f"{path} is set in this file already{line}; `replace` is for what `extends` brings"
        raise InputError(mark.diagnostic(message, path="replace", remedy="write the value there"))


def _found(value: object, steps: tuple[str | int, ...]) -> tuple[object, Mark] | None:
    """The value at the end of a path, and its place; None where there is nothing."""
    mark = Mark(0, 0)
    for step in steps:
        if isinstance(value, LocatedMap) and isinstance(step, str) and step in value:
            mark, value = value.value_marks[step], value[step]
        elif isinstance(value, LocatedList) and isinstance(step, int) and -len(value) <= step < len(value):
            mark, value = value.marks[step], value[step]
        else:
            return None
    return value, mark


def _replaced(root: LocatedMap, path: str, replace: LocatedMap, before: LocatedMap) -> LocatedMap:
    """The document with one of its `replace`; `before` is without any of them. Raises `InputError` at its key."""
    mark = replace.key_marks[path]
    try:
        first = parse_path(path)[0]
        if first in ("extends", "replace"):
            message = f"{quote(path)} acts before fields are replaced"
            raise InputError(mark.diagnostic(message, path="replace", remedy="write it beside `replace`"))
        _check_effect(before, root, path, replace)
        return with_value(root, path, replace[path], replace.value_marks[path], replace.key_marks[path])
    except InputError as error:
        raise InputError(one if one.line else mark.place(one, "replace") for one in error.diagnostics) from None


def _of_the_base(diagnostic: Diagnostic, mark: Mark) -> Diagnostic:
    """What is wrong with the other document, reported where this one names it."""
    place = ":".join(str(part) for part in (diagnostic.file, diagnostic.line, diagnostic.column) if part)
    return mark.diagnostic(
        f"{place}: {diagnostic.message}" if place else diagnostic.message, path="extends", remedy=diagnostic.remedy
    )


def _check_use(root: LocatedMap, base: LocatedMap, mark: Mark) -> None:
    """Raise `InputError` where a document has all keys of its own that the one which it extends has."""
    filled = [key for key in base if key not in (*OF_ITS_OWN, *root)]
    if not filled and "replace" not in root and not any(isinstance(root.get(key), LocatedMap) for key in MERGED):
        keys = ", ".join(key for key in base if key not in OF_ITS_OWN)
        message = f"brings nothing: all that it has ({keys}) this file writes itself"
        raise InputError(mark.diagnostic(message, path="extends", remedy="leave `extends` out"))


def _filled_in(
    root: LocatedMap, base_name: object, folder: Path, diagnostics: Diagnostics, chain: tuple[str, ...]
) -> LocatedMap:
    mark = root.value_marks["extends"]
    if not isinstance(base_name, str):
        message = f"expected the name of a network or file, not {quote(base_name)}"
        raise InputError(mark.diagnostic(message, path="extends"))
    source = folder / base_name if base_name.endswith((".yaml", ".yml")) else base_name
    here = str(source) if isinstance(source, str) else os.path.normpath(source)  # one name can mean two files
    if here in chain:
        loop = " -> ".join([*chain[chain.index(here) :], here])
        raise InputError(mark.diagnostic(f"extends itself: {loop}", path="extends"))
    if len(chain) >= LONGEST_CHAIN:
        raise InputError(mark.diagnostic(f"extends more than {LONGEST_CHAIN} documents in a row", path="extends"))
    mistakes = Diagnostics()
    try:
        base, variant = open_source(source, mistakes)
    except InputError as error:
        raise InputError([_of_the_base(diagnostic, mark) for diagnostic in error.diagnostics]) from None
    noted = [_of_the_base(diagnostic, mark) for diagnostic in mistakes.found.values()]
    if Unresolved in base.values():
        raise InputError(noted)
    diagnostics.note(*noted)
    base = extended(base, folder_of(source), diagnostics, (*chain, here))
    _check_use(root, base, mark)
    if variant is not None:
        base = with_variant(base, variant)
    out = base.shallow()
    out.mark = root.mark
    out.pop("variants", None)
    out.pop("class_names", None)
    for key in root.keys() - {"extends"}:
        value, theirs = root[key], base.get(key)
        if key in MERGED and isinstance(value, LocatedMap) and isinstance(theirs, LocatedMap):
            merged = theirs.shallow()
            merged.take(value)
            value = merged
        out.put(key, value, root.key_marks[key], root.value_marks[key])
    return without_idle_parameters(out, base, searched_parameters(root).union(root.section("parameters")))
