"""Mutants of the package: mutmut's operators, and two of our own for what a message says and for calls left out.

A mutant differs from the code in one place. Left out are those that no test could notice, or that say nothing of the
tests: docstrings, annotations, imports for the type checker, `__all__`, `cast` and `TypeVar`, and a second and third
mutant of the same string (its upper and its lower case).
"""

from __future__ import annotations

import random
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path
from types import CodeType
from typing import Any, NamedTuple

import libcst as cst
from libcst.metadata import MetadataWrapper, PositionProvider
from mutmut.mutation.file_mutation import MutationVisitor, OuterFunctionProvider
from mutmut.mutation.mutators import mutation_operators, operator_string
from mutmut.mutation.pragma_handling import IgnoredCode

Lines = Mapping[str, Collection[int]]
"""Some lines of some files, by path."""

SKIPPED_CALLS = ("cast", "TypeVar", "ParamSpec", "NewType")


class Mutant(NamedTuple):
    """One change of one file."""

    package: str
    path: str
    line: int
    number: int
    """Which of the mutants of its file, in the order in which they are found."""
    before: str
    after: str
    code: str
    """The whole file with the change."""


def _text(node: cst.FormattedStringText) -> Iterable[cst.FormattedStringText]:
    """The words of an f-string; mutmut changes those of other strings only."""
    if node.value.strip():
        yield node.with_changes(value=f"XX{node.value}XX")


def _one(node: cst.BaseString) -> Iterable[cst.BaseString]:
    """The first of mutmut's mutants of a string."""
    yield from list(operator_string(node))[:1]


def _left_out(node: cst.SimpleStatementLine) -> Iterable[cst.SimpleStatementLine]:
    """A call whose result nobody takes is not made."""
    if len(node.body) == 1 and isinstance(node.body[0], cst.Expr) and isinstance(node.body[0].value, cst.Call):
        yield node.with_changes(body=[cst.Pass()])


OPERATORS: list[tuple[type, Any]] = [
    *((kind, operator) for kind, operator in mutation_operators if operator is not operator_string),
    (cst.SimpleString, _one),
    (cst.FormattedStringText, _text),
    (cst.SimpleStatementLine, _left_out),
]


class _Visitor(MutationVisitor):
    """mutmut's, but decorated functions too: it leaves them out for the sake of its trampolines."""

    METADATA_DEPENDENCIES = (PositionProvider, OuterFunctionProvider)

    def _skip_node_and_children(self, node: cst.CSTNode) -> bool:
        match node:
            case cst.FunctionDef():
                return False
            case cst.If(test=cst.Name("TYPE_CHECKING")):
                return True
            case cst.Call(func=cst.Name(name)) if name in SKIPPED_CALLS:
                return True
            case cst.Assign(targets=[cst.AssignTarget(target=cst.Name("__all__"))]):
                return True
            case cst.SimpleStatementLine(body=[cst.Expr(value=cst.SimpleString() | cst.ConcatenatedString())]):
                return True
        return bool(super()._skip_node_and_children(node))


def package_of(path: Path) -> str:
    """The sub-package a file belongs to; `top` for the modules beside them."""
    return path.parts[1] if len(path.parts) > 2 else "top"


@cache
def changes_of(root: Path, path: Path) -> tuple[list[tuple[int, Any]], Any]:
    """The line and the change of each mutant of a file, and the parsed file."""
    wrapper = MetadataWrapper(cst.parse_module((root / path).read_text("utf-8")))
    visitor = _Visitor(OPERATORS, IgnoredCode(set(), set(), set()))
    module = wrapper.visit(visitor)
    positions = wrapper.resolve(PositionProvider)
    return [(positions[each.original_node].start.line, each) for each in visitor.mutations], module


def mutant_of(root: Path, path: Path, number: int) -> Mutant:
    """One mutant of a file, by its number."""
    changes, module = changes_of(root, path)
    line, change = changes[number]
    code = module.deep_replace(change.original_node, change.mutated_node).code
    before, after = _difference(module.code, code)
    return Mutant(package_of(path), str(path), line, number, before, after, code)


def sample(root: Path, count: int, seed: int, lines: Lines | None = None) -> Iterator[Mutant]:
    """Mutants drawn at random, from each package in proportion to its lines; every beginning of them is so, too.

    Of these lines of each file, if any are given.
    """
    files: dict[str, list[tuple[Path, Collection[int]]]] = defaultdict(list)
    lengths = Counter[str]()
    for file in sorted((root / "convspec").rglob("*.py")):
        path = file.relative_to(root)
        own = range(1, len(file.read_text("utf-8").splitlines()) + 1) if lines is None else lines.get(str(path), set())
        files[package_of(path)].append((path, own))
        lengths[package_of(path)] += len(own)
    places: list[tuple[float, str, Path, int]] = []
    for package, members in files.items():
        wanted = round(count * lengths[package] / lengths.total())
        drawn = [
            (path, number)
            for path, own in members
            for number, (line, _) in enumerate(changes_of(root, path)[0] if own else [])
            if line in own
        ]
        random.Random(f"{seed} {package}").shuffle(drawn)
        places += [((i + 0.5) / wanted, package, *place) for i, place in enumerate(drawn[:wanted])]
    for _, _, path, number in sorted(places):
        yield mutant_of(root, path, number)


def _difference(before: str, after: str) -> tuple[str, str]:
    """The lines that differ."""
    old, new = before.splitlines(), after.splitlines()
    start = next((i for i, (a, b) in enumerate(zip(old, new, strict=False)) if a != b), min(len(old), len(new)))
    end = next(
        (i for i, (a, b) in enumerate(zip(old[:start:-1], new[:start:-1], strict=False)) if a != b),
        min(len(old), len(new)) - start - 1,
    )
    return tuple(
        " ".join(line.strip() for line in text[start : len(text) - end]).replace("\t", " ") for text in (old, new)
    )  # type: ignore[return-value]


# Changing functions that have been imported -------------------------------------------------------------------------

Place = tuple[str, str, int]
"""File, qualified name and first line of a function."""


def changed_functions(before: str, after: str, file: str) -> dict[Place, CodeType] | None:
    """The new code of each outermost function that differs; None where the module itself or a class body differs."""
    changed: dict[Place, CodeType] = {}
    return changed if _compare(compile(before, file, "exec"), compile(after, file, "exec"), changed) else None


def _compare(old: CodeType, new: CodeType, changed: dict[Place, CodeType]) -> bool:
    """Collect the functions that differ below a module or a class body; False if that differs itself."""
    inner_old, inner_new = _inner(old), _inner(new)
    if _own(old) != _own(new) or len(inner_old) != len(inner_new):
        return False
    for a, b in zip(inner_old, inner_new, strict=True):
        if _whole(a) == _whole(b):
            continue
        if a.co_flags & 0x2:  # CO_NEWLOCALS: a function, not a class body
            changed[a.co_filename, a.co_qualname, a.co_firstlineno] = b
        elif not _compare(a, b, changed):
            return False
    return True


def _inner(code: CodeType) -> list[CodeType]:
    return [constant for constant in code.co_consts if isinstance(constant, CodeType)]


def _own(code: CodeType) -> object:
    constants = [repr(each) for each in code.co_consts if not isinstance(each, CodeType)]
    return code.co_code, constants, code.co_names, code.co_varnames, code.co_qualname


def _whole(code: CodeType) -> object:
    return _own(code), code.co_freevars, code.co_cellvars, [_whole(each) for each in _inner(code)]
