"""Images in folders by class, and lists of images in a CSV file."""

from __future__ import annotations

import csv
import os
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from ..files import shown
from ..language.diagnostics import Diagnostic, InputError, did_you_mean
from ..language.files import device_diagnostic
from .dataset import PARTS, Images, Source
from .idx import read_parts
from .labels import check_names, numbered_names
from .listing import SUFFIXES, UNREAD, image_files, own_files, subfolders
from .pictures import Size, raise_all, read_pictures
from .pixels import BYTES

SPELLINGS = [name for names in PARTS.values() for name in names]
COLUMNS = ("path", "label", "split")
Listing = dict[str, list[tuple[Path, str]]]  # of each part, the files and their classes


def read_folder(folder: Path, size: Size, resize: str) -> Source:
    """A folder of IDX files, of images by class, or of `train`, `val` and `test` folders of either form."""
    if (parts := read_parts(folder)) and (train := parts["train"]) is not None:
        names = numbered_names([part.y for part in parts.values() if part is not None], shown(folder))
        return Source(folder.name, shown(folder), names, None, train, parts["validation"], parts["test"])
    roots = _roots(folder)
    classes = _classes(roots["train"])
    raise_all(check_names(classes, shown(roots["train"])))
    raise_all(_left_out(roots, classes))
    listing = {part: list(_by_class(root, classes)) for part, root in roots.items()}
    filled = {label for _, label in listing["train"]}
    raise_all(
        Diagnostic(f"class {name!r} has no images", file=shown(roots["train"] / name))
        for name in classes
        if name not in filled
    )
    return _source(folder, classes, listing, size, resize)


def read_csv(path: Path, size: Size, resize: str) -> Source:
    """A CSV file with the columns `path`, `label` and, if wanted, `split` (train, validation or test).

    Paths are relative to the folder of the CSV file; labels are names of classes, sorted as folders are: as text.
    """
    listing = _listing(path)
    if not listing.get("train"):
        raise InputError(Diagnostic("lists no training images", file=shown(path)))
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
    return _source(path, classes, listing, size, resize)


def _source(place: Path, classes: list[str], listing: Listing, size: Size, resize: str) -> Source:
    """Read all images at once, so that all broken ones come out together, and part them again."""
    rows = [row for part in listing.values() for row in part]
    pixels = read_pictures([path for path, _ in rows], size, resize)
    number = {name: label for label, name in enumerate(classes)}
    labels = np.array([number[label] for _, label in rows], np.int64)
    images, start = {}, 0
    for part, members in listing.items():
        stop = start + len(members)
        images[part] = Images(pixels[start:stop], labels[start:stop])
        start = stop
    return Source(
        place.stem, shown(place), tuple(classes), BYTES, images["train"], images.get("validation"), images.get("test")
    )


def _roots(folder: Path) -> dict[str, Path]:
    """The folder of each part; a folder without parts holds training images.

    Raises `InputError` for images that would be left out or taken for a class because the name of a part is misspelt.
    """
    parts: dict[str, list[str]] = {}
    others = []
    for name in subfolders(folder):
        part = next((part for part, names in PARTS.items() if name.lower() in names), None)
        if part is not None:
            parts.setdefault(part, []).append(name)
        elif next(image_files(folder / name), None) is not None:
            others.append((name, did_you_mean(name.lower(), SPELLINGS)))
    there = " and ".join(name for names in parts.values() for name in names)
    diagnostics = [
        Diagnostic(
            f"has {' and '.join(names)}, which are both {part} images", file=shown(folder), remedy="keep one of them"
        )
        for part, names in parts.items()
        if len(names) > 1
    ]
    if "train" in parts:
        remedy = f"the parts are {', '.join(PARTS)}; if all are classes, put them into a folder named train"
        diagnostics += [
            Diagnostic(
                f"has images, but is no part of the data as {there} is{hint}", file=shown(folder / name), remedy=remedy
            )
            for name, hint in others
        ]
    elif parts and any("'train" in hint for _, hint in others):
        diagnostics += [
            Diagnostic(f"stands beside {there}{hint}", file=shown(folder / name)) for name, hint in others if hint
        ]
    elif len(parts) > 1 or (parts and not others):
        diagnostics.append(Diagnostic(f"has {there}, but no folder named train", file=shown(folder)))
    raise_all(diagnostics)
    return {part: folder / names[0] for part, names in parts.items()} if "train" in parts else {"train": folder}


def _classes(root: Path) -> list[str]:
    classes = sorted(subfolders(root))  # as text, which for names that are no UTF-8 is not the order of their bytes
    if not classes:
        raise InputError(
            Diagnostic(
                "has no folders of images, one a class, and no IDX files (train-images-idx3-ubyte, gzipped or not)",
                file=shown(root),
            )
        )
    return classes


def _by_class(root: Path, classes: list[str]) -> Iterator[tuple[Path, str]]:
    unknown = [name for name in _classes(root) if name not in classes]
    raise_all(
        Diagnostic("has no training images", file=shown(root / name), remedy=f"the classes are {', '.join(classes)}")
        for name in unknown
    )
    for name in classes:
        if (root / name).is_dir():
            yield from ((path, name) for path in image_files(root / name))


def _left_out(roots: dict[str, Path], classes: list[str]) -> Iterator[Diagnostic]:
    """Images that would not be read: those beside the folders of classes, and those in formats that are not known."""
    for root in roots.values():
        if loose := own_files(root, SUFFIXES):
            message = f"has {count_of(loose)} beside the folders of its classes: {loose[0]}{', ...' * (len(loose) > 1)}"
            yield Diagnostic(message, file=shown(root), remedy="move them into the folder of their class, or elsewhere")
        for name in classes:
            if (root / name).is_dir() and (unread := own_files(root / name, UNREAD)):
                message = f"has {count_of(unread)} in a format that is not read: {unread[0]}"
                yield Diagnostic(
                    message, file=shown(root / name), remedy="convert them to PNG or JPEG, or move them away"
                )


def count_of(files: list[str]) -> str:
    """`1 image`, `24 images`."""
    return f"{len(files):,} image{'s' * (len(files) > 1)}"


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
        raise InputError(Diagnostic(f"cannot be read: {error}", file=shown(path))) from error
    raise_all(diagnostic._replace(file=shown(path)) for diagnostic in diagnostics)
    return listing


def _columns(path: Path, columns: list[str]) -> list[str]:
    """The columns of a CSV file, whose names stand in its first line. Raises for missing and repeated ones."""
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
        message = f"has no column {' and '.join(missing)}; its first line has {found}"
        raise InputError(Diagnostic(message, file=shown(path), line=1))
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
        return Diagnostic(f"no split is called {spelled!r}{did_you_mean(spelled, SPELLINGS)}")
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
