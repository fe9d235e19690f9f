"""Whether a candidate can take over the weights that its training starts from: decided before it is a trial."""

from __future__ import annotations

from ..builder import build
from ..spec import Spec
from ..training.finetuning import misfits
from ..training.pretrained import Pretrained, pretrained


class Inheritance:
    """Compares candidates with the network of `train.finetune.weights`, which is read once for each input shape."""

    def __init__(self, weights: str) -> None:
        self.weights = weights
        self.sources: dict[tuple[object, ...], Pretrained] = {}

    def __call__(self, spec: Spec) -> str:
        """Why a network cannot take the weights over; empty if it can. Raises `FaultError` without such weights."""
        model = build(spec)
        if spec.input not in self.sources:
            self.sources[spec.input] = pretrained(model, self.weights)
        found = misfits(model, self.sources[spec.input])
        return f"cannot start from {found[0].file}: {found[0].message}" if found else ""
