"""The images of several networks: loaded once for all that take them in one size."""

from __future__ import annotations

from collections.abc import Callable

from ..spec import Spec
from .dataset import Dataset


def data_key(spec: Spec) -> str:
    """What of a network decides how its images are sized."""
    return f"{spec.input} {spec.train.preprocessing.resize}"


def each_size_once(load: Callable[[Spec], Dataset]) -> Callable[[Spec], Dataset]:
    """`load`, with what it gave before for networks that take images of the same size."""
    loaded: dict[str, Dataset] = {}

    def load_once(spec: Spec) -> Dataset:
        if (key := data_key(spec)) not in loaded:
            loaded[key] = load(spec)
        return loaded[key]

    return load_once
