"""The table of an analysis, word for word."""

from __future__ import annotations

import re

import pytest

from convspec import analyze, load
from convspec.analysis.table import render


def test_the_table_names_two_of_the_inputs_of_a_layer() -> None:
    body = [{"block": "parallel", "name": "p", "branches": [["conv1-2"], ["conv1-3"], ["conv1-4"]]}]
    lines = render(analyze(load({"name": "x", "input": [8, 8, 3], "body": body, "head": None}))).splitlines()
    (joined,) = [line for line in lines if "Concatenate" in line]
    assert re.search(r"from \S+, \S+, \.\.\.$", joined.rstrip())


@pytest.mark.parametrize(
    ("size", "words"),
    [
        ([8, 8], "drops 1 row and 1 column"),
        ([10, 9], "drops 3 rows and 2 columns"),
        ([7, 9], "drops 2 columns"),
        ([7, 8], "drops 1 column"),
        ([9, 7], "drops 2 rows"),
        ([8, 7], "drops 1 row"),
    ],
)
def test_pixels_that_no_window_covers(size: list[int], words: str) -> None:
    pool = {"block": "max_pool", "pool_size": 3, "strides": 4}
    table = render(analyze(load({"name": "x", "input": [*size, 3], "body": [pool], "head": None})))
    assert next(line for line in table.splitlines() if "MaxPooling2D" in line).rstrip().endswith(f"  {words}")


def test_the_summary_below_a_table_word_for_word() -> None:
    """3*3*3 weights and a bias for each of 4 filters, over 8x8 pixels; 192 values in, 256 out, 4 bytes each."""
    text = render(analyze(load({"name": "x", "input": [8, 8, 3], "body": ["conv3-4"], "head": None})))
    assert text.split("\n\n")[-1].splitlines()[:-1] == [
        "parameters   112",
        "MACs         6,912 (6.91 k)",
        "memory       1.79 kB activations + 448 B weights (1 image, float32)",
        "depth        1 layer with a kernel",
        "pattern      CONV-RELU",
    ]


@pytest.mark.parametrize("name", ["resnet50", "inception_resnet_v1", "efficientnet_v2_s"])
def test_rows_of_blocks_add_up_to_the_layers(name: str) -> None:
    """The last of a run of blocks need not have as many activations as the first: a sum without its activation."""
    analysis = analyze(name)
    lines = render(analysis, blocks=True).split("\n\n")[1].splitlines()[2:]
    rows = [re.split(r"\s{2,}", line) for line in lines]
    for place, field in enumerate(("activations", "parameters", "macs"), 3):
        sums = [int(cells[place].replace(",", "")) for cells in rows]
        assert sum(sums) == sum(getattr(layer, field) for layer in analysis.layers)
    last = {layer.block if layer.block_kind else layer.name: layer for layer in analysis.layers}
    fields = [last[cells[0].split(" .. ")[-1]].receptive_field for cells in rows]
    assert [cells[6] for cells in rows] == ["?" if field is None else f"{field:,}" for field in fields]
