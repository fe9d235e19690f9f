"""The stub of `convspec.architectures`: what type checkers and editors know of constructors that are made from data."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from pathlib import Path

from convspec import architectures
from convspec.architectures.registry import MODULES, constructors

STUB = Path(inspect.getfile(architectures)).with_suffix(".pyi")
PACKAGE = architectures.__name__

INTRODUCTION = '''\
"""The public names with their types; `make docs` writes this file from the catalogue."""
'''


def stub() -> str:
    """The file as text: constructors of modules by their modules, the others by the template of their signature."""
    return "\n".join(_lines()) + "\n"


def _lines() -> Iterator[str]:
    yield INTRODUCTION
    found = sorted((build.__module__, build.__name__, build.architecture.like) for build in constructors().values())
    public = [("", module) for module in MODULES] + [(".features", "Feature")]
    public += [(".registry", name) for name in ("create", "feature_info", "list_models")]
    public += [(module.removeprefix(PACKAGE), name) for module, name, _ in found if module != PACKAGE]
    yield from (f"from {module or '.'} import {name} as {name}" for module, name in public)
    made = [(name, like.__name__) for module, name, like in found if module == PACKAGE]
    yield from (f"from .signatures import {like} as _{like}" for like in sorted({like for _, like in made}))
    yield ""
    yield from (f"{name} = _{like}" for name, like in made)
