"""Every network of the catalogue has a constructor and, where keras.applications has no twin, a published figure."""

from __future__ import annotations

import pytest

from convspec import analyze, list_specs
from convspec.architectures.official import has_official_weights
from convspec.architectures.registry import constructors

from .golden import GOLDEN, Golden, agrees

BEYOND_KERAS = [name for name in list_specs() if not has_official_weights(name)]


@pytest.mark.parametrize(("name", "golden"), GOLDEN.items(), ids=GOLDEN.keys())
def test_figures_are_those_published(name: str, golden: Golden):
    totals = analyze(name).totals
    assert agrees(totals.trainable_parameters, golden.parameters, golden.tolerance), totals.trainable_parameters
    assert agrees(totals.macs, golden.macs, golden.tolerance), totals.macs


def test_every_network_beyond_keras_has_a_golden_row_and_names_its_source():
    assert set(BEYOND_KERAS) == GOLDEN.keys()
    assert all(golden.source for golden in GOLDEN.values())


def test_every_network_has_a_constructor():
    assert constructors().keys() == set(list_specs())


@pytest.mark.parametrize(
    ("value", "figure", "agreed"),
    [
        (11, 11, True),
        (11, 12, False),
        (1_814_073_344, "1.814G", True),
        (1_814_600_000, "1.814G", False),
        (5, None, True),
    ],
)
def test_figures_agree_to_the_digits_that_were_published(value, figure, agreed):
    assert agrees(value, figure) is agreed
