"""A part of `python -m benchmarks reliability`: no document and no file, however wrong, raises a foreign exception.

Its fourth part, random specs against Keras, is that of test_agreement.py.
"""

from __future__ import annotations

from collections import Counter

from benchmarks.attempts import attempt
from benchmarks.changed_specs import mutate
from benchmarks.forged_files import forged
from benchmarks.grammar import fuzz


def test_random_documents_raise_nothing_foreign() -> None:
    outcome = fuzz(minutes=0.05)
    assert outcome.foreign == []
    assert min(outcome.accepted, outcome.refused) > 0


def test_changed_specs_of_the_catalogue_raise_nothing_foreign() -> None:
    outcome = mutate(minutes=0.1)
    assert outcome.foreign == []
    assert min(outcome.accepted, outcome.refused) > 0


def test_damaged_and_forged_files_raise_nothing_foreign() -> None:
    outcome = forged(minutes=0.1)
    assert outcome.foreign == []
    assert min(outcome.accepted, outcome.refused) > 0


def test_a_foreign_exception_is_seen() -> None:
    """The tests above can fail: what is no document raises something else than `InputError`."""
    found, foreign = Counter[str](), list[tuple[str, str]]()
    attempt(5, "five", found, foreign)
    assert [shown for _, shown in foreign] == ["five"]
    assert not found
