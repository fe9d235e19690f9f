"""From resolved data to checked blocks: the body, the head and the heads of further outputs."""

from __future__ import annotations

from collections.abc import Collection

from pydantic import ValidationError

from ..blocks.base import Block, parse_block
from ..printing import quote
from .build_graph import Branch
from .control import CLASSIFIERS, Unresolved
from .diagnostics import Diagnostics
from .document import Document
from .located import LocatedList, LocatedMap, Mark
from .pydantic_errors import to_diagnostics


class BlockLists:
    """Turns resolved data into blocks. `broken`: some block is wrong, and what follows it has no shape."""

    def __init__(self, resolved: LocatedMap, diagnostics: Diagnostics) -> None:
        self.resolved, self.diagnostics = resolved, diagnostics
        self.broken = False

    def blocks(self, items: object) -> list[Block]:
        """The blocks of a list up to the first wrong one; the errors of all."""
        blocks: list[Block] = []
        if not isinstance(items, LocatedList):
            if items is not None and items is not Unresolved:
                mark = self.resolved.value_marks.get("body", self.resolved.mark)
                self.diagnostics.note(mark.diagnostic("expected a list of blocks", path="body"))
            self.broken = True
            return blocks
        for item in items:
            block = self._block(item)
            self.broken = self.broken or block is None
            if not self.broken and block is not None:
                blocks.append(block)
        return blocks

    def left_out(self, items: LocatedList, uncertain: Collection[Mark]) -> None:
        """Note what is wrong with blocks that this network leaves out, whatever their expressions give."""
        for item in items:
            self._block(item, uncertain)

    def head(self, head: object, classes: int | None) -> list[Block]:
        """The blocks of a head: a list, one block, or the fields of `head`."""
        if isinstance(head, LocatedList):
            return self.blocks(head)
        if head is None or head is Unresolved:
            self.broken = self.broken or head is Unresolved
            return []
        if not isinstance(head, LocatedMap):
            return self._no_head(head, self.resolved.value_marks["head"], "head")
        self._same_classes(head, classes, "head")
        return self._single(_as_head(head, classes, ""))

    def _same_classes(self, head: LocatedMap, classes: int | None, path: str) -> None:
        """Note a head for another number of classes than the network's: images have one label, for all heads."""
        own = head.get("classes", classes)
        if classes is not None and type(own) is int and own != classes:
            message, remedy = f"a head for {own} classes, where `classes` is {classes}", "leave one of the two out"
            mark = head.value_marks["classes"]
            self.diagnostics.note(mark.diagnostic(message, path=f"{path}.classes", remedy=remedy))

    def _no_head(self, head: object, mark: Mark, path: str) -> list[Block]:
        message = f"expected a head's fields or a list of blocks, not {quote(head)}"
        self.diagnostics.note(mark.diagnostic(message, path=path))
        self.broken = True
        return []

    def branches(self, document: Document, outputs: object) -> list[Branch]:
        """The further outputs."""
        branches = []
        for name, output in document.outputs.items():
            written = outputs.get(name) if isinstance(outputs, LocatedMap) else None
            if not isinstance(written, LocatedMap):  # the document's own model has checked that it is
                continue
            raw = written.get("head")
            if isinstance(raw, LocatedMap):
                self._same_classes(raw, document.classes, f"outputs.{name}.head")
                blocks = self._single(_as_head(raw, document.classes, name))
            elif raw is None or isinstance(raw, LocatedList):
                blocks = [] if raw is None else self.blocks(raw)
            else:
                blocks = self._no_head(raw, written.value_marks["head"], f"outputs.{name}.head")
            branches.append(Branch(name, output.source, blocks, output.loss_weight, f"outputs.{name}"))
        return branches

    def _single(self, item: LocatedMap) -> list[Block]:
        block = self._block(item)
        self.broken = self.broken or block is None
        return [] if block is None else [block]

    def _block(self, item: object, uncertain: Collection[Mark] = ()) -> Block | None:
        if item is None:  # its error is noted already
            return None
        try:
            return parse_block(item)
        except ValidationError as error:
            self.diagnostics.note(*to_diagnostics(error, item, Block, uncertain))
        except ValueError as error:
            mark = getattr(item, "mark", self.resolved.mark)
            self.diagnostics.note(mark.diagnostic(str(error), path=getattr(item, "path", "")))
        return None


def _as_head(raw: LocatedMap, classes: int | None, output: str) -> LocatedMap:
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
