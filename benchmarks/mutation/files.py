"""What is kept in the folder, and the copy of the repository in which mutants are tried."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Iterable
from pathlib import Path
from typing import Any

Row = dict[str, Any]

ROOT = Path(__file__).parent.parent.parent
RESULTS = Path(__file__).with_name("results.jsonl")
VERDICTS = Path(__file__).with_name("verdicts.jsonl")
SAMPLE = Path(__file__).with_name("sample.jsonl")
"""A sample of later code, each row with its commit; drawn with `--since`."""
COPIED = ("convspec", "tests", "docs", "examples", "benchmarks", "README.md", "CHANGELOG.md", "CONTRIBUTING.md")
ALSO = ("LICENSE", "Makefile", "pyproject.toml", "mkdocs.yml", ".gitignore")

BLAMED = re.compile(r"^([0-9a-f]{40}) \d+ (\d+)", re.MULTILINE)
"""The commit that a line is of and its number today, as git blame tells them."""

STARTS_THREADS = ("tests/training/conftest.py", "\nimport_keras()\n")
"""A statement that starts TensorFlow's threads, after which a process cannot fork; left out in the copy."""


def read(path: Path) -> list[Row]:
    """The rows of a file; none if there is no file."""
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()] if path.exists() else []


def append(path: Path, row: Row) -> None:
    """Write a row at the end of a file."""
    with path.open("a", encoding="utf-8") as file:
        file.write(json.dumps(row, ensure_ascii=False) + "\n")


def write(path: Path, rows: Iterable[Row]) -> None:
    """Write a whole file."""
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), "utf-8")


def key(row: Row) -> str:
    """What tells a mutant from all others of the same code."""
    return f"{row['path']}:{row['line']} | {row['before']} -> {row['after']}"


def change(row: Row) -> str:
    """What stays the same while lines elsewhere in the file come and go."""
    return f"{row['path']} | {row['before']} -> {row['after']}"


def results(path: Path) -> dict[str, Row]:
    """The last row of each mutant."""
    return {key(row): row for row in read(path)}


def lines_since(commit: str) -> tuple[dict[str, set[int]], dict[str, set[int]]]:
    """The lines of each file of the package that stood somewhere at a commit, and those that are new or changed."""
    old, new = dict[str, set[int]](), dict[str, set[int]]()
    since = _git("rev-parse", f"{commit}^{{commit}}").strip()
    for path in _git("ls-files", "convspec/*.py").splitlines():
        old[path], new[path] = set(), set()
        blame = _git("blame", "-M", "-C", "--porcelain", f"{commit}..HEAD", "--", path)
        for found in BLAMED.finditer(blame):
            (old if found[1] == since else new)[path].add(int(found[2]))
    return old, new


def _git(*command: str) -> str:
    return subprocess.run(["git", *command], cwd=ROOT, check=True, capture_output=True, text=True).stdout


def freeze(folder: Path) -> None:
    """Keep the package as it is now."""
    folder.mkdir(parents=True, exist_ok=True)
    shutil.rmtree(folder / "convspec", ignore_errors=True)
    shutil.copytree(ROOT / "convspec", folder / "convspec", ignore=shutil.ignore_patterns("__pycache__"))


def prepare(folder: Path, copy: Path) -> Path:
    """A copy of the repository in the folder; its package as it was drawn from, its tests as they are now."""
    copy.mkdir(parents=True, exist_ok=True)
    shutil.rmtree(copy / "tests", ignore_errors=True)
    for name in COPIED:
        source, target = (folder if name == "convspec" else ROOT) / name, copy / name
        if source.is_dir():
            shutil.copytree(source, target, dirs_exist_ok=True, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy2(source, target)
    for name in ALSO:
        shutil.copy2(ROOT / name, copy / name)
    path, statement = STARTS_THREADS
    (copy / path).write_text((ROOT / path).read_text("utf-8").replace(statement, ""), "utf-8")
    return copy
