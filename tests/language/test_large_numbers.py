"""A number of any size in any field of a block is accepted or refused at once: no work grows with a number."""

import time
from contextlib import suppress

import pytest

from convspec import InputError, analyze
from convspec.blocks import find_block_class
from convspec.blocks.registry import BLOCKS

LARGE = (10**4, 2**24, 2**24 + 1, 10**30)


@pytest.mark.parametrize("name", BLOCKS)
def test_a_large_number_takes_no_second(name: str) -> None:
    block = find_block_class(name)
    assert block is not None
    fields = block.model_fields
    needed = {field: 4 for field, info in fields.items() if info.is_required()}
    slowest = (0.0, "", 0)
    for field in fields:
        for number in LARGE:
            item = {"block": name, **needed, field: number}
            begin = time.process_time()
            with suppress(InputError):
                analyze({"name": "net", "input": [32, 32, 4], "body": [item], "head": None})
            slowest = max(slowest, (time.process_time() - begin, field, number))
    assert slowest[0] < 1, slowest


def test_a_window_of_millions_is_refused_with_the_padding_that_it_would_need() -> None:
    item = {"block": "conv", "filters": 1, "kernel_size": 2**24, "padding": "valid"}
    with pytest.raises(InputError, match=r"larger than its 8x8 input.*\n  fits: padding same, padding 8388604, "):
        analyze({"name": "net", "input": [8, 8, 3], "body": [item], "head": None})
