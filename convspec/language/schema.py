"""The spec format as JSON Schema, for editors and other tools; everything in it comes from the models' fields."""

from __future__ import annotations

import inspect

from pydantic import BaseModel
from pydantic.json_schema import JsonSchemaValue

from ..blocks.notation import FORMS
from ..blocks.registry import BLOCKS, find_block_class
from .control import CONTROL
from .document import Document
from .examples import add_examples
from .recipe import Recipe
from .tune import Tune

DIALECT = "https://json-schema.org/draft/2020-12/schema"
EXPRESSION = {"type": "string", "pattern": r"\$\{", "description": "an expression over the parameters"}
TO_EXPRESSION = {"$ref": "#/$defs/Expression"}
SECTIONS = (
    "block", "body", "branches", "head", "outputs", "train", "tune", "parameters", "variants", "templates", "defaults",
)  # fmt: skip
_REF = "#/$defs/{model}"


def json_schema() -> JsonSchemaValue:
    """The schema of a document, with every block under `$defs`."""
    document = _with_references(_schema_of(Document))
    definitions = document.pop("$defs", {})
    for kind in BLOCKS:
        definitions |= _block(kind)
    definitions["Item"] = _item()
    for model in (Recipe, Tune):
        section = _schema_of(model)
        definitions |= {**section.pop("$defs", {}), model.__name__: section}
    needed = document.pop("required")  # of a document that extends no other
    schema = {
        "$schema": DIALECT,
        "title": "convspec spec",
        **document,
        "required": ["name"],
        "anyOf": [{"required": needed}, {"required": ["extends"]}],
        "$defs": definitions,
    }
    _allow_expressions(schema["properties"])
    for definition in definitions.values():
        _allow_expressions(definition.get("properties", {}))
    definitions["Expression"] = EXPRESSION
    for title, fields in {"": schema, **definitions}.items():
        add_examples(title, fields.get("properties", {}), definitions)
    for key in ("train", "tune"):
        schema["properties"][key]["description"] = Document.model_fields[key].description
    return schema


def _schema_of(model: type[BaseModel]) -> JsonSchemaValue:
    _build_defaults(model)
    return model.model_json_schema(by_alias=True, ref_template=_REF)


def _build_defaults(model: type[BaseModel]) -> None:
    """Build the deferred classes of defaults: to write these, pydantic before 2.14 needs them and does not do it."""
    for field in model.model_fields.values():
        if isinstance(field.default, BaseModel):
            _build_defaults(type(field.default))
            type(field.default).model_rebuild()


def _block(kind: str) -> JsonSchemaValue:
    """The definition of one block, and those of the models inside it."""
    block_class = find_block_class(kind)
    if block_class is None:
        raise LookupError(f"the registry names a block {kind!r} that does not exist")
    schema = _schema_of(block_class)
    inner = schema.pop("$defs", {})
    inner.pop("Block", None)
    schema["properties"]["block"] = {"const": kind, "description": (block_class.__doc__ or kind).partition("\n")[0]}
    schema["properties"] |= {
        "repeat": {"type": "integer", "minimum": 0, "description": CONTROL["repeat"]},
        "counter": {"type": "string", "description": CONTROL["counter"]},
        "when": {"type": "boolean", "description": CONTROL["when"]},
    }
    schema["title"] = kind
    schema["description"] = inspect.cleandoc(block_class.__doc__ or "")  # pydantic gives a dataclass none
    return {**inner, kind: _with_references(schema)}


def _item() -> JsonSchemaValue:
    """A body item: a string in VGG's notation, or a mapping whose `block` decides about its fields."""
    chosen = [
        {"if": {"properties": {"block": {"const": kind}}, "required": ["block"]}, "then": {"$ref": f"#/$defs/{kind}"}}
        for kind in BLOCKS
    ]
    mapping = {
        "type": "object",
        "required": ["block"],
        "properties": {"block": {"anyOf": [{"enum": list(BLOCKS)}, {"type": "string"}]}},
        "allOf": chosen,
    }
    forms = [form.split(" ")[0] for form in FORMS]
    return {
        "description": "a text in VGG's notation, or a mapping with `block`",
        "type": ["string", "object"],
        "examples": forms,
        "if": {"type": "object"},
        "then": mapping,
    }


def _with_references(schema: JsonSchemaValue) -> JsonSchemaValue:
    """Blocks inside blocks are body items; `{definition: NAME}` is a placeholder for a reference."""
    if isinstance(name := schema.get("definition"), str):
        return {"$ref": f"#/$defs/{name}"}
    if schema.get("$ref") == "#/$defs/Block":
        return {"$ref": "#/$defs/Item"}
    return {key: _references_in(inner) for key, inner in schema.items()}


def _references_in(value: object) -> object:
    if isinstance(value, list):
        return [_references_in(inner) for inner in value]
    return _with_references(value) if isinstance(value, dict) else value


def _allow_expressions(properties: JsonSchemaValue) -> None:
    """Any field but a text, a section or a list of blocks may be an expression instead."""
    for name, schema in properties.items():
        if name not in SECTIONS and (schema.get("type") != "string" or "enum" in schema):
            outer = {key: schema.pop(key) for key in ("description", "default") if key in schema}
            properties[name] = {**outer, "anyOf": [_numbers_or_expressions(schema), TO_EXPRESSION]}


def _numbers_or_expressions(schema: object) -> object:
    if isinstance(schema, list):
        return [_numbers_or_expressions(inner) for inner in schema]
    if not isinstance(schema, dict):
        return schema
    out = {key: _numbers_or_expressions(inner) if key in ("anyOf", "items") else inner for key, inner in schema.items()}
    if isinstance(items := out.get("items"), dict):
        out["items"] = {"anyOf": [items, TO_EXPRESSION]}
    return out
