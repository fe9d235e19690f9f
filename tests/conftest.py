"""What holds for all tests: their order, and what they need not look through."""

from __future__ import annotations

import gc

import pytest

LONGEST = ("tuning", "training")
"""Folders whose tests train networks; some take a minute."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The longest first: what two workers have left at the end is then short, and they end together."""
    items.sort(key=lambda item: item.path.parent.name not in LONGEST)


def pytest_collection_finish() -> None:
    """Objects of libraries never become garbage; without them a collection takes a hundredth of the time."""
    gc.collect()
    gc.freeze()
