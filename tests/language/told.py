"""What is said of a document that is wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from convspec import InputError, load


def diagnostics(tmp_path: Path, text: str) -> list[str]:
    path = tmp_path / "x.yaml"
    path.write_text(text)
    with pytest.raises(InputError) as caught:
        load(path)
    return [
        f"{diagnostic.line}:{diagnostic.column}: {diagnostic.path}: {diagnostic.message}"
        for diagnostic in caught.value.diagnostics
    ]
