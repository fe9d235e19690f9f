"""Keep mutants, what tests reach and results when the code has changed.

A mutant is kept where the lines that it changes are still there: in their place, as `difflib` compares the files, or
moved to a place that no other such lines have. For those whose lines are gone, as many are drawn from the lines of the
same package that are new, so that every line of the new code is as likely as before.
"""

from __future__ import annotations

import difflib
import random
from collections import Counter, defaultdict
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

from .files import Row, append, change, freeze, key, read, write
from .mutants import Mutant, changes_of, mutant_of, package_of

NEAR = 2
"""Lines before and after one that have to be the same where it has moved."""


class Line(NamedTuple):
    """A line of the new code."""

    path: str
    number: int


class Lines:
    """Where the lines of the old code are in the new code."""

    def __init__(self, old: Path, new: Path) -> None:
        self.old, self.new = old, new
        self.places: dict[tuple[str, ...], list[Line]] = defaultdict(list)
        self.texts = {str(path.relative_to(new)): _stripped(path) for path in sorted((new / "convspec").rglob("*.py"))}
        for path, texts in self.texts.items():
            for index in range(len(texts)):
                self.places[_around(texts, index)].append(Line(path, index + 1))
        self.of = cache(self._of)

    def _of(self, path: str) -> dict[int, Line]:
        """The new line for each old one of a file that is still there."""
        texts, now = _stripped(self.old / path), self.texts.get(path, [])
        found: dict[int, Line] = {}
        for index in range(len(texts)):
            moved = self.places.get(_around(texts, index), ())
            if len(moved) == 1:
                found[index + 1] = moved[0]
        for start, place, length in difflib.SequenceMatcher(None, texts, now, autojunk=False).get_matching_blocks():
            found |= {start + i + 1: Line(path, place + i + 1) for i in range(length)}
        return found

    def block(self, path: str, start: int, count: int) -> Line | None:
        """Where the first of so many lines is, if all of them still follow each other."""
        places = [self.of(path).get(start + i) for i in range(count)]
        first = places[0]
        if first is None or any(place != Line(first.path, first.number + i) for i, place in enumerate(places)):
            return None
        return first

    def fresh(self, package: str) -> set[Line]:
        """The lines of a package that the old code does not have."""
        old = [path.relative_to(self.old) for path in (self.old / "convspec").rglob("*.py")]
        kept = {line for path in old for line in self.of(str(path)).values()}
        members = [path for path in self.texts if package_of(Path(path)) == package]
        return {Line(path, i + 1) for path in members for i in range(len(self.texts[path]))} - kept


def _stripped(path: Path) -> list[str]:
    return [line.strip() for line in path.read_text("utf-8").splitlines()]


def _around(texts: list[str], index: int) -> tuple[str, ...]:
    return tuple(texts[max(0, index - NEAR) : index + NEAR + 1])


def _moved(row: Row, lines: Lines) -> Row | None:
    """The mutant in the new code."""
    before = (lines.old / row["path"]).read_text("utf-8").splitlines()
    after = row["code"].splitlines()
    start = next(
        (i for i, (a, b) in enumerate(zip(before, after, strict=False)) if a != b), min(map(len, (before, after)))
    )
    same = 0
    while same < min(len(before), len(after)) - start and before[-1 - same] == after[-1 - same]:
        same += 1
    count = len(before) - same - start
    place = lines.block(row["path"], start + 1, max(count, 1))
    if place is None:
        return None
    now = (lines.new / place.path).read_text("utf-8").splitlines()
    depth = _depth(now[place.number - 1]) - _depth(before[start])
    changed = [_indented(line, depth) for line in after[start : len(after) - same]]
    code = "\n".join([*now[: place.number - 1], *changed, *now[place.number - 1 + count :]]) + "\n"
    try:
        compile(code, place.path, "exec")
    except SyntaxError:
        return None
    package, line = package_of(Path(place.path)), place.number + row["line"] - start - 1
    return {**row, "package": package, "path": place.path, "line": line, "code": code, "origin": key(row)}


def _depth(line: str) -> int:
    return len(line) - len(line.lstrip())


def _indented(line: str, depth: int) -> str:
    return " " * (_depth(line) + depth) + line.lstrip()


def _drawn(lines: Lines, wanted: Counter[str], seed: int) -> Iterator[Mutant]:
    """Mutants of new lines, so many of each package; of any line where there are too few."""
    for package, count in sorted(wanted.items()):
        fresh = lines.fresh(package)
        places: list[tuple[bool, Path, int]] = []
        for name in sorted({line.path for line in fresh}):
            changes, _ = changes_of(lines.new, Path(name))
            places += [(Line(name, line) not in fresh, Path(name), i) for i, (line, _) in enumerate(changes)]
        random.Random(f"{seed} {package}").shuffle(places)
        for _, path, number in sorted(places, key=lambda place: place[0])[:count]:
            yield mutant_of(lines.new, path, number)


def carry(old: Path, folder: Path, seed: int, replace: bool) -> None:
    """Keep what can be kept of another folder, and draw what is missing if it is to be replaced."""
    freeze(folder)
    lines = Lines(old, folder)
    known = {_old_key(row): row for row in read(old / "results.jsonl")}
    carried = [(row, _moved(row, lines)) for row in read(old / "mutants.jsonl")]
    gone = Counter(str(row["package"]) for row, moved in carried if moved is None)
    drawn: dict[str, list[Row]] = defaultdict(list)
    for mutant in _drawn(lines, gone, seed) if replace else ():
        drawn[mutant.package].append(mutant._asdict())
    mutants: dict[str, Row] = {}
    results: list[Row] = []
    for row, moved in carried:
        now = moved or (drawn[row["package"]].pop() if drawn[row["package"]] else None)  # in the place of the other
        if now is not None:
            mutants.setdefault(key(now), now)
        else:
            print(f"gone: {key(row)}")
        before = known.get(_old_key(row))
        if moved is not None and before is not None:
            results.append(_result(moved, before))
    write(folder / "mutants.jsonl", mutants.values())
    write(folder / "results.jsonl", results)
    _carry_reach(old, folder, lines)
    print(f"{len(carried) - gone.total()} kept, {len(mutants)} with those drawn anew: {dict(gone)}")


def _old_key(row: Row) -> str:
    return f"{change(row)} {row['line']}"


def _result(moved: Row, before: Row) -> Row:
    """The result of a mutant at its new place; `how` is what the rows of an earlier version of this tool say."""
    by = str(before.get("by", before.get("how", ""))).removeprefix("fresh ")
    return {
        **{name: moved[name] for name in ("package", "path", "line", "before", "after")},
        "noticed": before["noticed"],
        "by": by,
        "tried": before.get("tried", ["quick"]),
        "carried": True,
    }


def _carry_reach(old: Path, folder: Path, lines: Lines) -> None:
    """What each test reaches, at the new places."""
    (folder / "reach.jsonl").unlink(missing_ok=True)
    for row in read(old / "reach.jsonl"):
        reached: dict[str, set[int]] = defaultdict(set)
        for path, numbers in row["lines"].items():
            for number in numbers:
                place = lines.of(path).get(number)
                if place is not None:
                    reached[place.path].add(place.number)
        now = {path: sorted(reached[path]) for path in sorted(reached)}
        append(folder / "reach.jsonl", {**row, "lines": now})
