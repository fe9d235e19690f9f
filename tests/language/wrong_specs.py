"""Wrong specs and what a person reads about them."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent

import pytest

from convspec import InputError, load


def diagnostics(tmp_path: Path, text: str | bytes, file: str = "toy.yaml") -> str:
    path = tmp_path / file
    path.write_bytes(text if isinstance(text, bytes) else dedent(text).lstrip("\n").encode())
    with pytest.raises(InputError) as caught:
        load(path)
    return str(caught.value).replace(f"{tmp_path}/", "")


def body(*items: str, head: str = "") -> str:
    lines = "".join(f"\n  - {item}" for item in items)
    return f"name: toy\ninput: [8, 8, 3]\nclasses: 10\nbody:{lines}\n{head}"


def message(tmp_path: Path, *items: str, head: str = "") -> str:
    """The first line of the only error."""
    text = diagnostics(tmp_path, body(*items, head=head))
    assert text.count("toy.yaml:") == 1, text
    return text.split("\n")[0]


def places(text: str) -> list[str]:
    """The first lines of all errors, without the file's name."""
    return [line.removeprefix("toy.yaml:") for line in text.split("\n") if line.startswith("toy.yaml:")]
