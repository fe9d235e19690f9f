"""What a notebook shows of an object: packages below ask here, and `report`, above them, answers."""

from __future__ import annotations

TYPE_CHECKING = False  # as in typing, whose import takes longer than this module
if TYPE_CHECKING:
    from collections.abc import Callable

_makers: list[Callable[[object], str]] = []


def register_views(make: Callable[[object], str]) -> None:
    """Have `make` give the HTML of specs, graphs, analyses and folders of searches."""
    _makers[:] = [make]


def notebook_html(value: object) -> str | None:
    """The HTML of an object; None, for which a notebook shows its text, where nothing is registered."""
    return _makers[0](value) if _makers else None
