"""Lines of the catalogue and its blocks against those of keras.applications; `docs/size.md` is its output.

A line counts that is neither blank nor comment, and in Python neither of them nor documentation: the same rule on both
sides, so that prose weighs nothing.
"""

from __future__ import annotations

import ast
import io
import tokenize
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parent.parent / "convspec"
SILENT = {tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT, tokenize.ENDMARKER}


class Size(NamedTuple):
    """Lines of a set of files: all, and those that say something."""

    everything: int
    code: int


def run() -> list[str]:
    """Rows: what, networks, lines, lines of code; then the ratios."""
    import keras

    keras_folder = Path(keras.__file__).parent / "src" / "applications"
    theirs = count(path for path in sorted(keras_folder.glob("*.py")) if not path.stem.endswith("_test"))
    functions = sum(callable(value) for value in vars(keras.applications).values())
    specs, blocks = count((ROOT / "specs").glob("*.yaml")), count((ROOT / "blocks").glob("*.py"))
    constructors = count((ROOT / "architectures").glob("*.py"))
    names, ours = _networks(), Size(specs.everything + blocks.everything, specs.code + blocks.code)
    rows = [
        ("`convspec/specs/*.yaml`", str(names), specs),
        ("`convspec/blocks/*.py`", "", blocks),
        ("**specs and blocks**", str(names), ours),
        ("**`keras/src/applications/*.py`**, tests left out", str(functions), theirs),
        ("`convspec/architectures/*.py`: signatures, weight files, `preprocess_input`", "", constructors),
    ]
    return [
        "| what | networks | lines | code |",
        "|---|---|---|---|",
        *(f"| {what} | {networks} | {size.everything:,} | {size.code:,} |" for what, networks, size in rows),
        "",
        f"Specs and blocks have {ours.code / theirs.code:.2f} times the code of keras.applications "
        f"({ours.everything / theirs.everything:.2f} times the lines) for {names / functions:.1f} times the networks. "
        f"The specs alone have {specs.code / theirs.code:.2f} times the code: {specs.code / names:.1f} lines a network "
        f"against {theirs.code / functions:.0f}.",
    ]


def _networks() -> int:
    from convspec import list_specs

    return len(list_specs())


def count(paths: Iterable[Path]) -> Size:
    """The sizes of files, summed."""
    sizes = [_size(path) for path in paths]
    return Size(sum(size.everything for size in sizes), sum(size.code for size in sizes))


def _size(path: Path) -> Size:
    text = path.read_text("utf-8")
    return Size(len(text.splitlines()), _yaml_code(text) if path.suffix == ".yaml" else _python_code(text))


def _yaml_code(text: str) -> int:
    return sum(bool(line.strip()) and not line.lstrip().startswith("#") for line in text.splitlines())


def _python_code(text: str) -> int:
    """Lines that hold a token of the program, without docstrings and other texts that are statements."""
    lines: set[int] = set()
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type not in SILENT:
            lines |= set(range(token.start[0], token.end[0] + 1))
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str):
            lines -= set(range(node.lineno, (node.end_lineno or node.lineno) + 1))
    return len(lines)
