"""What is read out of archives that somebody may have damaged or forged."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, TypeAdapter

from ..data.npz import BROKEN, check_sizes
from ..files import shown
from ..json_files import JsonError, parse_json
from ..language.diagnostics import Diagnostic, InputError

Model = TypeVar("Model", bound=BaseModel)

LARGEST = 2**26  # bytes of one entry of text; the mean image of 500x500 pixels takes a quarter of it


def check_archive(path: Path) -> None:
    """Raise `InputError` for what is no `.keras` file or was made to fill the memory."""
    try:
        with zipfile.ZipFile(path) as archive:
            check_sizes(path, archive.infolist())
    except InputError:
        raise
    except BROKEN as error:
        raise _no_archive(path, error) from error


def read_entry(path: Path, name: str) -> bytes | None:
    """An entry of a `.keras` file, or None where there is none. Raises `InputError`."""
    check_archive(path)
    try:
        with zipfile.ZipFile(path) as archive:
            if name not in archive.namelist():
                return None
            if archive.getinfo(name).file_size > LARGEST:
                raise InputError(Diagnostic(f"has more than {LARGEST:,} bytes in {name}", file=shown(path)))
            return archive.read(name)
    except InputError:
        raise
    except BROKEN as error:
        raise _no_archive(path, error) from error


def checked_json(path: Path, model: type[Model], text: bytes, wrong: str) -> Model:
    """A JSON object of a file, as its model has it. Raises `InputError` with every field that does not fit."""
    try:
        return parse_json(text, TypeAdapter(model))
    except JsonError as error:
        raise InputError(
            Diagnostic(f"{wrong}: {message}", file=shown(path), path=place) for place, message in error.problems[:MOST]
        ) from None


MOST = 10  # fields of one file that are named


def _no_archive(path: Path, error: Exception) -> InputError:
    return InputError(Diagnostic(f"is no .keras file: {error}", file=shown(path)))
