"""What lower packages need of higher ones, which they cannot import: `convspec/__init__.py` registers it here."""

from __future__ import annotations

TYPE_CHECKING = False  # as in typing, whose import takes longer than this module
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from .blocks.base import Block

    Connect = Callable[[Block, Any, str | None], Any]

_views: list[Callable[[object], str]] = []
_connectors: list[Connect] = []


def register_views(make: Callable[[object], str]) -> None:
    """Have `make` give the HTML of specs, graphs, analyses and folders of searches."""
    _views[:] = [make]


def notebook_html(value: object) -> str | None:
    """What a notebook shows of an object; None, for which it shows the text, where nothing is registered."""
    return _views[0](value) if _views else None


def register_connector(connect: Connect) -> None:
    """Have `connect(block, x, name)` apply a block to Keras's tensors."""
    _connectors[:] = [connect]


def connect_to_keras(block: Block, x: Any, name: str | None) -> Any:
    """The Keras tensor that a block computes from another one, or from a list of them."""
    return _connectors[0](block, x, name)
