"""What holds for all tests: their order, and what they need not look through."""

from __future__ import annotations

import gc
import os
import signal

import pytest

FIRST = ("test_workers", "test_cluster", "test_killed", "test_backends", "test_devices")
"""Modules whose tests take a minute each, or share what takes a minute to make."""
LONGEST = ("tuning", "training")
"""Folders whose tests train networks."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The longest first: what two workers have left at the end is then short, and they end together.

    A worker that has nothing left takes over the end of what the other one has; so nothing that a fixture of a module
    took a minute to make is at the end.
    """
    items.sort(key=lambda item: (item.path.stem not in FIRST, item.path.parent.name not in LONGEST))


def pytest_configure() -> None:
    """What the processes of the tests inherit."""
    # XLA spends half of what a test with JAX takes on optimising code that runs for a moment.
    quick = "--xla_backend_optimization_level=0 --xla_llvm_disable_expensive_passes=true"
    os.environ["XLA_FLAGS"] = f"{os.environ.get('XLA_FLAGS', '')} {quick}".strip()
    _obey_interrupts()


def _obey_interrupts() -> None:
    """A shell without job control starts what it puts in the background without Ctrl-C; processes of tests obey it."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_collection_finish() -> None:
    """Objects of libraries never become garbage; without them a collection takes a hundredth of the time."""
    gc.collect()
    gc.freeze()
