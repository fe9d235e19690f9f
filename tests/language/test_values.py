"""What values of a document become, and the names that a network may have."""

from __future__ import annotations

import re
from collections import UserDict
from decimal import Decimal
from enum import Enum, IntEnum
from fractions import Fraction
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
import pytest
import yaml

from convspec import InputError, load
from convspec.blocks import Dense
from convspec.language.located import Text as TextOfFile
from convspec.language.yaml_loader import parse


def network(**keys: Any) -> dict[str, Any]:
    return {"name": "net", "input": [16, 16, 3], "classes": 10, "head": None, **keys}


class Text(str):
    def __str__(self) -> str:
        return "another text"


class Whole(int):
    pass


class Decimals(float):
    pass


class Pooling(str, Enum):  # noqa: UP042 - not a StrEnum, as in many programs
    AVERAGE = "avg"


class Size(IntEnum):
    EIGHT = 8


class Nested(Enum):
    HEAD = {"pooling": Pooling.AVERAGE, "dropout": Fraction(1, 4)}  # noqa: RUF012 - never changed


BARE = {"name": "net", "input": [8, 8, 1], "classes": 4, "body": ["conv3-4"], "head": {"pooling": "avg"}}
DROPPING = {"head": {"pooling": "avg", "dropout": 0.25}}


@pytest.mark.parametrize(
    ("given", "meant"),
    [
        ({"name": Text("net")}, {}),
        ({Text("name"): np.str_("net")}, {}),
        ({"classes": Whole(4), "input": (Size.EIGHT, np.int64(8), np.uint8(1))}, {}),
        ({"input": np.array([8, 8, 1])}, {}),
        ({"classes": np.array(4)}, {}),
        ({"body": np.array(["conv3-4"])}, {}),
        ({"head": MappingProxyType({"pooling": Pooling.AVERAGE})}, {}),
        ({"head": UserDict(pooling=Text("avg"))}, {}),
        ({"head": Nested.HEAD}, DROPPING),
        ({"head": {"pooling": "avg", "dropout": Decimal("0.25")}}, DROPPING),
        ({"head": {"pooling": "avg", "dropout": Decimals(0.25)}}, DROPPING),
        ({"head": {"pooling": "avg", "dropout": np.float32(0.25)}}, DROPPING),
        ({"head": {"pooling": "avg", "dropout": np.longdouble(0.25)}}, DROPPING),
        ({"train": {"deterministic": np.bool_(False)}}, {"train": {"deterministic": False}}),
        ({"parameters": {"f": [Whole(4)]}, "body": ["conv3-${f[0]}"]}, {"parameters": {"f": [4]}, "body": ["conv3-${f[0]}"]}),
    ],
    ids=repr,
)  # fmt: skip
def test_values_of_other_types_become_those_that_a_file_holds(given: dict[str, Any], meant: dict[str, Any]) -> None:
    for spec in (load({**BARE, **given}), load(BARE, overrides=given), load(load(BARE), overrides=given)):
        again = parse(TextOfFile("written", spec.to_yaml()))
        assert typed(again) == typed(spec.to_dict()) == typed({**BARE, **meant})
        assert load(again) == spec == load({**BARE, **meant})


def typed(value: object) -> object:
    """The value with the type of each part; those with places are ordinary mappings and lists to the reader."""
    if isinstance(value, dict):
        return {(type(key), key): typed(inner) for key, inner in value.items()}
    return [typed(inner) for inner in value] if isinstance(value, list) else (type(value), value)


@pytest.mark.parametrize(
    "value",
    [Path("avg"), b"avg", {"avg"}, (one for one in "a"), range(3), object(), 1j, Fraction(10**400), Dense(units=3)],
    ids=lambda value: type(value).__name__,
)
@pytest.mark.parametrize("path", ["parameters.f", "body[0]", "head.pooling", "train.epochs"])
def test_a_value_that_no_file_can_hold_is_refused_at_its_place(value: object, path: str) -> None:
    with pytest.raises(InputError, match=rf"{re.escape(path)}: .*(which a spec cannot hold|no float holds)"):
        load(BARE, overrides={path: value})


def test_keys_that_are_written_alike_are_refused() -> None:
    with pytest.raises(InputError, match=r"train.class_weights.3: two keys are written alike"):
        load({**BARE, "train": {"class_weights": {3: 1.0, "3": 2.0}}})


@pytest.mark.parametrize("name", [".", "..", "...", "net.", "con", "NUL", "Aux.v2", "com1", "lpt9.x", "x" * 201, "x\n"])
def test_a_name_that_is_no_folder_on_every_file_system_is_refused(name: str) -> None:
    for change in ({"name": name}, {"variants": {name: {"f": 4}}, "parameters": {"f": 5}, "body": ["conv3-${f}"]}):
        with pytest.raises(InputError, match=r"^the spec: name: "):
            load({**BARE, **change}, variant=name if "variants" in change else None)


@pytest.mark.parametrize("name", ["a.b", ".net", "-", "console", "com10", "nully", "x" * 200])
def test_a_name_of_a_folder_is_a_name(tmp_path: Path, name: str) -> None:
    (tmp_path / f"{load({**BARE, 'name': name}).name}-search").mkdir()


MERGES = {
    "keys of its own come first, wherever they stand": "a: &a {x: 1, y: 2}\nb: {x: 3, <<: *a}\nc: {<<: *a, x: 3}",
    "the first of several": "a: &a {x: 1}\nb: &b {x: 2, y: 3}\nc: {<<: [*a, *b], z: 4}",
    "what was merged is merged on": "a: &a {x: 1}\nb: &b {<<: *a, y: 2}\nc: {<<: *b, x: 5}",
    "written in place": "c: {<<: {x: 1, y: {z: 2}}, y: {w: 3}}",
    "in quotes it is a name like any other": "a: {'<<': {x: 1}}",
}


@pytest.mark.parametrize("text", MERGES.values(), ids=MERGES)
def test_merged_mappings_are_those_of_pyyaml_at_the_places_of_their_sources(text: str) -> None:
    found = parse(TextOfFile("x.yaml", text))
    assert found == yaml.safe_load(text)
    lines = text.splitlines()
    for key, inner in found.items():
        for name in inner:
            mark = inner.key_marks[name]
            assert lines[mark.line - 1][mark.column - 1 :].startswith((name, f"'{name}'")), (key, name)
