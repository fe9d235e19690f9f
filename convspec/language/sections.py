"""The sections of a document with their expressions filled in, each by its own rules."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from typing import ParamSpec

from ..graph.symbolic import SymbolicNumber
from ..suggestions import did_you_mean
from .control import REQUIRED, Unresolved
from .declarations import check_defaults, check_parameters, check_templates
from .diagnostics import Diagnostics
from .expressions import Names
from .interpolation import Resolver
from .located import LocatedList, LocatedMap, Mark, listed
from .overriding import varied_names
from .unused import Usage

Given = ParamSpec("Given")

UNRESOLVED_SECTIONS = ("parameters", "variants", "templates", "defaults")
"""Sections that feed the resolution and are not resolved themselves."""


def resolve(
    root: LocatedMap, diagnostics: Diagnostics, usage: Usage
) -> tuple[LocatedMap, LocatedList, Collection[Mark]]:
    """The sections with all filled in; the blocks that are left out, and where expressions give values of theirs."""
    names: dict[str, object] = {}
    resolver = Resolver(names, root, diagnostics, usage)
    resolve_parameters(root, resolver, names)
    resolver.varied = varied_names(root)
    if "classes" in root:
        classes = names.get("classes")
        resolver.classes = classes if isinstance(classes, int) or classes is Unresolved else None
    resolved = LocatedMap(root.mark, root.path)
    for key in REQUIRED if root.get("extends") is Unresolved else ():
        resolved.put(key, Unresolved)
    for key, value in root.items():
        mark = root.value_marks[key]
        section = or_unresolved(_section, resolver, key, value, mark, names)
        resolved.put(key, section, root.key_marks[key], mark)
    if "head" not in root:
        head = LocatedMap(root.mark, "head" if "head" in resolver.defaults else "")
        resolved.put("head", or_unresolved(resolver.head, head, names))
    skipped = resolver.skipped()
    _check_declarations(root, resolver)
    return resolved, skipped, resolver.uncertain


def resolve_parameters(root: LocatedMap, resolver: Resolver, names: dict[str, object]) -> None:
    """Fill in `names`: the network's name, channels of its input, classes; each parameter may use those before it.

    A wrong number of channels or classes is not known: the document's own model says what is wrong with it.
    """
    parameters = root.section("parameters")
    names["name"] = root.get("name")
    frame = list(_frame_names(root))
    for name, value, _, _ in frame:
        names[name] = value
    for key, value in parameters.items():
        mark = parameters.value_marks[key]
        names[key] = or_unresolved(resolver.bound, value, mark, f"parameters.{key}", names)
    for name, value, mark, path in frame:
        if isinstance(value, str) and name not in parameters:
            names[name] = or_unresolved(resolver.value, value, mark, path, names)
        if name not in parameters and not isinstance(names[name], (int, SymbolicNumber)):
            names[name] = Unresolved


def _frame_names(root: LocatedMap) -> Iterator[tuple[str, object, Mark, str]]:
    """What expressions may use besides the parameters, as written: name, value and place."""
    if isinstance(shape := root.get("input"), LocatedList) and shape:
        yield "channels", shape[-1], shape.marks[-1], f"input[{len(shape) - 1}]"
    if (classes := root.get("classes")) is not None:
        yield "classes", classes, root.value_marks["classes"], "classes"


def or_unresolved(resolve: Callable[Given, object], *values: Given.args, **named: Given.kwargs) -> object:
    """What a function makes of a value, or `Unresolved`, with what is wrong noted."""
    try:
        return resolve(*values, **named)
    except Unresolved:
        return Unresolved


def _check_declarations(root: LocatedMap, resolver: Resolver) -> None:
    """Note what is declared and never used: last, since a name that is misspelt where it is used is one error."""
    if not resolver.incomplete:
        check_templates(resolver.diagnostic, root, resolver.usage.meant)
        check_defaults(resolver.diagnostic, root)
    if isinstance(root.get("parameters"), LocatedMap) and Unresolved not in root.values():
        _check_names(root, root.section("parameters"), resolver)


def _check_names(root: LocatedMap, parameters: LocatedMap, resolver: Resolver) -> None:
    """Note parameters that nothing uses, and those of variants that there are not."""
    check_parameters(resolver.diagnostic, root, parameters, "parameters", resolver.usage.meant)
    variants = root.section("variants")
    for name in variants:
        chosen = variants.section(name)
        for key in chosen.keys() - parameters.keys():
            message = f"no parameter is called {key!r}{did_you_mean(key, parameters)}"
            resolver.diagnostic(message, chosen.key_marks[key], f"variants.{name}.{key}")


def _section(resolver: Resolver, key: str, value: object, mark: Mark, names: dict[str, object]) -> object:
    if key in UNRESOLVED_SECTIONS:
        return value
    if key in ("body", "head") and isinstance(value, LocatedList):
        return resolver.items(value, names, f"{key}_{{}}")
    if key == "head" and isinstance(value, LocatedMap):
        return resolver.head(value, names)
    if key == "outputs" and isinstance(value, LocatedMap):
        return _outputs(resolver, value, names)
    return resolver.value(value, mark, key, names)


def _outputs(resolver: Resolver, outputs: LocatedMap, names: dict[str, object]) -> LocatedMap:
    out = outputs.shallow()
    for name, output in outputs.items():
        if isinstance(output, LocatedMap):
            out[name] = _output(resolver, name, output, names)
    return out


def _output(resolver: Resolver, name: str, output: LocatedMap, names: Names) -> LocatedMap:
    out = output.shallow()
    for key, value in output.items():
        mark = output.value_marks[key]
        if key == "head" and isinstance(value, (LocatedList, str)):
            items = listed(value, mark, f"outputs.{name}.head")
            out[key] = resolver.items(items, names, f"{name}_{{}}")
        elif key == "head" and isinstance(value, LocatedMap):
            out[key] = resolver.head(value, names)
        else:
            out[key] = resolver.value(value, mark, f"outputs.{name}.{key}", names)
    return out
