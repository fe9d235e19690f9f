"""All errors have one base, public names can be found, and classes show what they take."""

from __future__ import annotations

import ast
import builtins
import importlib
import inspect
from collections.abc import Iterator
from pathlib import Path

import pytest

import convspec
from convspec import ConvspecError, InputError
from convspec.blocks import Bottleneck, Conv
from convspec.graph import GraphError
from convspec.interrupts import Terminated

PACKAGE = Path(convspec.__file__).parent


def declared() -> Iterator[tuple[str, str, set[str]]]:
    """The module, the name and the names of the bases of each class of the package."""
    for path in sorted(PACKAGE.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.ClassDef):
                module = ".".join(path.relative_to(PACKAGE.parent).with_suffix("").parts)
                yield module, node.name, {ast.unparse(base).rpartition(".")[2] for base in node.bases}


def exception_classes() -> dict[str, type[BaseException]]:
    """Those that are exceptions, found by the names of their bases, and theirs."""
    classes, found = list(declared()), {}
    known = {name for name, one in vars(builtins).items() if isinstance(one, type) and issubclass(one, BaseException)}
    while new := [(module, name) for module, name, bases in classes if bases & known and name not in known]:
        known |= {name for _, name in new}
        found |= {name: getattr(importlib.import_module(module), name) for module, name in new}
    return found


def test_every_error_has_our_base_and_keeps_its_old_one() -> None:
    found = exception_classes()
    assert {"InputError", "GraphError", "SearchError", "Unresolved"} <= found.keys()
    others = {name for name, one in found.items() if not issubclass(one, (ConvspecError, Warning))}
    assert others == {"Terminated"}, "other errors extend ConvspecError"
    assert issubclass(Terminated, KeyboardInterrupt), "`except Exception` must not catch it"
    assert issubclass(InputError, ValueError)
    assert issubclass(GraphError, ValueError)


def test_invalid_input_of_any_kind_is_caught_by_the_base(tmp_path: Path) -> None:
    calls = [
        lambda: convspec.load("lenet6"),
        lambda: convspec.analyze("lenet5", dtype="float8"),
        lambda: convspec.analyze("lenet5", batch=0),
        lambda: convspec.plot("lenet5", tmp_path / "picture.gif"),
        lambda: convspec.compare("nothing*"),
        lambda: convspec.report(tmp_path),
        lambda: Conv(filters=4, kernel_size=9, padding="valid")(convspec.load("digits").graph.inputs[0]),
    ]
    for call in calls:
        with pytest.raises(ConvspecError):
            call()


@pytest.mark.parametrize("name", ["convspec", "convspec.language", "convspec.tuning", "convspec.blocks"])
def test_what_a_package_exports_is_there(name: str) -> None:
    package = importlib.import_module(name)
    assert set(package.__all__) <= set(dir(package))
    for public in package.__all__:
        assert not inspect.ismodule(getattr(package, public)), public
    with pytest.raises(AttributeError):
        package.no_such_name  # noqa: B018


def test_a_function_stays_in_front_of_the_package_of_its_name() -> None:
    importlib.import_module("convspec.diagram.picture")
    assert inspect.isfunction(convspec.report)


@pytest.mark.parametrize("build_first", [False, True])
def test_the_signature_of_a_block_is_its_fields(build_first: bool) -> None:
    if build_first:
        Conv(filters=4)
        Bottleneck(filters=4)
    parameters = inspect.signature(Conv).parameters
    assert list(parameters) == list(Conv.model_fields)
    assert (parameters["filters"].annotation, parameters["filters"].default) == (int, inspect.Parameter.empty)
    assert (parameters["kernel_size"].annotation, parameters["kernel_size"].default) == (int | tuple[int, int], (3, 3))
    assert "BeforeValidator" not in str(inspect.signature(Bottleneck))
