"""Uses of other packages' private names in source text, and in the classes that are made of theirs."""

from __future__ import annotations

import ast
import functools
import inspect
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

PYTHON = {
    "_asdict", "_fields", "_make", "_replace",  # of named tuples, documented
    "_exit", "_getframe",  # of os and sys, documented
    "_actions", "_SubParsersAction",  # of argparse, which completion walks through
    "_initializing", "_run_exitfuncs",  # of modules being imported, and of atexit
}  # fmt: skip
"""Names of the standard library's that begin with an underscore."""

PRIVATE_PLACES = ("keras.src", "keras_tuner.src", "tensorflow.python", "tensorflow.core", "ray._")
HOME = "convspec.private_names"
BY_NAME = ("getattr", "setattr", "hasattr", "delattr")


class Use(NamedTuple):
    """A line, and the name that it uses."""

    line: int
    name: str


def is_private(name: str) -> bool:
    """Whether a name begins with one underscore."""
    return name.startswith("_") and not name.startswith("__") and name != "_"


def private_uses(text: str, others: Iterable[str] = ()) -> list[Use]:
    """What a module uses that is private to others; `others` are names that it must not hold as texts either.

    A private attribute of `self` is the class's own (`overridden` looks after those); any other has to be defined in
    the same module. What type checkers read alone is used by nobody.
    """
    tree = ast.parse(text)
    own = PYTHON | set(_defined(tree))
    found = []
    for_types = {
        id(inner)
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"
        for part in node.body
        for inner in ast.walk(part)
    }
    for node in (node for node in ast.walk(tree) if id(node) not in for_types):
        found += [Use(node.lineno, name) for name in _used(node, own, frozenset(others))]  # type: ignore[attr-defined]
    return found


def _defined(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            yield node.name
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id
        elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store) and _is_self(node.value):
            yield node.attr


def _is_self(node: ast.expr) -> bool:
    called = isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "super"
    return called or (isinstance(node, ast.Name) and node.id in ("self", "cls"))


def _used(node: ast.AST, own: set[str], others: frozenset[str]) -> Iterator[str]:
    if isinstance(node, ast.Attribute) and is_private(node.attr) and node.attr not in own:
        if not _is_self(node.value):
            yield node.attr
    elif isinstance(node, ast.Call):
        yield from _called(node, own)
    elif isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names if _is_private_place(alias.name))
    elif isinstance(node, ast.ImportFrom) and not node.level:
        yield from (
            f"{node.module}.{alias.name}" for alias in node.names if _is_private_place(f"{node.module}.{alias.name}")
        )
    elif isinstance(node, ast.Constant) and isinstance(node.value, str) and " " not in node.value:
        yield from [node.value] if node.value in others or _is_private_place(node.value) else []


def _called(node: ast.Call, own: set[str]) -> Iterator[str]:
    name = node.func.id if isinstance(node.func, ast.Name) else ""
    if name in BY_NAME and len(node.args) > 1 and isinstance(text := node.args[1], ast.Constant):
        yield from [text.value] if is_private(str(text.value)) and text.value not in own else []
    if isinstance(node.func, ast.Attribute) and node.func.attr == "__setattr__" and not _is_self(node.args[0]):
        yield "__setattr__"
    yield from (word.arg for word in node.keywords if word.arg and is_private(word.arg))


def _is_private_place(name: str) -> bool:
    first, *rest = name.split(".")
    if first in sys.stdlib_module_names:
        return False
    return name.startswith(PRIVATE_PLACES) or any(is_private(part) for part in rest)


def overridden(cls: type, package: str) -> set[str]:
    """Private names that a class of the package has, by itself or by a base, and classes of others that it is made of.

    `package` is the beginning of the modules whose classes are ours. To override such a name is to use it, and to
    choose it by chance is worse.
    """
    ours = [base for base in cls.__mro__ if base.__module__.startswith(package) and base.__module__ != HOME]
    theirs = [base for base in cls.__mro__ if base.__module__.split(".")[0] in ("keras", "keras_tuner", "ray")]
    return _names(ours) & _names(theirs) if ours and theirs else set()


def _names(classes: list[type]) -> set[str]:
    return {name for cls in classes for name in _names_of(cls)}


@functools.cache
def _names_of(cls: type) -> frozenset[str]:
    tree = ast.parse(inspect.cleandoc("\n" + inspect.getsource(cls)))
    return frozenset(name for name in _defined(tree) if is_private(name))


def modules(package: Path) -> list[Path]:
    """The modules of a package, but for the one that holds the private names."""
    return [path for path in sorted(package.rglob("*.py")) if path.name != "private_names.py"]
