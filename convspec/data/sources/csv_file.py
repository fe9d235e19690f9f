"""Images and labels that a `.csv` lists."""

from __future__ import annotations

import csv
import os
from pathlib import Path

from ...files import shown
from ...language.diagnostics import Diagnostic, InputError, did_you_mean
from ...language.input_files import device_diagnostic
from ..labelled_images import PARTS, Source
from ..pictures import raise_all
from . import Kind, Request
from .folder import PART_NAMES, Listing, read_listing

COLUMNS = ("path", "label", "split")


def read_csv(request: Request) -> Source:
    """A CSV file with the columns `path`, `label` and, if wanted, `split` (train, validation or test).

    Paths are relative to the folder of the CSV file; labels are names of classes, sorted as folders are: as text.
    """
    path = request.path
    listing = _listing(path)
    if not listing.get("train"):
        raise InputError("lists no training images", file=shown(path))
    classes = sorted({label for _, label in listing["train"]})
    raise_all(
        Diagnostic(
            f"label {label!r} of {image.name} is not among the training images{did_you_mean(label, classes)}",
            file=shown(path),
        )
        for part, rows in listing.items()
        for image, label in rows
        if label not in classes
    )
    return read_listing(request, classes, listing)


def _listing(path: Path) -> Listing:
    diagnostics: list[Diagnostic] = []
    listing: Listing = {}
    first: dict[str, tuple[str, str, int]] = {}  # where a file, however spelled, was listed: part, label, line
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            reader = csv.reader(file, strict=True)
            columns = _columns(path, next(reader, []))
            for row in reader:
                if not row:
                    continue
                found = _row(path, row, columns)
                if isinstance(found, Diagnostic):
                    diagnostic: Diagnostic | None = found
                else:
                    image, part, label = found
                    listing.setdefault(part, []).append((image, label))
                    here = (part, label, reader.line_num)
                    before = first.setdefault(os.path.realpath(image), here)
                    diagnostic = _listed_twice(before, image, part, label) if before is not here else None
                diagnostics += [diagnostic._replace(line=reader.line_num)] if diagnostic else []
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise InputError(f"cannot be read: {error}", file=shown(path)) from error
    raise_all(diagnostic._replace(file=shown(path)) for diagnostic in diagnostics)
    return listing


def _columns(path: Path, columns: list[str]) -> list[str]:
    """The columns of a CSV file, named in its first line. Raises for missing and repeated ones."""
    columns = [column.strip() for column in columns]
    repeated = [column for column in COLUMNS if columns.count(column) > 1]
    missing = [column for column in COLUMNS[:2] if column not in columns]
    slips = [(column, hint) for column in columns if column not in COLUMNS and (hint := did_you_mean(column, COLUMNS))]
    if repeated:
        raise InputError(
            Diagnostic(f"has {columns.count(column)} columns called {column!r}", file=shown(path), line=1)
            for column in repeated
        )
    if missing:
        found = ", ".join(columns) or "nothing"
        raise InputError(f"has no column {' and '.join(missing)}; its first line has {found}", file=shown(path), line=1)
    if slips and "split" not in columns:
        raise InputError(Diagnostic(f"has a column {name!r}{hint}", file=shown(path), line=1) for name, hint in slips)
    return columns


def _row(path: Path, cells: list[str], columns: list[str]) -> tuple[Path, str, str] | Diagnostic:
    """The image, part and label of a line, or what is wrong with it."""
    if len(cells) != len(columns):
        return Diagnostic(f"has {len(cells)} cells, but the first line has {len(columns)} columns")
    row = dict(zip(columns, (cell.strip() for cell in cells), strict=True))
    spelled = (row.get("split") or "train").lower()
    part = next((part for part, names in PARTS.items() if spelled in names), None)
    if part is None:
        return Diagnostic(f"no split is called {spelled!r}{did_you_mean(spelled, PART_NAMES)}")
    if not row["label"]:
        return Diagnostic("has no label")
    image = path.parent / row["path"]
    if not row["path"] or not image.is_file():
        diagnostic = device_diagnostic(image) if row["path"] else None
        return Diagnostic(f"{shown(image)} {diagnostic.message}" if diagnostic else f"there is no file {shown(image)}")
    return image, part, row["label"]


def _listed_twice(first: tuple[str, str, int], image: Path, part: str, label: str) -> Diagnostic:
    """An image that is listed twice: with two labels, in two parts, or to be split into two parts."""
    its_part, its_label, line = first
    if its_label != label:
        return Diagnostic(f"{shown(image)} is {label!r} here and {its_label!r} in line {line}")
    if its_part != part:
        return Diagnostic(f"{shown(image)} is a {part} image here and a {its_part} image in line {line}")
    message = f"{shown(image)} is listed in line {line} already, and would be both a training and a validation image"
    return Diagnostic(message, remedy="take the line away; train.class_weights balances classes")


KIND = Kind("a .csv", read_csv, suffix=".csv", rank=4)
