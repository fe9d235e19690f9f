"""Images in folders by class, and lists of images in a CSV file."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from ..spec.faults import Fault, FaultError, did_you_mean
from .dataset import Images, Source, shown
from .idx import find_idx, read_images
from .listing import image_files, subfolders
from .pictures import Size, raise_all, read_pictures
from .pixels import BYTES

PARTS = {"train": ("train", "training"), "validation": ("val", "valid", "validation"), "test": ("test",)}
Listing = dict[str, list[tuple[Path, str]]]  # of each part, the files and their classes


def read_folder(folder: Path, size: Size, resize: str) -> Source:
    """A folder of IDX files, of images by class, or of `train`, `val` and `test` folders of either form."""
    pair = find_idx(folder, "train")
    if pair is not None:
        others = {part: find_idx(folder, part) for part in ("validation", "test")}
        images = {part: read_images(files) if files else None for part, files in others.items()}
        train = read_images(pair)
        names = tuple(str(label) for label in range(int(train.y.max(initial=0)) + 1))
        return Source(folder.name, shown(folder), names, None, train, images["validation"], images["test"])
    roots = {part: found for part, names in PARTS.items() if (found := _first(folder, names))}
    roots = roots if "train" in roots else {"train": folder}
    classes = _classes(roots["train"])
    listing = {part: list(_by_class(root, classes)) for part, root in roots.items()}
    filled = {label for _, label in listing["train"]}
    raise_all(
        Fault(f"class {name!r} has no images", file=shown(roots["train"] / name))
        for name in classes
        if name not in filled
    )
    return _source(folder, classes, listing, size, resize)


def read_csv(path: Path, size: Size, resize: str) -> Source:
    """A CSV file with the columns `path`, `label` and, if wanted, `split` (train, validation or test).

    Paths are relative to the folder of the CSV file; labels are names of classes.
    """
    listing = _listing(path)
    if not listing.get("train"):
        raise FaultError(Fault("lists no training images", file=shown(path)))
    classes = sorted({label for _, label in listing["train"]})
    classes = sorted(classes, key=int) if all(label.isdecimal() for label in classes) else classes
    raise_all(
        Fault(
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


def _first(folder: Path, names: tuple[str, ...]) -> Path | None:
    return next((folder / name for name in names if (folder / name).is_dir()), None)


def _classes(root: Path) -> list[str]:
    classes = subfolders(root)
    if not classes:
        raise FaultError(
            Fault(
                "has no folders of images, one a class, and no IDX files (train-images-idx3-ubyte, gzipped or not)",
                file=shown(root),
            )
        )
    return classes


def _by_class(root: Path, classes: list[str]) -> Iterator[tuple[Path, str]]:
    unknown = [name for name in _classes(root) if name not in classes]
    raise_all(
        Fault("has no training images", file=shown(root / name), remedy=f"the classes are {', '.join(classes)}")
        for name in unknown
    )
    for name in classes:
        if (root / name).is_dir():
            yield from ((path, name) for path in image_files(root / name))


def _listing(path: Path) -> Listing:
    listing: Listing = {}
    faults = []
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            reader = csv.DictReader(file)
            missing = [column for column in ("path", "label") if column not in (reader.fieldnames or ())]
            if missing:
                found = ", ".join(reader.fieldnames or ()) or "nothing"
                raise FaultError(
                    Fault(
                        f"has no column {' and '.join(missing)}; its first line has {found}", file=shown(path), line=1
                    )
                )
            for row in reader:
                fault = _row(path, row, reader.line_num, listing)
                faults += [fault] if fault else []
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise FaultError(Fault(f"cannot be read: {error}", file=shown(path))) from error
    raise_all(faults)
    return listing


def _row(path: Path, row: dict[str, str], line: int, listing: Listing) -> Fault | None:
    image = path.parent / (row["path"] or "")
    spelled = (row.get("split") or "train").strip().lower()
    part = next((part for part, names in PARTS.items() if spelled in names), None)
    if part is None:
        known = [name for names in PARTS.values() for name in names]
        return Fault(f"no split is called {spelled!r}{did_you_mean(spelled, known)}", file=shown(path), line=line)
    if not row["label"]:
        return Fault("has no label", file=shown(path), line=line)
    if not row["path"] or not image.is_file():
        return Fault(f"there is no file {shown(image)}", file=shown(path), line=line)
    listing.setdefault(part, []).append((image, row["label"].strip()))
    return None
