"""A folder of images by class, or of IDX files."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from ...files import shown
from ...language.diagnostics import Diagnostic, InputError, did_you_mean
from ...printing import counted
from ..idx import read_parts
from ..labelled_images import PARTS, Images, Source
from ..labels import check_names, numbered_names
from ..listing import SUFFIXES, UNREAD, image_files, own_files, subfolders
from ..pictures import raise_all, read_pictures
from ..pixels import BYTES
from . import Kind, Request

PART_NAMES = [name for names in PARTS.values() for name in names]
Listing = dict[str, list[tuple[Path, str]]]  # of each part, the files and their classes


def read_folder(request: Request) -> Source:
    """A folder of IDX files, of images by class, or of `train`, `val` and `test` folders of either form."""
    folder = request.path
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
    return read_listing(request, classes, listing)


def read_listing(request: Request, classes: list[str], listing: Listing) -> Source:
    """Read all images at once, so that all broken ones come out together, and part them again."""
    rows = [row for part in listing.values() for row in part]
    pixels = read_pictures([path for path, _ in rows], request.size, request.resize)
    number = {name: label for label, name in enumerate(classes)}
    labels = np.array([number[label] for _, label in rows], np.int64)
    images, start = {}, 0
    for part, members in listing.items():
        stop = start + len(members)
        images[part] = Images(pixels[start:stop], labels[start:stop])
        start = stop
    parts = images["train"], images.get("validation"), images.get("test")
    return Source(request.path.stem, shown(request.path), tuple(classes), BYTES, *parts)


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
            others.append((name, did_you_mean(name.lower(), PART_NAMES)))
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
                f"has images, but is not a part of the data as {there} is{hint}",
                file=shown(folder / name),
                remedy=remedy,
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
    classes = sorted(subfolders(root))  # as text, which is not the order of their bytes if a name is not UTF-8
    if not classes:
        message = "has no folders of images, one per class, and no IDX files (train-images-idx3-ubyte, gzipped or not)"
        raise InputError(message, file=shown(root))
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
            first = loose[0] + ", ..." * (len(loose) > 1)
            message = f"has {counted(len(loose), 'image')} beside the folders of its classes: {first}"
            yield Diagnostic(message, file=shown(root), remedy="move them into the folder of their class, or elsewhere")
        for name in classes:
            if (root / name).is_dir() and (unread := own_files(root / name, UNREAD)):
                message = f"has {counted(len(unread), 'image')} in a format that is not read: {unread[0]}"
                yield Diagnostic(
                    message, file=shown(root / name), remedy="convert them to PNG or JPEG, or move them away"
                )


KIND = Kind("a folder", read_folder, is_meant=lambda text: Path(text).expanduser().is_dir(), rank=2)
