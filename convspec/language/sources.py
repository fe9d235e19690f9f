"""Where a document comes from: the catalogue, a file, a saved model, or a mapping."""

from __future__ import annotations

import stat
from collections.abc import Mapping
from pathlib import Path

from .catalogue import find_spec
from .diagnostics import Diagnostic, Diagnostics, InputError
from .keras_archive import read_saved
from .located import LocatedMap, Mark, Text, located
from .yaml_loader import parse, read_file


def open_source(
    source: str | Path | Mapping[str, object] | Text, diagnostics: Diagnostics | None = None
) -> tuple[LocatedMap, str | None]:
    """The document, and the variant that the source names; `diagnostics` as for `parse`. Raises `InputError`."""
    if isinstance(source, Mapping):
        return located(dict(source), Mark(0, 0, Text("the spec", "")), "", diagnostics), None
    if isinstance(source, Text):
        return parse(source, diagnostics), None
    if str(source).endswith(".keras"):
        return parse(read_saved(Path(source))), None
    if _is_file(source):
        if error := _no_spec(Path(source), is_name=False):
            raise error
        return parse(read_file(Path(source)), diagnostics), None
    try:
        _, root, variant = find_spec(str(source))
    except InputError as error:
        raise _no_spec(Path(str(source)), is_name=True) or error from None
    return root, variant


def _no_spec(path: Path, *, is_name: bool) -> InputError | None:
    """The error of a folder, or of a file that is named as no spec is; None where there is neither."""
    try:
        kind = path.stat().st_mode
    except (OSError, ValueError):
        return None
    if stat.S_ISDIR(kind):
        model = path / "model.keras"
        remedy = f"name {model}" if model.is_file() else "name a network, or a file that ends in .yaml, .yml or .keras"
        return InputError(Diagnostic("is a folder, not a spec", file=str(path), remedy=remedy))
    if is_name and stat.S_ISREG(kind):
        return InputError(Diagnostic("is no spec by its name", file=str(path), remedy="a spec ends in .yaml or .yml"))
    return None


def _is_file(source: str | Path) -> bool:
    return isinstance(source, Path) or source.endswith((".yaml", ".yml")) or "/" in source or "\\" in source


def folder_of(source: str | Path | Mapping[str, object] | Text) -> Path:
    """The folder that names of files in the document are relative to."""
    return Path(source).parent if isinstance(source, (str, Path)) and _is_file(source) else Path()


def variants_of(source: object) -> list[str]:
    """The variants in a file or a mapping; none of any other source. Raises `InputError` for what cannot be read on."""
    if isinstance(source, (str, Path)) and (not _is_file(source) or str(source).endswith(".keras")):
        return []
    return (
        list(open_source(source, Diagnostics())[0].section("variants"))
        if isinstance(source, (str, Path, Mapping, Text))
        else []
    )
