"""Every field of the JSON Schema says what it means and shows a value that it would take."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import jsonschema
import pytest

from convspec.spec.schema import json_schema

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
    [("conv.filters", 64), ("conv.padding", "same"), ("lrn.beta", 0.75), ("Stage.epochs", 1), ("Knob.boolean", True)],
)
def test_examples_are_named_or_the_default_or_of_the_type(field: str, example: Any) -> None:
    assert dict(fields())[field]["examples"] == [example]
