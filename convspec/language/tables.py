"""Tables: a block for each row, whose columns are fields of it or feed its expressions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from ..printing import quote
from .control import CONTROL, Unresolved
from .declarations import expressions
from .expressions import Names, names_in
from .located import LocatedList, LocatedMap, Mark, located

if TYPE_CHECKING:
    from .interpolation import Resolver


class Table(NamedTuple):
    """What a block `table` holds; `rows` may be an expression, `of` a kind of block."""

    columns: LocatedList
    rows: LocatedList | str
    of: LocatedMap | str


def table_in(raw: LocatedMap) -> Table | None:
    """A table that is complete enough to be laid out; if it is not, the check of types says what is missing."""
    columns, rows, of = raw.get("columns"), raw.get("rows"), raw.get("of")
    if isinstance(columns, LocatedList) and isinstance(rows, (LocatedList, str)) and isinstance(of, (LocatedMap, str)):
        return Table(columns, rows, of)
    return None


def blocks_of(resolver: Resolver, raw: LocatedMap, table: Table, names: Names) -> LocatedList:
    """The blocks of a table, one for each row. Raises `Unresolved`, with what is wrong noted."""
    if empty := [key for key in ("columns", "rows") if not raw[key]]:
        for key in empty:
            resolver.diagnostic("is empty", raw.value_marks[key], f"{raw.path}.{key}")
        raise Unresolved
    columns = _columns(resolver, table.columns, f"{raw.path}.columns", names)
    place, path = raw.value_marks["rows"], f"{raw.path}.rows"
    rows = resolver.bound(table.rows, place, path, names)
    if rows is Unresolved:
        raise Unresolved
    rows = located(rows, place, path)  # an expression's list has no places
    resolver.usage.read_part(rows, len(rows) - 1 if isinstance(rows, LocatedList) else 0)
    if not isinstance(rows, LocatedList):
        raise resolver.refused(f"expected a list of rows, not {quote(rows)}", place, path)
    body, used, wrong = LocatedList(place, path), _names_used(table.of), None in columns
    for number, (given, mark) in enumerate(zip(rows, rows.marks, strict=True)):
        row = located(given, mark, f"{path}[{number}]")
        if not isinstance(row, LocatedList) or len(row) != len(columns):
            has = f"has {len(row)} values" if isinstance(row, LocatedList) else f"is {quote(row)}, not a list"
            resolver.diagnostic(f"row {number} {has} for {len(columns)} columns", mark, f"{path}[{number}]")
            wrong = True
            continue
        _use(resolver, row, columns, used)
        cells = {column: cell for column, cell in zip(columns, row, strict=True) if column is not None}
        scope = {**names, **cells, "row": number}
        item = _row_item(table.of, columns, table.columns.marks, row, used, f"{path}[{number}]")
        resolver.item(item, item.mark, item.path, scope, str(number), body)
    if wrong:
        body.put(Unresolved)
    return body


def _use(resolver: Resolver, row: LocatedList, columns: Sequence[str | None], used: set[str]) -> None:
    """Note what a table uses of a row: all of a cell, unless expressions read what they need of it."""
    resolver.usage.read_part(row, len(row) - 1)
    for column, cell in zip(columns, row, strict=True):
        if column in CONTROL or column not in used:
            resolver.usage.read_all(cell)


def _columns(resolver: Resolver, columns: LocatedList, path: str, names: Names) -> list[str | None]:
    """The names of a table's columns; None for those that are wrong."""
    found: dict[str | None, None] = {}  # to be searched soon: a table can have thousands
    out: list[str | None] = []
    for index, (written, mark) in enumerate(zip(columns, columns.marks, strict=True)):
        column = resolver.value(written, mark, f"{path}[{index}]", names)
        if column is not Unresolved and (not isinstance(column, str) or column in found):
            wrong = "two columns are called" if isinstance(column, str) else "a column's name is a text, not"
            resolver.diagnostic(f"{wrong} {quote(column)}", mark, f"{path}[{index}]")
            column = None
        out.append(column if isinstance(column, str) else None)
        found[out[-1]] = None
    return out


def _row_item(
    of: LocatedMap | str,
    columns: Sequence[str | None],
    names: Sequence[Mark],
    row: LocatedList,
    used: set[str],
    path: str,
) -> LocatedMap:
    """The block of one row: the columns, whose `names` are at these places, then what `of` says, which wins.

    A column that expressions of `of` have `used` feeds those, and is not meant as a field.
    """
    item = LocatedMap(row.mark, path)
    for column, name, cell, mark in zip(columns, names, row, row.marks, strict=True):
        if column is not None and (column in CONTROL or column not in used):
            item.put(column, cell, name, mark)
    if isinstance(of, str):
        item.put("block", of)
    else:
        item.take(of)
    return item


def _names_used(of: LocatedMap | str) -> set[str]:
    """The names in the expressions of a table's block; none where it is the kind alone."""
    return set() if isinstance(of, str) else set().union(*map(names_in, expressions(of)))
