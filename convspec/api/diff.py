"""`convspec.diff`: what differs in meaning between two networks."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from html import escape

from ..analysis.difference import Difference, difference
from ..analysis.difference_text import render
from ..html_tables import framed
from ..language import load
from ..language.arguments import checked
from ..language.sources import variants_of
from .sources import Network, title_of


class Differences(dict[str | None, Difference]):
    """What differs, by variant; None stands for a network of no family. A notebook shows it as the command does.

    `gone` and `added` are the variants that only the first or only the second of two families has.
    """

    def __init__(
        self,
        found: Mapping[str | None, Difference],
        before: str,
        after: str,
        gone: Sequence[str] = (),
        added: Sequence[str] = (),
    ) -> None:
        super().__init__(found)
        self.before, self.after, self.gone, self.added = before, after, tuple(gone), tuple(added)

    def __bool__(self) -> bool:
        return len(self) > 0 or bool(self.gone or self.added)

    def variants(self) -> str:
        """A line for each variant that came or went; empty if none did."""
        return "\n".join([*(f"- variant {name}" for name in self.gone), *(f"+ variant {name}" for name in self.added)])

    def titles(self, variant: str | None) -> tuple[str, str]:
        """What the two networks are called."""
        mark = f" ({variant})" if variant else ""
        return self.before + mark, self.after + mark

    def text(self, form: Callable[[Difference, str, str], str] = render) -> str:
        """The differences in this form, variant by variant."""
        texts = [form(found, *self.titles(variant)) for variant, found in self.items()]
        return "\n\n".join(part for part in (*texts, self.variants()) if part)

    def __str__(self) -> str:
        return self.text() or f"{self.before} and {self.after} are the same network"

    def _repr_html_(self) -> str:
        return framed(f"<pre>{escape(str(self))}</pre>")


@checked
def diff(before: Network, after: Network, *, variant: str | None = None) -> Differences:
    """What differs in meaning between two networks: false if nothing; of families, by the variants that both have.

    Raises `InputError` for an invalid spec.
    """
    found: dict[str | None, Difference] = {}
    names, gone, added = ([variant], [], []) if variant is not None else _variants(before, after)
    for name in names:
        old, new = (load(source, variant=name) for source in (before, after))
        if changed := difference(old, new):
            found[name] = changed
    return Differences(found, title_of(before), title_of(after), gone, added)


def _variants(before: Network, after: Network) -> tuple[Sequence[str | None], list[str], list[str]]:
    """The variants that both have, None for documents as they are; those that are gone, and those that are new."""
    old, new = variants_of(before), variants_of(after)
    both = [name for name in old if name in new]
    return both or [None], [name for name in old if name not in new], [name for name in new if name not in old]
