"""The spec inside a saved Keras model: an asset of the archive, read without Keras."""

from __future__ import annotations

import json
import zipfile
import zlib
from pathlib import Path

from .diagnostics import Diagnostic, InputError
from .input_files import open_regular
from .located import Text
from .yaml_loader import LARGEST_FILE

SPEC_ASSET = "convspec.json"
"""The asset that holds the spec as YAML and its fingerprint."""
LARGEST_ASSET = 8 * LARGEST_FILE
"""Bytes of it: in JSON a character takes up to six, and to_yaml() writes out what an alias repeats."""


def read_saved(path: Path) -> Text:
    """The YAML of the spec that a `.keras` file was built from.

    Raises `InputError` where the file cannot be read or holds no spec.
    """
    spec = _asset(path).get("spec")
    if not isinstance(spec, str):
        remedy = "only models that convspec built, or wrote, hold one"
        raise InputError(Diagnostic("holds no spec", remedy=remedy, file=str(path)))
    return Text(f"{path}!{SPEC_ASSET}", spec)


def saved_fingerprint(path: Path) -> str | None:
    """The fingerprint of the spec in a `.keras` file; None where there is none, or the file is damaged."""
    try:
        fingerprint = _asset(path, whole=True).get("fingerprint")
    except InputError:
        return None
    return fingerprint if isinstance(fingerprint, str) else None


def _asset(path: Path, *, whole: bool = False) -> dict[str, object]:
    """What the asset holds; nothing where it is missing or damaged, or anything else is that has to be `whole`."""
    try:
        with open_regular(path) as file, zipfile.ZipFile(file) as archive:
            if whole and archive.testzip() is not None:
                return {}
            with archive.open(f"assets/{SPEC_ASSET}") as asset:
                data = asset.read(LARGEST_ASSET + 1)  # a small archive can hold any number of zeros
        content = json.loads(data) if len(data) <= LARGEST_ASSET else None
    except InputError:
        raise
    except OSError as error:
        raise InputError(Diagnostic(f"cannot be read: {error.strerror}", file=str(path))) from None
    except zipfile.BadZipFile:
        raise InputError(Diagnostic("is not a .keras file: it is not a zip archive", file=str(path))) from None
    except (KeyError, TypeError, ValueError, RecursionError, NotImplementedError, RuntimeError, EOFError, zlib.error):
        content = None  # damaged, encrypted, or compressed in a way of its own
    return content if isinstance(content, dict) else {}
