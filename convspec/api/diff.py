"""`convspec.diff`: what differs in meaning between two networks."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape

from ..analysis.difference import Difference, difference
from ..analysis.difference_text import render
from ..html_tables import framed
from ..language import Spec, load
from ..language.sources import variants_of
from .sources import Network


class Differences(dict[str | None, Difference]):
    """What differs, by variant; None stands for a network of no family. A notebook shows it as the command does."""

    def __init__(self, found: Mapping[str | None, Difference], before: str, after: str) -> None:
        super().__init__(found)
        self.before, self.after = before, after

    def titles(self, variant: str | None) -> tuple[str, str]:
        """What the two networks are called."""
        mark = f" ({variant})" if variant else ""
        return self.before + mark, self.after + mark

    def _repr_html_(self) -> str:
        texts = [render(found, *self.titles(variant)) for variant, found in self.items()]
        text = "\n\n".join(texts) or f"{self.before} and {self.after} are the same network"
        return framed(f"<pre>{escape(text)}</pre>")


def diff(before: Network, after: Network, *, variant: str | None = None) -> Differences:
    """What differs in meaning between two networks: empty if nothing; of families, by the variants that both have.

    Raises `InputError` for an invalid spec.
    """
    found: dict[str | None, Difference] = {}
    for name in [variant] if variant else _shared_variants(before, after):
        old, new = (load(source, variant=name) for source in (before, after))
        if changed := difference(old, new):
            found[name] = changed
    return Differences(found, _title(before), _title(after))


def _title(network: Network) -> str:
    if isinstance(network, Spec):
        return network.name
    return str(network.get("name", "")) if isinstance(network, Mapping) else str(network)


def _shared_variants(before: Network, after: Network) -> list[str | None]:
    """The variants that both files have; None stands for a document as it is."""
    old, new = variants_of(before), variants_of(after)
    both: list[str | None] = [name for name in old if name in new]
    return both or [None]
