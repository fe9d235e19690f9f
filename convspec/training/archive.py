"""What is read out of archives that somebody may have damaged or forged."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError

from ..data.dataset import shown
from ..data.npz import BROKEN, check_sizes
from ..spec.faults import Fault, FaultError

LARGEST = 2**26  # bytes of one entry of text; the mean image of 500x500 pixels takes a quarter of it


def check_archive(path: Path) -> None:
    """Raise `FaultError` for what is no `.keras` file or was made to fill the memory."""
    try:
        with zipfile.ZipFile(path) as archive:
            check_sizes(path, archive.infolist())
    except FaultError:
        raise
    except BROKEN as error:
        raise _no_archive(path, error) from error


def read_entry(path: Path, name: str) -> bytes | None:
    """An entry of a `.keras` file, or None where there is none. Raises `FaultError`."""
    check_archive(path)
    try:
        with zipfile.ZipFile(path) as archive:
            if name not in archive.namelist():
                return None
            if archive.getinfo(name).file_size > LARGEST:
                raise FaultError(Fault(f"has more than {LARGEST:,} bytes in {name}", file=shown(path)))
            return archive.read(name)
    except FaultError:
        raise
    except BROKEN as error:
        raise _no_archive(path, error) from error


def read_json(path: Path, model: type[BaseModel], text: bytes, wrong: str) -> dict[str, Any]:
    """A JSON object that a declared model accepts. Raises `FaultError` with every field that it does not."""
    try:
        data = json.loads(text)
        model.model_validate(data)
    except ValidationError as error:
        raise FaultError(
            Fault(f"{wrong}: {problem['msg']}", file=shown(path), path=".".join(map(str, problem["loc"])))
            for problem in error.errors()[:MOST]
        ) from None
    except (ValueError, RecursionError) as error:
        raise FaultError(Fault(f"{wrong}: {error}", file=shown(path))) from error
    return dict(data)


MOST = 10  # fields of one file that are named


def _no_archive(path: Path, error: Exception) -> FaultError:
    return FaultError(Fault(f"is no .keras file: {error}", file=shown(path)))
