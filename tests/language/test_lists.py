"""Each list of optimizers, schedules, activations and initializers exists once, where all that is known of each stands."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

import convspec
from convspec.graph.activation import ACTIVATIONS
from convspec.graph.initializer import INITIALIZERS
from convspec.language.optimization import OPTIMIZERS
from convspec.language.schedule import SCHEDULES

PACKAGE = Path(convspec.__file__).parent
LISTS = {
    "language/optimization.py": set(OPTIMIZERS),
    "language/schedule.py": set(SCHEDULES),
    "graph/activation.py": set(ACTIVATIONS),
    "graph/initializer.py": set(INITIALIZERS),
}
"""Where each list is declared, and its names."""


def lists_in(source: str, names: set[str]) -> list[int]:
    """Lines with a list, a tuple, a set or the keys of a mapping that hold two of the names or more."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, (ast.List, ast.Tuple, ast.Set, ast.Dict)):
            members = node.keys if isinstance(node, ast.Dict) else node.elts
            words = {one.value for one in members if isinstance(one, ast.Constant) and isinstance(one.value, str)}
            if len(words & names) > 1:
                found.append(node.lineno)
    return found


@pytest.mark.parametrize("home", LISTS)
def test_no_second_list_has_these_names(home: str) -> None:
    found = {
        str(path.relative_to(PACKAGE)): lines
        for path in sorted(PACKAGE.rglob("*.py"))
        if (lines := lists_in(path.read_text("utf-8"), LISTS[home]))
    }
    assert list(found) == [home]
    assert len(found[home]) == 1


@pytest.mark.parametrize(
    "source",
    [
        'if name in ("adamw", "muon"): pass',
        'SLOTS = {"sgd": 0, "adam": 2}',
        'Literal["sgd", "adam"]',
        '["lion", "lamb"]',
    ],
)
def test_the_test_above_can_fail(source: str) -> None:
    assert lists_in(source, LISTS["language/optimization.py"])
