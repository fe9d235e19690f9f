"""Rooms import downwards only, and what needs no Keras works where there is none."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from pathlib import Path

import pytest

from convspec import list_specs

PACKAGE = Path(__file__).parent.parent / "convspec"

BLOCKED = """
import importlib.abc, sys

class Blocked(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in ("tensorflow", "keras", "jax", "torch"):
            raise ImportError(f"{name} is blocked")

sys.meta_path.insert(0, Blocked())
"""


def run_blocked(tmp_path: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the command line in a process in which neither Keras nor TensorFlow can be imported.

    A plugin of pydantic is installed there, which says so if it is loaded.
    """
    (tmp_path / "sitecustomize.py").write_text(BLOCKED)
    (tmp_path / "loud.py").write_text("import sys\nprint('a plugin of pydantic is loaded', file=sys.stderr)\n")
    (tmp_path / "loud-1.0.dist-info").mkdir(exist_ok=True)
    (tmp_path / "loud-1.0.dist-info" / "METADATA").write_text("Name: loud\nVersion: 1.0\n")
    (tmp_path / "loud-1.0.dist-info" / "entry_points.txt").write_text("[pydantic]\nloud = loud\n")
    environment = {**os.environ, "PYTHONPATH": f"{tmp_path}{os.pathsep}{PACKAGE.parent}"}
    return subprocess.run(
        [sys.executable, "-m", "convspec", *arguments], capture_output=True, text=True, env=environment, check=False
    )


@pytest.mark.parametrize(
    "arguments",
    [
        ["inspect", "resnet18"],
        ["inspect", "googlenet", "--json"],
        ["inspect", "vgg16", "--blocks"],
        ["check", str(PACKAGE / "specs" / "vgg.yaml")],
        ["list"],
        ["schema"],
        ["schema", "--markdown"],
    ],
    ids=" ".join,
)
def test_without_keras_and_tensorflow(tmp_path: Path, arguments: list[str]) -> None:
    done = run_blocked(tmp_path, *arguments)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout


def test_the_block_holds(tmp_path: Path) -> None:
    """The test above can fail: what does need Keras fails in the same process."""
    done = run_blocked(tmp_path, "build", "lenet5", "--out", str(tmp_path / "model.keras"))
    assert done.returncode != 0
    assert "is blocked" in done.stderr


LOWER = {
    "printing": {"process"},
    "graph": {"report"},  # report: here and below the look upwards inside `_repr_html_`, for notebooks
    "blocks": {"graph", "builder"},  # builder: the one look upwards, inside `Block.__call__`
    "spec": {"blocks", "graph", "report"},
    "analysis": {"process", "files", "graph", "spec", "report"},
    "private_names": set(),
    "process": set(),
    "quiet": {"process"},
    "files": {"spec"},
    "figures": {"files"},
    "json_files": set(),
    "interrupts": {"files", "quiet"},
    "outputs": {"files", "spec"},
    "former_layers": {"layers"},
    "layers": set(),
    "model": {"spec"},
    "variable_names": set(),
    "builder": {"process", "quiet", "variable_names", "layers", "model", "graph", "blocks", "spec"},
    "architectures": {"analysis", "blocks", "builder", "files", "graph", "layers", "model", "process", "quiet", "spec"},
    "data": {"files", "graph", "interrupts", "process", "quiet", "spec"},
    "training": {
        "data",
        "figures",
        "architectures",
        "builder",
        "files",
        "graph",
        "interrupts",
        "json_files",
        "outputs",
        "process",
        "quiet",
        "spec",
        "layers",
    },
}
"""What each room may import. `report`, `tuning`, `api`, `commands` and `cli` may import all."""


def imported_rooms(file: Path) -> set[str]:
    """The rooms of the package that a file imports, itself included."""
    parts = file.relative_to(PACKAGE).parts
    rooms = set()
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.level:
            above = parts[: len(parts) - node.level]
            module = (*above, *(node.module or "").split(".")) if node.module else above
            rooms |= {module[0]} if module else {alias.name for alias in node.names}
        elif isinstance(node, (ast.Import, ast.ImportFrom)):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else [node.module or ""]
            assert not any(name.split(".")[0] == "convspec" for name in names), f"{file}: imports are relative here"
    return rooms


@pytest.mark.parametrize("room", LOWER)
def test_a_room_imports_only_lower_ones(room: str) -> None:
    files = [PACKAGE / f"{room}.py"] if (PACKAGE / f"{room}.py").exists() else sorted((PACKAGE / room).rglob("*.py"))
    assert files
    for file in files:
        assert imported_rooms(file) - {room, "printing", "private_names"} <= LOWER[room], file


@pytest.mark.parametrize("room", ["graph"])
def test_the_graph_needs_the_standard_library_alone(room: str) -> None:
    for file in (PACKAGE / room).rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) and not node.level else []
            assert all(name.split(".")[0] in sys.stdlib_module_names for name in names), file


HEAVY = """
import sys
import convspec

for name in sys.argv[1:]:
    __import__(name) if name == "numpy" else convspec.analyze(name).to_dict()
    found = {module.split(".")[0] for module in sys.modules} & {"keras", "tensorflow", "numpy"}
    if found:
        sys.exit(f"{name} imports {', '.join(sorted(found))}")
"""


def heavy_import(*networks: str) -> str:
    """The first of these networks that imports something heavy, and what it imports; nothing where none does."""
    return subprocess.run([sys.executable, "-c", HEAVY, *networks], capture_output=True, text=True, check=False).stderr


def test_the_analysis_of_a_network_imports_neither_keras_nor_numpy() -> None:
    assert heavy_import(*list_specs()) == ""


def test_the_test_above_can_fail() -> None:
    assert heavy_import("vgg16", "numpy") == "numpy imports numpy\n"


def test_importing_the_package_does_not_import_keras() -> None:
    code = "import sys, convspec, convspec.blocks, convspec.analysis; print('keras' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "False\n"
