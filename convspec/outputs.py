"""Where commands write: looked at before the long work, so that it is not in vain."""

from __future__ import annotations

import argparse
import errno
import os
from pathlib import Path

from .spec import Fault, FaultError

OVERWRITE = "name another place, or give --overwrite"


def add_overwrite(parser: argparse.ArgumentParser) -> None:
    """Declare `--overwrite`, for commands that write files where the user says."""
    parser.add_argument("--overwrite", action="store_true", help="replace what is there; otherwise that is an error")


def check_file(path: Path, *, overwrite: bool = True) -> None:
    """Raise `FaultError` where no file can be written: there is no such folder, a folder lies there, or neither may be
    changed; or without `overwrite` there is such a file."""
    if not overwrite and path.is_file():
        raise FaultError(Fault("is there already", file=str(path), remedy=OVERWRITE))
    folder = path.parent
    if path.is_dir():
        reason = errno.EISDIR
    elif not folder.is_dir():
        reason = errno.ENOTDIR if folder.exists() else errno.ENOENT
    else:
        reason = 0 if os.access(path if path.exists() else folder, os.W_OK) else errno.EACCES
    if reason:
        raise FaultError(Fault(f"cannot be written: {os.strerror(reason)}", file=str(path)))


def card_path(path: Path) -> Path:
    """The JSON file beside an export, which says what goes in and comes out."""
    return path.with_name(f"{path.name}.json")


def check_export(path: Path, kind: str, *, overwrite: bool = False) -> None:
    """Raise `FaultError` where an export cannot be written, or where it or its card is there already.

    `overwrite` allows an earlier export of the same kind: a file, or the folder of a SavedModel and no other folder.
    """
    make_folder(path.parent)
    for one in (path, card_path(path)):
        if not overwrite and one.exists():
            raise FaultError(Fault("is there already", file=str(one), remedy=OVERWRITE))
    check_file(card_path(path))
    if kind != "saved_model":
        check_file(path)
    elif path.exists() and not (path / "saved_model.pb").is_file():
        message = "is no SavedModel, and is not replaced by one"
        raise FaultError(Fault(message, file=str(path), remedy="name another place, or remove it"))


def make_folder(folder: Path) -> None:
    """Make a folder, and those above it, unless it is there. Raises `FaultError` where files cannot be put into it."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if not os.access(folder, os.W_OK):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
    except OSError as error:
        reason = os.strerror(errno.ENOTDIR) if isinstance(error, FileExistsError) else error.strerror
        raise FaultError(Fault(f"cannot be written: {reason}", file=str(folder))) from None
