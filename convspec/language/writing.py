"""Documents as YAML that this package reads back equal, and plain data of what it has read."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import overload

import yaml

WIDTH = 110

_NUMBER_LIKE = re.compile(r"[-+]?(\.?[0-9]|\.inf|\.nan)", re.IGNORECASE)


@overload
def plain(value: Mapping[str, object]) -> dict[str, object]: ...
@overload
def plain(value: Sequence[object]) -> list[object]: ...
@overload
def plain(value: object) -> object: ...
def plain(value: object) -> object:
    """Located data as ordinary mappings and lists."""
    if isinstance(value, dict):
        return {key: plain(inner) for key, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(inner) for inner in value]
    return value


def yaml_text(document: Mapping[str, object], remark: str = "") -> str:
    """A document as YAML, with a remark on top; mappings and lists of plain values are written on one line.

    Reading it gives an equal document: a text that any YAML parser could take for a number, a date or a boolean is
    written in quotes.
    """
    text = yaml.dump(plain(document), Dumper=_Dumper, sort_keys=False, width=WIDTH, allow_unicode=True)
    return "".join(f"# {_one_line(line)}\n" for line in remark.splitlines()) + text


def _one_line(remark: str) -> str:
    """A line of a comment without characters that would end it or that YAML does not allow."""
    return "".join(letter if letter.isprintable() else " " for letter in remark)


class _Dumper(yaml.SafeDumper):
    """Writes whole documents: no anchors for values that occur twice, texts in quotes where they need them."""

    def ignore_aliases(self, data: object) -> bool:
        return True


def _mapping(dumper: yaml.SafeDumper, value: dict[str, object]) -> yaml.Node:
    return dumper.represent_mapping("tag:yaml.org,2002:map", value, flow_style=_flat(value.values()) and bool(value))


def _sequence(dumper: yaml.SafeDumper, value: list[object]) -> yaml.Node:
    return dumper.represent_sequence("tag:yaml.org,2002:seq", value, flow_style=_flat(value))


def _flat(values: Iterable[object]) -> bool:
    return not any(isinstance(value, (dict, list)) and value for value in values)


def _text(dumper: yaml.SafeDumper, value: str) -> yaml.Node:
    if not all(letter.isprintable() for letter in value):
        style: str | None = '"'  # escaped: a line break or a control character inside would be folded or refused
    elif _NUMBER_LIKE.match(value):  # 1e5 is a text in YAML 1.1 and a number in YAML 1.2
        style = "'"
    else:
        style = None
    return dumper.represent_scalar("tag:yaml.org,2002:str", value, style=style)


_Dumper.add_representer(dict, _mapping)
_Dumper.add_representer(list, _sequence)
_Dumper.add_representer(str, _text)
