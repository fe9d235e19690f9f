"""The images of several networks: loaded once for all that take them in one size and from one split."""

from __future__ import annotations

from collections.abc import Callable

from ..language import Spec
from .dataset import Dataset


def data_key(spec: Spec) -> str:
    """What of a network and its recipe decides how images are sized, and which of them are validation images."""
    recipe = spec.train
    return f"{spec.input} {recipe.preprocessing.resize} {recipe.validation_split} {recipe.seed}"


def each_split_once(load: Callable[[Spec], Dataset]) -> Callable[[Spec], Dataset]:
    """`load`, with what it gave before for networks that take the same images in the same size."""
    loaded: dict[str, Dataset] = {}

    def load_once(spec: Spec) -> Dataset:
        if (key := data_key(spec)) not in loaded:
            loaded[key] = load(spec)
        return loaded[key]

    return load_once
