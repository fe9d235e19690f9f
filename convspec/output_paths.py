"""Where commands write: checked before the long work, so that no result is lost at its end."""

from __future__ import annotations

import argparse
import errno
import os
from pathlib import Path

from .files import shown
from .language import InputError

OUTCOME = ("classes.csv", "confusion.png", "mistakes.png", "filters.png")
"""What shows how good a network is on images; the pictures where there is something to show."""

OVERWRITE = "name another place, or give --overwrite"


def add_overwrite(parser: argparse.ArgumentParser) -> None:
    """Declare `--overwrite`, for commands that write files where the user says."""
    parser.add_argument("--overwrite", action="store_true", help="replace what is there; otherwise that is an error")


def check_file(path: Path, *, overwrite: bool = True) -> None:
    """Raise `InputError` where no file can be written: there is no such folder, a folder lies there, or neither may be
    changed; or without `overwrite` there is such a file."""
    if not overwrite and path.is_file():
        raise InputError("is there already", file=str(path), remedy=OVERWRITE)
    folder = path.parent
    if path.is_dir():
        reason = errno.EISDIR
    elif not folder.is_dir():
        reason = errno.ENOTDIR if folder.exists() else errno.ENOENT
    else:
        reason = 0 if os.access(path if path.exists() else folder, os.W_OK) else errno.EACCES
    if reason:
        remedy = f"there is no folder {folder}: make it first" if reason == errno.ENOENT else ""
        raise InputError(f"cannot be written: {os.strerror(reason)}", file=str(path), remedy=remedy)


def card_path(path: Path) -> Path:
    """The JSON file beside an export, which says what goes in and comes out."""
    return path.with_name(f"{path.name}.json")


def check_export(path: Path, kind: str, *, overwrite: bool = False) -> None:
    """Raise `InputError` where an export cannot be written, or where it or its card is there already.

    `overwrite` allows an earlier export of the same kind: a file, or the folder of a SavedModel and no other folder.
    """
    if kind == "tflite" and path.suffix != ".tflite":
        name = path.with_suffix(".tflite").name
        raise InputError("a TFLite file ends in .tflite", file=str(path), remedy=f"name it {name}")
    make_folder(path.parent)
    for one in (path, card_path(path)):
        if not overwrite and one.exists():
            raise InputError("is there already", file=str(one), remedy=OVERWRITE)
    check_file(card_path(path))
    if kind != "saved_model":
        check_file(path)
    elif path.exists() and not (path / "saved_model.pb").is_file():
        message = "is no SavedModel, and is not replaced by one"
        raise InputError(message, file=str(path), remedy="name another place, or remove it")


def make_folder(folder: Path) -> None:
    """Make a folder, and those above it, unless it is there. Raises `InputError` where files cannot be put into it."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if not os.access(folder, os.W_OK):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
    except OSError as error:
        reason = os.strerror(errno.ENOTDIR) if isinstance(error, FileExistsError) else error.strerror
        raise InputError(f"cannot be written: {reason}", file=str(folder)) from None


def check_run_folder(folder: Path, *, resume: bool) -> None:
    """Raise `InputError` where no run can be put into a folder, by what lies there: a run, or files of something else.

    `resume` goes on with a run; whether it is the same one is another question.
    """
    if not (folder / "run.json").exists():
        check_unused(folder, "run")
    elif not resume:
        remedy = "--resume goes on with it; else name another --out"
        raise InputError("holds a run already", file=shown(folder), remedy=remedy)


def check_ensemble_folder(folder: Path, members: int, *, resume: bool) -> None:
    """Raise `InputError` where no ensemble can be put into a folder; as `check_run_folder`, of each member's, too."""
    check_unused(folder, "ensemble", own=("member_*", "ensemble.json"))
    own = {f"member_{number}" for number in range(1, members + 1)}
    others = sorted({path.name for path in folder.glob("member_*/")} - own, key=lambda name: (len(name), name))
    if others:  # they would answer together with these
        message = f"holds {', '.join(others)}, too, and --ensemble is {members}"
        raise InputError(message, file=shown(folder), remedy="name another --out, or move what is too much away")
    for number in range(1, members + 1):
        check_run_folder(folder / f"member_{number}", resume=resume)


def check_search_folder(folder: Path) -> None:
    """Raise `InputError` where no search can be put into a folder: it has files, but those of no search."""
    if not (folder / "search.json").exists():
        check_unused(folder, "search")


def check_unused(folder: Path, kind: str, own: tuple[str, ...] = ()) -> None:
    """Raise `InputError` if a folder without the file that describes a `kind` holds files of a run or a search.

    `kind` is "run", "ensemble" or "search"; `own` are patterns of files that may be there. What a user made is never
    overwritten because one file of it is missing.
    """
    patterns = [pattern for pattern in PROTECTED if pattern not in own]
    found = sorted({path.name for pattern in patterns for path in folder.glob(pattern) if not _is_empty_folder(path)})
    if not found:
        return
    names = ", ".join(found[:4]) + (f" and {len(found) - 4} more" if len(found) > 4 else "")
    described = next((other for other, file in DESCRIBED_BY.items() if (folder / file).exists()), None)
    article = "an" if kind == "ensemble" else "a"
    if described is not None:
        message = f"holds another kind of result ({described}: {names}), where this is for {article} {kind}"
    else:
        message = f"holds files of an earlier run ({names}), but no {DESCRIBED_BY[kind]} that says of which"
    raise InputError(message, file=shown(folder), remedy="name another --out, or move these files away")


DESCRIBED_BY = {"run": "run.json", "search": "search.json", "ensemble": "member_1/run.json"}
"""The file that says what a folder holds."""

PROTECTED = (
    "run.json", "search.json", "model.keras", "best.keras", "best.npz", "best.yaml", "checkpoint.npz", "history.csv",
    "history.json", "result.json", "trials", "trials.csv", "ensemble.json", "member_*",
)  # fmt: skip
"""What training and searching write that took time to compute."""


def _is_empty_folder(path: Path) -> bool:
    return path.is_dir() and not any(path.iterdir())
