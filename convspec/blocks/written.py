"""Blocks that are written as in other tools, written as in a spec."""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import ValidationError

from ..synonyms import synonym
from .aliases import block_called
from .pydantic_model import written_fields
from .registry import BLOCKS, find_block_class

KIND = ("type", "layer", "op", "kind", "class_name", "module", "layer_type")
"""Keys that name a layer elsewhere."""
LONGEST = 80
MOST = 12
"""Values of a list or mapping that a message writes out."""


def flow(value: object) -> str:
    """A value as YAML in one line; `...` for one that is too long for a message."""
    if value is ... or not _is_small(value):
        return "..."
    import yaml  # only a mistake needs it here, and blocks are used without documents

    text = yaml.safe_dump(_plain(value), default_flow_style=True, width=10**6, sort_keys=False, allow_unicode=True)
    text = text.removesuffix("...\n").strip()
    return text if len(text) <= LONGEST else "..."


def _is_small(value: object, depth: int = 3) -> bool:
    if isinstance(value, (dict, list, tuple)):
        inner = list(value.values()) if isinstance(value, dict) else value
        return depth > 0 and len(inner) <= MOST and all(_is_small(one, depth - 1) for one in inner)
    return (
        value is None
        or isinstance(value, float)
        or (isinstance(value, int) and abs(value) < 1e15)
        or (isinstance(value, str) and len(value) < LONGEST)
    )


def _plain(value: object) -> object:
    if isinstance(value, dict):
        return {key: _plain(inner) for key, inner in value.items()}
    return [_plain(one) for one in value] if isinstance(value, (list, tuple)) else value


def _block_meant(name: object) -> str:
    return "" if not isinstance(name, str) else name if name in BLOCKS else block_called(name)


def block_written(value: object) -> str:
    """How a spec writes a block that has no `block` key, as the end of a sentence; empty where none is meant.

    `{conv: 3, filters: 8}`, `{Conv2D: {filters: 8}}`, `{type: conv, filters: 8}` and the text `conv2d`.
    """
    if isinstance(value, str):
        return _example(_block_meant(value), {})
    if not isinstance(value, Mapping):
        return ""
    if joined := next((key for key in value if key.startswith("block:") and value[key] is None), ""):
        return f"; a colon needs a space after it: write `block: {joined[6:]}`"
    value = {key: one for key, one in value.items() if not (key == "name" and _was_given(value)) and key != "block"}
    if key := next((key for key in KIND if _block_meant(value.get(key))), None):
        config = value.get("config")
        rest = config if key == "class_name" and isinstance(config, dict) else value
        return _example(_block_meant(value[key]), {one: inner for one, inner in rest.items() if one != key})
    keys = [key for key in value if _block_meant(key)]
    if not keys and len(value) == 1 and isinstance(body := next(iter(value.values())), list):
        return _example("sequence", {"name": next(iter(value)), "body": body})
    if len(keys) != 1:
        return ""
    kind, inner = _block_meant(keys[0]), value[keys[0]]
    rest = {key: one for key, one in value.items() if key != keys[0]}
    if isinstance(inner, Mapping):
        return _example(kind, {**inner, **rest})
    if inner is None or inner is True:
        return _example(kind, rest)
    main = _main_field(kind, rest, inner)
    return _example(kind, {**main, **rest}) if main else f"; write {{block: {kind}, ...}}"


def _was_given(block: Mapping[str, object]) -> bool:
    """Whether a block has its name from its place, not from the document."""
    return bool(getattr(block, "key_marks", {}).get("name", ()) == getattr(block, "mark", None))


def _main_field(kind: str, given: Mapping[str, object], value: object) -> dict[str, object]:
    """The field that a value right after the name of a block means: the first that is needed, or the first of all."""
    block = find_block_class(kind)
    own = {} if block is None else {name: field for name, field in written_fields(block).items() if name not in COMMON}
    left = [name for name in own if name not in given]
    needed = [name for name in left if own[name].is_required()]
    if block is not None and block.merges:
        return {"from": value}
    return {name: value for name in (needed or left)[:1] if name in needed or name in MAIN}


MAIN = ("kernel_size", "pool_size", "size", "padding", "rate", "activation")
"""Fields with a default that a value right after the name of a block means."""
COMMON = ("block", "name", "from", "squeeze_excite")
"""Keys of every block, which none is mainly about."""


def _example(kind: str, fields: Mapping[str, object]) -> str:
    """The block with these fields if that is one; else with its name and what it needs."""
    if (block := find_block_class(kind) if kind else None) is None:
        return ""
    known = written_fields(block)
    renamed = {name if name in known else synonym(name, known) or name: value for name, value in fields.items()}
    try:
        block.model_validate(renamed)
    except ValidationError:
        renamed = {name: ... for name, field in known.items() if field.is_required()}
    written = ", ".join(f"{name}: {flow(value)}" for name, value in {"block": kind, **renamed}.items())
    return f"; write {{{written}}}"
