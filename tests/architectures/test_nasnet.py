"""NASNet-A, against Keras's own."""

from __future__ import annotations

import keras
import pytest
from keras.src.applications.nasnet import NASNet
from pydantic import ValidationError

import convspec
from convspec.blocks import NasnetCells
from convspec.graph import Graph

from .reference import assert_same_outputs, assert_twin, fresh, weight_table

SMALL = {"num_blocks": 1, "penultimate_filters": 96, "stem_block_filters": 8, "skip_reduction": True}


def small(shape: tuple[int | None, int | None, int], **overrides: object) -> convspec.Spec:
    overrides |= {f"parameters.{key}": value for key, value in SMALL.items()}
    return convspec.load("nasnet_mobile", input_shape=shape, overrides=overrides)


def small_of_keras(shape: tuple[int, int, int], **options: object) -> keras.Model:
    return NASNet(shape, **SMALL, weights=None, **options)


@pytest.mark.parametrize(
    ("name", "constructor"),
    [("nasnet_mobile", keras.applications.NASNetMobile), ("nasnet_large", keras.applications.NASNetLarge)],
)
def test_layers_weights_and_graph_are_those_of_keras(name, constructor):
    assert_twin(fresh(lambda: convspec.build(convspec.load(name))), fresh(lambda: constructor(weights=None)))


def test_outputs_are_those_of_keras():
    ours = fresh(lambda: convspec.build(small((40, 49, 3), classes=10)), allocate=True)
    theirs = fresh(lambda: small_of_keras((40, 49, 3), classes=10), allocate=True)
    assert_twin(ours, theirs)
    assert_same_outputs(ours, theirs)


def test_an_open_size_takes_the_same_weights_and_computes_the_same():
    """Keras's own has fewer layers with weights where the size is open, and fails where a map is odd."""
    ours = fresh(lambda: convspec.build(small((None, None, 3), head=None)), allocate=True)
    theirs = fresh(lambda: small_of_keras((40, 49, 3), include_top=False), allocate=True)
    assert weight_table(ours) == weight_table(theirs)
    assert_same_outputs(ours, theirs)


def test_cells_halve_the_map_four_times():
    graph = Graph()
    assert NasnetCells(filters=12, num_blocks=1)(graph.input((33, 40, 8)), "n").shape == (3, 3, 6 * 4 * 12)


def test_a_stem_of_a_fraction_of_a_channel_is_refused():
    with pytest.raises(ValidationError) as caught:
        NasnetCells(filters=10, num_blocks=1)
    assert caught.value.errors()[0]["msg"] == (
        "Value error, the first stem cell has filters/filter_multiplier**2 channels, and 10/4 is no whole number: "
        "take a multiple of 4"
    )
