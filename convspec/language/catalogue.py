"""The specs that ship with the package: found by name without reading more files than the name occurs in."""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from ..printing import quote
from .arguments import checked
from .diagnostics import Diagnostic, InputError, did_you_mean
from .located import LocatedMap, Text
from .yaml_loader import parse

# Composing these sections takes a quarter of the time that whole files do. They are at the top level, where a regular
# expression finds them.
_SECTIONS = re.compile(r"^(?:name|variants|extends|classes|class_names):.*\n(?:[ #].*\n|\n)*", re.MULTILINE)

FOLDER = Path(__file__).parent.parent / "specs"


@checked
def list_specs(pattern: str = "*") -> list[str]:
    """The names of the catalogue that match a shell pattern, in alphabetical order: `list_specs("vgg*")`."""
    return sorted(name for name in _index() if fnmatch.fnmatchcase(name, pattern))


def find_spec(name: str) -> tuple[Text, LocatedMap, str | None]:
    """The text, document and variant of a network of the catalogue.

    Raises `InputError` with the nearest names where there is none.
    """
    documents = [_document(path) for path in _files() if name in _text(path).content]  # no other can define it
    for document in documents:
        if name in names_of(document):
            return document.mark.text, document, None if name == document.get("name") else name
    families = {str(document.get("name")): names_of(document) for document in documents}
    if name in families:
        raise InputError(Diagnostic(f"{quote(name)} is a family", remedy=f"its networks: {', '.join(families[name])}"))
    message = f"no network is called {quote(name)}{did_you_mean(name, _index())}"
    remedy = "`convspec list` names them all; a file's name ends in .yaml or .yml"
    raise InputError(Diagnostic(message, remedy=remedy))


def file_of(name: str) -> str:
    """The file of a network of the catalogue, without its ending: `resnet` for `resnet18`."""
    return _index()[name].stem


def class_name(name: str) -> str:
    """What the constructor of a network is called: as its file spells it, else its words with a capital each."""
    plain = "".join(re.findall("[a-z0-9]+", name))
    listed = _head(_index()[name]).get("class_names")
    spelled = (str(word) for word in (listed if isinstance(listed, list) else ()))
    capitals = "".join(word[0].upper() + word[1:] for word in re.findall("[a-z0-9]+", name))
    return next((word for word in spelled if plain == word.lower().replace("_", "")), capitals)


def classes_of(name: str) -> int | None:
    """The number of classes of a network of the catalogue, its own or of the one that it extends."""
    head = _head(_index()[name])
    if "classes" not in head and isinstance(base := head.get("extends"), str):
        return classes_of(base)
    classes = head.get("classes")
    return classes if isinstance(classes, int) else None


def names_of(document: Mapping[str, object]) -> list[str]:
    """The networks of a document: its variants, or itself where it has none."""
    variants = document.get("variants")
    return list(variants) if isinstance(variants, Mapping) and variants else [str(document.get("name"))]


@cache
def _index() -> dict[str, Path]:
    return {name: path for path in _files() for name in names_of(_head(path))}


@cache
def _head(path: Path) -> LocatedMap:
    """The few sections that are asked of all files; a test holds them against the whole documents."""
    return parse(Text("", "".join(_SECTIONS.findall(_text(path).content))))


@cache
def _files() -> list[Path]:
    return sorted(FOLDER.glob("*.yaml"))


@cache
def _text(path: Path) -> Text:
    return Text(path.name, path.read_text("utf-8"))


@cache
def _document(path: Path) -> LocatedMap:
    """A family's document, read once, and read-only."""
    document = parse(_text(path))
    document.pop("class_names", None)  # of the catalogue, not of a network
    return document.seal()
