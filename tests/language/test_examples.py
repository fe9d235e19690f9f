"""Every field of the JSON Schema says what it means and shows a value that it would take."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import jsonschema
import pytest

from convspec.language.examples import EXAMPLES, _of_type
from convspec.language.schema import json_schema

SCHEMA = json_schema()


def fields() -> Iterator[tuple[str, dict[str, Any]]]:
    for name, definition in {"": SCHEMA, **SCHEMA["$defs"]}.items():
        for field, schema in definition.get("properties", {}).items():
            yield f"{name}.{field}", schema


def test_there_are_fields() -> None:
    assert {"conv.filters", ".body", "Recipe.batch_size", "Stage.trials"} <= {name for name, _ in fields()}


def test_every_field_has_a_description() -> None:
    assert [name for name, schema in fields() if not schema.get("description")] == []


def test_every_field_has_examples_that_it_takes() -> None:
    for name, schema in fields():
        validator = jsonschema.Draft202012Validator({**schema, "$defs": SCHEMA["$defs"]})
        assert schema["examples"], name
        for example in schema["examples"]:
            assert [error.message for error in validator.iter_errors(example)] == [], name


@pytest.mark.parametrize(
    ("field", "example"),
    [
        ("conv.filters", 64),
        ("conv.padding", "same"),
        ("lrn.beta", 0.75),
        ("Stage.epochs", 1),
        ("Distribution.boolean", True),
    ],
)
def test_examples_are_named_or_the_default_or_of_the_type(field: str, example: Any) -> None:
    assert dict(fields())[field]["examples"] == [example]


def test_every_example_is_that_of_a_field() -> None:
    known = {name.rpartition(".")[2] for name, _ in fields()} | {name for name, _ in fields()}
    assert [name for name in EXAMPLES if name not in known] == []


@pytest.mark.parametrize(
    ("schema", "example"),
    [
        ({"type": "boolean"}, True),
        ({"type": "object"}, {}),
        ({"type": "string"}, "text"),
        ({"anyOf": [{"type": "null"}, {"type": "boolean"}]}, True),
        ({"anyOf": [{"type": "integer", "minimum": 1}, {"type": "null"}]}, 1),
        ({"type": "array", "items": {"type": "string"}, "minItems": 2}, ["text", "text"]),
        ({"const": "a"}, "a"),
        ({"enum": ["b", "a"]}, "b"),
    ],
)
def test_the_example_of_a_type_is_its_simplest_value_but_null(schema: dict[str, Any], example: Any) -> None:
    assert _of_type(schema, {}) == example


def test_lists_of_blocks_are_written_out_and_take_no_expression() -> None:
    """A block inside a block may be written as any item of a body."""
    known = dict(fields())
    assert "Expression" not in str(known["parallel.branches"])
    assert known["parallel.branches"]["items"]["items"] == {"$ref": "#/$defs/Item"}
    assert "#/$defs/Block'" not in str(SCHEMA)
    assert "Expression" in str(known["conv.filters"])
