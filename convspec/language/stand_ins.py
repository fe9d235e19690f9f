"""What stands for a wrong block, so that shapes behind it are known as far as they do not depend on what is wrong."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, get_args

from pydantic import ValidationError

from ..blocks.aliases import block_meant
from ..blocks.base import Block, parse_block
from ..blocks.pydantic_model import written_fields
from ..blocks.registry import BLOCKS, find_block_class
from ..suggestions import suggested
from .build_graph import UnknownBlock
from .control import CLASSIFIERS, is_known
from .document import NAME
from .fields_meant import field_meant, value_meant
from .located import LocatedMap
from .scalars import takes

TRIED = (2, 0.5, True, "relu", [2], 3)
"""Values for a wrong field; of them the first and the last that it takes are the two guesses at it."""


class StandIns:
    """Makes blocks that stand for wrong ones: their wrong fields have guessed values, or `other_guesses`.

    Two networks with the one and the other have the same shapes where these do not depend on the guesses. `kept` are
    the kinds of blocks whose fields are not all in the blocks themselves; `names_known` says whether each stand-in
    has the name that the block will have.
    """

    def __init__(self, kept: LocatedMap, *, other_guesses: bool) -> None:
        self.kept, self.other_guesses = kept, other_guesses
        self.made, self.names_known = False, True

    def block(self, item: object) -> Block:
        """What stands for a block that is wrong, or not known in all."""
        self.made = True
        return (self._mended(item) if isinstance(item, LocatedMap) else None) or _unknown(item)

    def as_meant(self, item: LocatedMap) -> LocatedMap | None:
        """A block of an unknown kind with the kind that it means; None where that is not clear."""
        if not isinstance(kind := item.get("block"), str) or find_block_class(kind) is not None:
            return None
        if (block_class := self._class(item)) is None:
            return None
        fields = item.shallow()
        fields["block"] = block_class.model_fields["block"].default
        return fields

    def _mended(self, item: LocatedMap) -> Block | None:
        """The block with other values for its wrong fields; None where no others do."""
        if (block_class := self._class(item)) is None or "when" in item or not is_known(item.get("from")):
            return None
        fields = item.shallow()
        fields.update({key: self._inner(value) for key, value in item.items()})
        fields["block"] = block_class.model_fields["block"].default
        for _ in range(len(fields) + len(block_class.model_fields)):
            try:
                block = parse_block(fields)
            except ValidationError as error:
                if not self._mend(fields, error, block_class):
                    return None
            else:
                self.names_known &= "name" in fields or "name" not in item
                return block
        return None

    def _class(self, item: LocatedMap) -> type[Block] | None:
        kind = item.get("block")
        if isinstance(kind, str) and kind not in BLOCKS:
            kind = suggested(block_meant(kind, BLOCKS))
            kind = None if kind in self.kept else kind
        return find_block_class(kind) if isinstance(kind, str) else None

    def _inner(self, value: object) -> object:
        """A field's value with what stands for blocks that are in it."""
        if isinstance(value, LocatedMap) and "block" in value:
            try:
                return parse_block(value) if is_known(value) else self.block(value)
            except ValueError:
                return self.block(value)
        return [self._inner(one) for one in value] if isinstance(value, list) else value

    def _mend(self, fields: LocatedMap, error: ValidationError, block_class: type[Block]) -> bool:
        """Give other values to the fields of an error; whether there are any."""
        mended = False
        for details in error.errors(include_url=False, include_context=False):
            key = details["loc"][0] if details["loc"] else None
            if not isinstance(key, str) or key in ("block", "from"):
                return False
            if details["type"] in ("extra_forbidden", "foreign_field"):
                value = fields.pop(key, None)
                meant = suggested(field_meant(key, block_class, {**fields, key: value}, "", by_path=False))
                if meant in written_fields(block_class) and meant not in fields:
                    fields.put(meant, value)
            else:
                value = fields.pop(key, None)
                values = list(_meant(fields, key, value, block_class) or _values(fields, key, block_class))
                if not values:
                    return False
                if (value := values[-1 if self.other_guesses else 0]) is not _LEFT_OUT:
                    fields.put(key, value)
            mended = True
        return mended


_LEFT_OUT = object()


def _values(fields: LocatedMap, key: str, block_class: type[Block]) -> Iterator[object]:
    """Values that a field takes, beginning with its default."""
    field = written_fields(block_class).get(key)
    if field is None or not field.is_required():
        yield _LEFT_OUT
    if key == "name" or field is None:
        return
    for value in (*_options(field.annotation), *TRIED):
        try:
            parse_block({**fields, key: value})
        except ValidationError as error:
            if any(details["loc"][:1] in ((), (key,)) for details in error.errors(include_url=False)):
                continue
        yield value


def _meant(fields: LocatedMap, key: str, value: object, block_class: type[Block]) -> list[object]:
    """The value that a wrong one means; none where that is not clear."""
    if (field := written_fields(block_class).get(key)) is None:
        return []
    words = [word for word in _options(field.annotation) if isinstance(word, str)]
    found = [suggested(value_meant(key, value, words, takes_null=False))] if words else [[value]]
    return [one for one in found if one and takes(block_class, key, one)]


def _options(annotation: Any) -> list[object]:
    """The words of all `Literal` in an annotation."""
    inner = get_args(annotation)
    return [word for one in inner for word in ([one] if isinstance(one, str) else _options(one))]


def _unknown(item: object) -> UnknownBlock:
    """What stands for a block of which only the name and the inputs are known, as far as these are."""
    if not isinstance(item, LocatedMap):
        return UnknownBlock()
    name, source = item.get("name"), item.get("from")
    if name == "" and item.get("block") in CLASSIFIERS:
        name = "head"  # no other block is in it
    return UnknownBlock(
        name=name if isinstance(name, str) and re.fullmatch(NAME, name) else None,
        sources=tuple(one for one in (source if isinstance(source, list) else [source]) if isinstance(one, str)),
        place=item.path,
    )
