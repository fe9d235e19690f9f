"""Tables: a block for each row, whose columns are fields of it or feed its expressions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..printing import quote
from .control import CONTROL, Unresolved
from .declarations import expressions
from .expressions import names_in
from .located import LocatedList, LocatedMap, located

if TYPE_CHECKING:
    from .interpolation import Names, Resolver


def is_table(raw: LocatedMap) -> bool:
    """Whether a table is complete enough to be laid out; if not, the check of types says what is missing."""
    columns, rows, of = raw.get("columns"), raw.get("rows"), raw.get("of")
    return (
        isinstance(columns, LocatedList) and isinstance(rows, (LocatedList, str)) and isinstance(of, (LocatedMap, str))
    )


def blocks_of(resolver: Resolver, raw: LocatedMap, names: Names) -> LocatedList:
    """The blocks of a table, one for each row. Raises `Unresolved`, with what is wrong noted."""
    if empty := [key for key in ("columns", "rows") if not raw[key]]:
        for key in empty:
            resolver.diagnostic("is empty", raw.value_marks[key], f"{raw.path}.{key}")
        raise Unresolved
    columns = _columns(resolver, raw, names)
    place, path = raw.value_marks["rows"], f"{raw.path}.rows"
    rows = resolver.bound(raw["rows"], place, path, names)
    if rows is Unresolved:
        raise Unresolved
    rows = located(rows, place, path)  # an expression's list has no places
    resolver.usage.read_part(rows, len(rows) - 1 if isinstance(rows, LocatedList) else 0)
    if not isinstance(rows, LocatedList):
        resolver.diagnostic(f"expected a list of rows, not {quote(rows)}", place, path)
        raise Unresolved
    body, used, wrong = LocatedList(place, path), _names_used(raw["of"]), False
    for number, (given, mark) in enumerate(zip(rows, rows.marks, strict=True)):
        row = located(given, mark, f"{path}[{number}]")
        if not isinstance(row, LocatedList) or len(row) != len(columns):
            has = f"has {len(row)} values" if isinstance(row, LocatedList) else f"is {quote(row)}, not a list"
            message = f"row {number} {has} for {len(columns)} columns"
            resolver.diagnostic(message, mark, f"{path}[{number}]")
            wrong = True
            continue
        _use(resolver, row, columns, used)
        scope = {**names, **dict(zip(columns, row, strict=True)), "row": number}
        item = _row_item(raw["of"], columns, row, used, f"{path}[{number}]")
        resolver.item(item, item.mark, item.path, scope, str(number), body)
    if wrong:
        raise Unresolved
    return body


def _use(resolver: Resolver, row: LocatedList, columns: list[str], used: set[str]) -> None:
    """Note what a table uses of a row: all of a cell, unless expressions read what they need of it."""
    resolver.usage.read_part(row, len(row) - 1)
    for column, cell in zip(columns, row, strict=True):
        if column in CONTROL or column not in used:
            resolver.usage.read_all(cell)


def _columns(resolver: Resolver, raw: LocatedMap, names: Names) -> LocatedList:
    """The names of a table's columns."""
    mark, path = raw.value_marks["columns"], f"{raw.path}.columns"
    columns: LocatedList = resolver.value(raw["columns"], mark, path, names)
    seen: set[str] = set()
    for index, column in enumerate(columns):
        if not isinstance(column, str):
            resolver.diagnostic(
                f"a column's name is a text, not {quote(column)}", columns.marks[index], f"{path}[{index}]"
            )
            raise Unresolved
        if column in seen:
            resolver.diagnostic(f"two columns are called {column!r}", columns.marks[index], f"{path}[{index}]")
            raise Unresolved
        seen.add(column)
    return columns


def _row_item(of: Any, columns: list[str], row: LocatedList, used: set[str], path: str) -> LocatedMap:
    """The block of one row: the columns, then what `of` says, which wins.

    A column that expressions of `of` have `used` feeds those, and is not meant as a field.
    """
    item = LocatedMap(row.mark, path)
    for column, cell, mark in zip(columns, row, row.marks, strict=True):
        if column in CONTROL or column not in used:
            item.put(column, cell, mark, mark)
    if isinstance(of, str):
        item.put("block", of)
        return item
    for key, value in of.items():
        item.put(key, value, of.key_marks[key], of.value_marks[key])
    return item


def _names_used(of: Any) -> set[str]:
    """The names in the expressions of a table's block; none where it is the kind alone."""
    if not isinstance(of, LocatedMap):
        return set()
    return set().union(*map(names_in, expressions(of)))
