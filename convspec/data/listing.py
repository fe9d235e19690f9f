"""The image files of a folder, in the order of their names, without what systems and editors leave among them."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from ..files import shown
from ..language.diagnostics import InputError

SUFFIXES = frozenset(
    {".png", ".apng", ".jpg", ".jpeg", ".jpe", ".jfif", ".bmp", ".gif", ".webp", ".avif", ".jp2"}
    | {".tif", ".tiff", ".tga", ".ppm", ".pgm", ".pbm", ".pnm"}
)
UNREAD = frozenset({".heic", ".heif", ".svg", ".psd", ".exr", ".hdr", ".dng", ".cr2", ".nef", ".arw", ".jxl"})
"""Formats of images that are not read; no image of a class is left out without a word."""
LEFT_BEHIND = frozenset(
    {"__MACOSX", "__pycache__", "@eaDir", "$RECYCLE.BIN", "System Volume Information", "lost+found"}
)
"""Folders that macOS, Python, a Synology disk, Windows and a file system put among a user's own."""


def image_files(folder: Path) -> Iterator[Path]:
    """The image files of a folder at any depth, sorted by name; links are followed, loops of links are not.

    Hidden files and folders (`._cat.png`, `.ipynb_checkpoints`) are not images of the user's. Memory does not grow with
    the number of files. A link that leads nowhere is listed, so that reading it says so. Raises `InputError` for a
    folder that cannot be read.
    """
    return _walk(folder, ())


def subfolders(folder: Path) -> list[str]:
    """The names of a folder's own folders, sorted, without hidden ones. Raises `InputError` if it cannot be read."""
    return [name for name, is_folder in _entries(folder) if is_folder]


def own_files(folder: Path, suffixes: frozenset[str]) -> list[str]:
    """The names of a folder's own files with these suffixes, sorted. Raises `InputError` if it cannot be read."""
    return [name for name, is_folder in _entries(folder) if not is_folder and Path(name).suffix.lower() in suffixes]


def _walk(folder: Path, above: tuple[tuple[int, int], ...]) -> Iterator[Path]:
    try:
        status = folder.stat()
    except OSError as error:
        raise _unreadable(folder, error) from error
    here = (status.st_dev, status.st_ino)
    if here in above:
        return
    for name, is_folder in _entries(folder):
        if is_folder:
            yield from _walk(folder / name, (*above, here))
        elif Path(name).suffix.lower() in SUFFIXES:
            yield folder / name


def _entries(folder: Path) -> Iterator[tuple[str, bool]]:
    """The names in a folder and whether each is a folder, sorted on disk as soon as they are many."""
    with closing(sqlite3.connect("")) as names:  # a database without a name: small ones stay in memory
        names.execute("CREATE TABLE entries (name BLOB PRIMARY KEY, is_folder INTEGER) WITHOUT ROWID")
        try:
            with os.scandir(folder) as found:
                own = (entry for entry in found if not (entry.name.startswith(".") or entry.name in LEFT_BEHIND))
                kinds = ((os.fsencode(entry.name), _kind(entry)) for entry in own)
                names.executemany("INSERT INTO entries VALUES (?, ?)", (row for row in kinds if row[1] is not None))
        except OSError as error:
            raise _unreadable(folder, error) from error
        for name, is_folder in names.execute("SELECT name, is_folder FROM entries ORDER BY name"):
            yield os.fsdecode(name), bool(is_folder)


def _unreadable(folder: Path, error: OSError) -> InputError:
    return InputError(f"cannot be read: {error.strerror}", file=shown(folder))


def _kind(entry: os.DirEntry[str]) -> bool | None:
    """Whether an entry is a folder; None for what is neither folder nor file, such as a pipe, where reading waits."""
    try:
        if entry.is_dir():
            return True
        return False if entry.is_file() or (entry.is_symlink() and not Path(entry.path).exists()) else None
    except OSError:  # links that lead to one another
        return False
