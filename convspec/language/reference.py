"""The reference of the spec format as Markdown, from the same descriptions as the JSON Schema."""

from __future__ import annotations

import inspect
from collections.abc import Iterator

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from ..blocks.base import Block
from ..blocks.common import Norm
from ..blocks.nested_models import models_in
from ..blocks.notation import FORMS
from ..blocks.pydantic_model import written_fields
from ..blocks.registry import MODULES, find_block_class
from ..blocks.squeeze_excite_gate import Gate
from ..printing import WORDS
from .control import CONTROL, MERGED
from .document import Document, Output
from .functions import FUNCTIONS
from .recipe import Recipe
from .tune import Tune

SHARED = ("block", "name", "from", "squeeze_excite")
"""Fields of every block, described once."""

INTRODUCTION = """\
# The spec format

A spec is a YAML mapping. `convspec check FILE` says what is wrong with one; `convspec schema` prints the JSON Schema,
which editors use to complete and check. This page is made from the same descriptions: `make docs` writes it anew.
"""

EXTENDING = """\
A spec with `extends` completes these sections of the other one key by key: {merged}.
An entry that both have, such as the defaults of one block, is this one's. All other sections it replaces whole:
`train: {{epochs: 3}}` loses the other one's optimizer, where `replace: {{train.epochs: 3}}` keeps it. The other one's
`variants` are left out.

What a spec holds and its network does nothing with is an error: elements of a list or keys of a mapping that no
expression reads while it reads others, parameters and templates that nothing uses, defaults that every block sets
itself, two variants of equal parameters, and `replace` where it changes nothing. In a family it is enough that one
variant uses them. What the spec that is extended leaves over, and what `--set` does, is no error.
"""

EXPRESSIONS = """\
`${{...}}` is replaced by its value: arithmetic (`+ - * / // % **`), comparisons, `and or not`, `A if B else C`, lists
and indexing over the parameters, `classes`, and the counters of repeats. A division that comes out even gives a whole
number. The functions are {functions}. `round_to(x, m)` is the nearest multiple of m, `divisible(x, d)` the same but
never below nine tenths of x (MobileNetV2's rule). Inside a text, `block${{i + 1}}`, the value is filled in.
"""


def reference() -> str:
    """The whole page."""
    return "\n".join(_lines()) + "\n"


def _lines() -> Iterator[str]:
    yield INTRODUCTION
    yield "## The document\n"
    yield from _table(Document)
    yield "\nAn entry of `outputs`:\n"
    yield from _table(Output)
    yield ""
    yield EXTENDING.format(merged=", ".join(f"`{name}`" for name in MERGED))
    yield "## Expressions\n"
    yield EXPRESSIONS.format(functions=", ".join(f"`{name}`" for name in FUNCTIONS))
    yield "## Body items\n"
    yield "A body item is a mapping with `block`, or a text in VGG's notation: " + ", ".join(f"`{f}`" for f in FORMS)
    yield "\nEvery mapping may have:\n"
    yield "| key | meaning |\n|---|---|"
    yield from (f"| `{key}` | {meaning} |" for key, meaning in CONTROL.items())
    block_fields = written_fields(Block)
    yield from (f"| `{name}` | {block_fields[name].description} |" for name in SHARED if name != "block")
    yield "\n`squeeze_excite` holds:\n"
    yield from _table(Gate)
    yield "\n`norm`, where a block has it, holds:\n"
    yield from _table(Norm)
    yield "\n## Blocks\n"
    for kinds in MODULES.values():
        for kind in kinds.split():
            yield from _block(kind)
    yield "## Training\n"
    yield from _model("train", Recipe, set())
    yield "## Tuning\n"
    yield from _model("tune", Tune, set())


def _block(kind: str) -> Iterator[str]:
    block_class = find_block_class(kind)
    if block_class is None:
        raise LookupError(f"the registry names a block {kind!r} that does not exist")
    yield f"### {kind}\n"
    yield inspect.cleandoc(block_class.__doc__ or "") + "\n"
    yield from _table(block_class, skip=SHARED)
    yield ""


def _model(title: str, model: type[BaseModel], seen: set[type[BaseModel]]) -> Iterator[str]:
    """A section's table, then those of the models inside it."""
    seen.add(model)
    yield f"### {title}\n"
    yield inspect.cleandoc(model.__doc__ or "") + "\n"
    yield from _table(model)
    yield ""
    for name, field in model.model_fields.items():
        for inner in models_in(field.annotation):
            if inner not in seen:
                yield from _model(f"{title}.{field.validation_alias or name}", inner, seen)


def _table(model: type[BaseModel], skip: tuple[str, ...] = ()) -> Iterator[str]:
    rows = [(name, field) for name, field in written_fields(model).items() if name not in skip]
    if not rows:
        yield "No fields of its own."
        return
    yield "| field | default | meaning |\n|---|---|---|"
    for name, field in rows:
        description = (field.description or "").replace("|", "\\|")
        yield f"| `{name}` | {_default(field)} | {description} |"


def _default(field: FieldInfo) -> str:
    if field.is_required():
        return "required"
    default = field.get_default(call_default_factory=True)
    if isinstance(default, BaseModel):
        shown = ", ".join(f"{name}: {_word(value)}" for name, value in default.model_dump().items())
        return f"`{{{shown}}}`" if shown and len(shown) < 60 else "its own defaults"
    return f"`{_word(default)}`"


def _word(value: object) -> str:
    if isinstance(value, BaseModel):
        shown = value.model_dump(exclude_unset=True).items()
        return "{" + ", ".join(f"{name}: {_word(inner)}" for name, inner in shown) + "}"
    if value is None or isinstance(value, bool):
        return WORDS[value]
    if isinstance(value, (list, tuple)):
        same = len(value) == 2 and value[0] == value[1]
        return _word(value[0]) if same else "[" + ", ".join(map(_word, value)) + "]"
    return str(value) or "empty"
