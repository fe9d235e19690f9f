"""The spec inside a saved Keras model: an asset of the archive, read without Keras."""

from __future__ import annotations

import json
from pathlib import Path

from .faults import Fault, FaultError
from .reading import Text

SPEC_ASSET = "convspec.json"
"""The asset that holds the spec as YAML and its fingerprint."""


def read_saved(path: Path) -> Text:
    """The YAML of the spec that a `.keras` file was built from.

    Raises `FaultError` where the file cannot be read or holds no spec.
    """
    import zipfile  # only a saved model needs it

    try:
        with zipfile.ZipFile(path) as archive:
            content = json.loads(archive.read(f"assets/{SPEC_ASSET}"))["spec"]
    except OSError as error:
        raise FaultError(Fault(f"cannot be read: {error.strerror}", file=str(path))) from None
    except zipfile.BadZipFile:
        raise FaultError(Fault("is no .keras file: it is not a zip archive", file=str(path))) from None
    except (KeyError, TypeError, ValueError):
        content = None
    if not isinstance(content, str):
        remedy = "only models that convspec built, or wrote, hold one"
        raise FaultError(Fault("holds no spec", remedy=remedy, file=str(path)))
    return Text(f"{path}!{SPEC_ASSET}", content)
