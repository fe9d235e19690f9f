"""Every block after a flatten, with sizes that are known and open: accepted, or an error of ours."""

from __future__ import annotations

import pytest

from convspec.blocks.registry import BLOCKS

from ..random_specs import MERGES, Drawing, accepted

BEFORE = [
    {"block": "conv", "filters": 4, "name": "first"},
    {"block": "conv", "filters": 4, "name": "second"},
    {"block": "flatten", "name": "flat"},
]


@pytest.mark.parametrize("kind", BLOCKS)
def test_a_block_after_a_flatten_is_accepted_or_an_error_with_a_reason(kind: str) -> None:
    for seed in range(8):
        block = Drawing(f"{kind} {seed}").model(kind)
        if kind in MERGES:
            block["from"] = ["flat", "first"]
        for size in (8, None):
            document = {"name": "x", "input": [size, size, 4], "classes": 3, "body": [*BEFORE, block], "head": None}
            accepted(document)  # raises what is no error of ours
