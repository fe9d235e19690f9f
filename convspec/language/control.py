"""What a body item holds besides its block, and how its resolution ends early."""

from __future__ import annotations

from collections.abc import Mapping

from ..errors import ConvspecError

CONTROL = {
    "repeat": "how many times the block is repeated; `${i}` counts from 0",
    "counter": "another name for `i`, so that a repeat inside a repeat can use both",
    "when": "the block is left out where this is false; its kind and fields are checked all the same",
}
"""Keys of a body item that act before the block is checked."""

CLASSIFIERS = ("head", "auxiliary_classifier")
"""Blocks that take the document's number of classes."""


MERGED = ("parameters", "templates", "defaults")
"""Sections that an extending spec completes; it replaces the others whole."""


REQUIRED = ("name", "input", "body")
"""Sections that each document has, itself or by what it extends."""


class _Omitted(type):
    def __repr__(cls) -> str:
        """What a message about a list or mapping shows for a value in it that is not known."""
        return "..."


class Unresolved(ConvspecError, metaclass=_Omitted):  # noqa: N818 - it is control flow, never shown
    """An item cannot be resolved; its error is noted.

    The class itself stands for a value that is not known, among others that are checked all the same.
    """


def incomplete_sections(root: Mapping[str, object]) -> set[str]:
    """Sections that may have more than a document shows: those that are not known, or what it extends is not."""
    return {key for key in MERGED if Unresolved in (root.get(key), root.get("extends"))}


def is_known(value: object) -> bool:
    """Whether a value, and each that is in it, is known."""
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return value is not Unresolved and all(map(is_known, inner))
