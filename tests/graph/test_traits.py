"""Everything that depends on the kind of an operation is declared by the operation; nothing looks it up by a name."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

import convspec
from convspec import graph
from convspec.graph import Operation

PACKAGE = Path(convspec.__file__).parent
OPERATIONS = {name for name, one in vars(graph).items() if isinstance(one, type) and issubclass(one, Operation)}
NAMES = ("keras_class", "layer_class")


def lookups(source: str) -> list[int]:
    """Lines in which the name of an operation's class is compared, or is a key.

    What is found: `operation.keras_class == "Dense"`, `in TABLE`, `TABLE[...]`, `TABLE.get(...)`, also behind a local
    name, as `kind = operation.keras_class`, and tables whose keys are names of operations.
    """
    tree = ast.parse(source)
    named = {
        target.id
        for node in ast.walk(tree)
        if isinstance(node, ast.Assign) and _is_class_name(node.value, set())
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Compare):
            asked = any(_is_class_name(one, named) for one in (node.left, *node.comparators))
            other = [one for one in (node.left, *node.comparators) if not _is_class_name(one, named)]
            wrong = asked and bool(other)
        elif isinstance(node, ast.Subscript):
            wrong = _is_class_name(node.slice, named)
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "get":
            wrong = bool(node.args) and _is_class_name(node.args[0], named)
        elif isinstance(node, (ast.Dict, ast.Set, ast.Tuple, ast.List)):
            keys = node.keys if isinstance(node, ast.Dict) else node.elts
            words = [key.value for key in keys if isinstance(key, ast.Constant)]
            wrong = sum(word in OPERATIONS for word in words) > 1
        else:
            wrong = False
        if wrong:
            found.append(node.lineno)
    return found


def _is_class_name(node: ast.AST, named: set[str]) -> bool:
    if isinstance(node, ast.Name):
        return node.id in named
    return isinstance(node, ast.Attribute) and node.attr in NAMES


KERAS_LAYERS = ("blocks/aliases.py", "graph/__init__.py", "registration.py")
"""Names that users and files write, and the list of what the package exports."""


def test_no_trait_is_looked_up_by_the_name_of_a_class() -> None:
    found = {
        str(path.relative_to(PACKAGE)): lines
        for path in sorted(PACKAGE.rglob("*.py"))
        if str(path.relative_to(PACKAGE)) not in KERAS_LAYERS and (lines := lookups(path.read_text("utf-8")))
    }
    assert found == {}


@pytest.mark.parametrize(
    "source",
    [
        'operation.keras_class == "Dense"', "node.operation.keras_class in TABLE", "TABLE[operation.keras_class]",
        "TABLE.get(operation.layer_class, 0)", 'kind = operation.keras_class\nif kind == "Dense": pass',
        'WORDS = {"Dense": "FC", "Conv2D": "CONV"}', 'MASKS = ("Dropout", "SpatialDropout2D")',
    ],
)  # fmt: skip
def test_the_test_above_can_fail(source: str) -> None:
    assert lookups(source)


@pytest.mark.parametrize(
    "source", ["name = operation.keras_class", "one.keras_class == other.keras_class", "f(x.keras_class)"]
)
def test_names_may_be_shown_and_compared_with_each_other(source: str) -> None:
    assert not lookups(source)
