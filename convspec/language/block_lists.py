"""From resolved data to checked blocks: the body, the head and the heads of further outputs.

What is wrong in one block hides nothing in another: another block stands for it.
"""

from __future__ import annotations

from collections.abc import Collection

from pydantic import ValidationError

from ..blocks.base import Block, parse_block
from ..blocks.notation import block_text
from ..printing import quote
from .build_graph import Branch, UnknownBlock
from .control import CLASSIFIERS, Unresolved, is_known
from .diagnostics import Diagnostics
from .document import Document
from .fields_meant import head_meant, unspaced
from .located import LocatedList, LocatedMap, Mark
from .pydantic_errors import to_diagnostics
from .stand_ins import StandIns


class BlockLists:
    """Turns resolved data into blocks, and notes the errors of all."""

    def __init__(self, resolved: LocatedMap, diagnostics: Diagnostics, *, other_guesses: bool = False) -> None:
        self.resolved, self.diagnostics = resolved, diagnostics
        self.stand_ins = StandIns(resolved.section("defaults"), other_guesses=other_guesses)

    def blocks(self, items: object) -> list[Block]:
        """The blocks of a list."""
        if isinstance(items, LocatedList):
            return [self._block(item) or self.stand_ins.block(item) for item in items]
        if "body" in self.resolved and is_known(items):
            hint = _list_meant(items) if isinstance(items, str) else ""
            message = f"expected a list of blocks, not {quote(items)}{hint}"
            self.diagnostics.note(self.resolved.value_marks["body"].diagnostic(message, path="body"))
        return [UnknownBlock()]

    def left_out(self, items: LocatedList, uncertain: Collection[Mark]) -> None:
        """Note what is wrong with blocks that this network leaves out, whatever their expressions give."""
        for item in items:
            self._block(item, uncertain)

    def head(self, head: object, classes: object) -> list[Block]:
        """The blocks of a head: a list, one block, or the fields of `head`; `classes` is the document's number."""
        if isinstance(head, LocatedList):
            return self.blocks(head)
        if head is None:
            return []
        if not isinstance(head, LocatedMap):
            return self._no_head(head, self.resolved.value_marks["head"], "head")
        self._same_classes(head, classes, "head")
        return self._single(_as_head(head, classes, ""))

    def _same_classes(self, head: LocatedMap, classes: object, path: str) -> None:
        """Note a head for another number of classes than the network's: images have one label, for all heads."""
        own = head.get("classes", classes)
        if isinstance(classes, int) and type(own) is int and own != classes:
            message, remedy = f"a head for {own} classes, where `classes` is {classes}", "leave one of the two out"
            mark = head.value_marks["classes"]
            self.diagnostics.note(mark.diagnostic(message, path=f"{path}.classes", remedy=remedy))

    def _no_head(self, head: object, mark: Mark, path: str) -> list[Block]:
        if not is_known(head):
            return [UnknownBlock()]
        message = f"expected a head's fields or a list of blocks, not {quote(head)}{head_meant(head)}"
        self.diagnostics.note(mark.diagnostic(message, path=path))
        return [UnknownBlock()]

    def branches(self, document: Document, outputs: object, classes: object) -> list[Branch]:
        """The further outputs, those too whose own fields are wrong."""
        branches = []
        for name, written in outputs.items() if isinstance(outputs, LocatedMap) else ():
            if isinstance(written, LocatedMap):
                blocks = self._branch_head(written, name, classes)
                output, source = document.outputs.get(name), written.get("from")
                if isinstance(source, str):
                    weight = 0.0 if output is None else output.loss_weight
                    branches.append(Branch(name, source, blocks, weight, f"outputs.{name}"))
        return branches

    def _branch_head(self, written: LocatedMap, name: str, classes: object) -> list[Block]:
        raw = written.get("head")
        if raw is None or isinstance(raw, LocatedList):
            return [] if raw is None else self.blocks(raw)
        if not isinstance(raw, LocatedMap):
            return self._no_head(raw, written.value_marks["head"], f"outputs.{name}.head")
        self._same_classes(raw, classes, f"outputs.{name}.head")
        return self._single(_as_head(raw, classes, name))

    def _single(self, item: LocatedMap) -> list[Block]:
        return [self._block(item) or self.stand_ins.block(item)]

    def _block(self, item: object, uncertain: Collection[Mark] = ()) -> Block | None:
        """The block of an item; None where it is wrong, or not all of it is known."""
        if item is Unresolved or (isinstance(item, LocatedMap) and item.get("block") is Unresolved):
            return None
        try:
            block = parse_block(item)
            return block if not self.diagnostics or is_known(item) else None
        except ValidationError as error:
            self.diagnostics.note(*to_diagnostics(error, item, Block, uncertain))
            if isinstance(item, LocatedMap) and (meant := self.stand_ins.as_meant(item)):
                self._wrong(meant, uncertain)
        except ValueError as error:
            mark = getattr(item, "mark", self.resolved.mark)
            self.diagnostics.note(mark.diagnostic(str(error), path=getattr(item, "path", "")))
        return None

    def _wrong(self, item: LocatedMap, uncertain: Collection[Mark]) -> None:
        """Note what is wrong with the fields that are given of the block which an unknown one means."""
        try:
            parse_block(item)
        except ValidationError as error:
            self.diagnostics.note(*to_diagnostics(error, item, Block, uncertain, but=("missing",)))


def _list_meant(text: str) -> str:
    """What to write for a text in the place of a list of blocks."""
    return unspaced(text) or (f"; write [{text}]" if block_text(text) else "")


def _as_head(raw: LocatedMap, classes: object, output: str) -> LocatedMap:
    """A head's fields as a block that knows its classes and, as a further output, its name."""
    head = raw.shallow()
    if "block" not in head:
        head.put("block", "head")
    if head["block"] in CLASSIFIERS and "classes" not in head and classes is not None:
        head.put("classes", classes)
    if "name" not in head:
        head.put("name", output)
    if output and head["block"] == "head" and "classifier_name" not in head:
        head.put("classifier_name", "")
    return head
