"""What is read out of archives that somebody may have damaged or forged."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, TypeAdapter

from ..data.npz import check_sizes, damage_reported
from ..files import shown
from ..json_files import JsonError, parse_json
from ..language.diagnostics import Diagnostic, InputError

Model = TypeVar("Model", bound=BaseModel)

WRONG = "is not a .keras file"
MOST = 10  # invalid fields that are reported per file
LARGEST = 2**26  # bytes of one entry of text; the mean image of 500x500 pixels takes a quarter of it


def check_archive(path: Path) -> None:
    """Raise `InputError` for what is not a `.keras` file, or was made to fill the memory."""
    with damage_reported(path, WRONG), zipfile.ZipFile(path) as archive:
        check_sizes(path, archive.infolist())


def read_entry(path: Path, name: str) -> bytes | None:
    """An entry of a `.keras` file, or None where there is none. Raises `InputError`."""
    check_archive(path)
    with damage_reported(path, WRONG), zipfile.ZipFile(path) as archive:
        if name not in archive.namelist():
            return None
        if archive.getinfo(name).file_size > LARGEST:
            raise InputError(f"has more than {LARGEST:,} bytes in {name}", file=shown(path))
        return archive.read(name)


def checked_json(path: Path, model: type[Model], text: bytes, wrong: str) -> Model:
    """A JSON object of a file, as its model has it. Raises `InputError` with every field that does not fit."""
    try:
        return parse_json(text, TypeAdapter(model))
    except JsonError as error:
        raise InputError(
            Diagnostic(f"{wrong}: {message}", file=shown(path), path=place) for place, message in error.problems[:MOST]
        ) from None
