"""`make docs`: write every generated page, picture and schema anew."""

from __future__ import annotations

import json

from convspec.diagram.picture import draw
from convspec.language.catalogue import FOLDER
from convspec.language.reference import reference
from convspec.language.schema import json_schema

from . import api, catalogue, commands
from .catalogue import DOCS, PICTURES
from .stub import STUB, stub


def main() -> None:
    """Write the spec reference, the schema, the catalogue with its pictures, the API with its stub, the commands."""
    (DOCS / "spec.md").write_text(reference(), "utf-8")
    (FOLDER / "schema.json").write_text(schema_text(), "utf-8")
    families = catalogue.families()
    (DOCS / "catalogue.md").write_text(catalogue.page(families), "utf-8")
    PICTURES.mkdir(parents=True, exist_ok=True)
    drawn = {PICTURES / f"{name}.svg" for family in families for name in family.networks}
    for old in set(PICTURES.glob("*.svg")) - drawn:
        old.unlink()
    for family in families:
        for name, analysis in family.networks.items():
            (PICTURES / f"{name}.svg").write_text(draw(analysis), "utf-8")
    (DOCS / "api.md").write_text(api.page(), "utf-8")
    STUB.write_text(stub(), "utf-8")
    (DOCS / "commands.md").write_text(commands.page(), "utf-8")


def schema_text() -> str:
    """The schema with a line for each definition: small, and changes of it can be read."""
    schema = json_schema()
    definitions = schema.pop("$defs")
    lines = [f"{json.dumps(name)}: {json.dumps(inner, separators=(',', ':'))}" for name, inner in definitions.items()]
    head = json.dumps(schema, separators=(",", ":"))
    return f'{head[:-1]},\n"$defs": {{\n' + ",\n".join(lines) + "\n}}\n"


if __name__ == "__main__":
    main()
