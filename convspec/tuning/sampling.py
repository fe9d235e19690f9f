"""Random numbers from a counter: nothing is remembered, so that neither workers nor restarts nor new fields matter."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache

from .space import Dimension, Region, Values

BLOCK = 16
"""Samples are stratified in blocks of so many: within each, every sixteenth of a range is met once."""


def uniform(*key: object) -> float:
    """A number in [0, 1) that is a function of the key alone."""
    digest = hashlib.sha256("\x1f".join(map(str, key)).encode()).digest()
    return int.from_bytes(digest[:8], "big") / 2**64


def position(seed: int, stage: int, name: str, index: int) -> float:
    """The position of sample `index` in one dimension: a Latin hypercube (McKay et al. 1979) within each block."""
    block, place = divmod(index, BLOCK)
    return (_strata(seed, stage, name, block)[place] + uniform(seed, stage, name, index)) / BLOCK


@lru_cache(maxsize=4096)
def _strata(seed: int, stage: int, name: str, block: int) -> tuple[int, ...]:
    order = sorted(range(BLOCK), key=lambda place: uniform(seed, stage, name, block, "order", place))
    return tuple(order)


def samples(seed: int, stage: int, space: Sequence[Dimension], regions: Mapping[str, Region]) -> Iterator[Values]:
    """Values for one candidate after the other, without end."""
    index = 0
    while True:
        chosen: Values = {}
        for dimension in space:
            if dimension.active(chosen):
                region = regions.get(dimension.path, Region())
                chosen[dimension.path] = region.value(dimension, position(seed, stage, dimension.path, index))
        yield chosen
        index += 1
