"""The memory that training takes at its peak, found by walking through a step: forward, backward, update.

The output of every layer that has values of its own is held until its gradient is done; that is what TensorFlow was
measured to hold (`benchmarks/memory.py`), though not every gradient needs it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from ..graph import ACTIVATIONS, Graph, Node, count_values
from ..graph.activation import UNKNOWN
from ..language import Spec
from ..printing import counted
from .analysis import BYTES
from .table import human

if TYPE_CHECKING:
    from ..language.recipe import Recipe

UPDATE_ARRAYS = 3
"""Arrays of the size of one weight that an update holds for a moment: its terms before they are added up."""

FULL = 4
"""Bytes of a number that is kept in full precision: weights, gradients and states, under mixed precision too."""


@dataclass(frozen=True)
class TrainingMemory:
    """Bytes at the moment of the peak. `activations` hold what the backward pass needs, and gradients of activations;
    `gradients` those of weights, `update` the passing terms of an optimizer's step."""

    weights: int
    optimizer: int
    gradients: int
    activations: int
    update: int
    batch: int
    dtype: str

    @property
    def total(self) -> int:
        """Everything together."""
        return self.weights + self.optimizer + self.gradients + self.activations + self.update


@dataclass(frozen=True)
class TrainingFit:
    """What training takes, and with a budget the largest batch within it."""

    memory: TrainingMemory
    optimizer: str
    budget: int | None = None
    batch: int | None = None

    def to_dict(self) -> dict[str, object]:
        """For a JSON object."""
        fit = {} if self.budget is None else {"fit": {"bytes": self.budget, "batch": self.batch}}
        return {**asdict(self.memory), "total": self.memory.total, **fit}

    def __str__(self) -> str:
        memory = self.memory
        lines = [
            f"training     {human(memory.total, 'B')} at the peak of a step "
            f"({counted(memory.batch, 'image')}, {memory.dtype}): "
            f"{human(memory.weights, 'B')} weights, {human(memory.optimizer, 'B')} {self.optimizer}, "
            f"{human(memory.gradients, 'B')} gradients, {human(memory.activations, 'B')} activations, "
            f"{human(memory.update, 'B')} update"
        ]
        if self.budget is not None:
            most = counted(self.batch, "image") if self.batch else "not even one image"
            lines.append(f"fit          {most} in {human(self.budget, 'B')}")
        return "\n".join(lines)


def training_fit(spec: Spec, *, batch: int, dtype: str, budget: int | None = None) -> TrainingFit | None:
    """The estimate for this batch, and the largest batch within a budget in bytes; None where the input is open."""
    memory = training_memory(spec, batch=batch, dtype=dtype)
    if memory is None:
        return None
    most = None if budget is None else largest_batch(spec, budget, dtype=dtype)
    return TrainingFit(memory, spec.train.optimizer.name, budget, most)


def parse_bytes(text: str) -> int | None:
    """`24GiB` -> 25769803776, `800 MB` -> 800000000; None where it is no size."""
    match = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*([kMGT]?)(i?)B\s*", text)
    if match is None:
        return None
    return int(float(match[1]) * (1024 if match[3] else 1000) ** " kMGT".index(match[2] or " "))


def training_memory(spec: Spec, *, batch: int, dtype: str = "float32") -> TrainingMemory | None:
    """The peak of a training step of this batch, with the recipe's optimizer; None where the input is open.

    With a 16-bit `dtype` activations take two bytes, and so do copies of the weights beside the full ones, as in
    Keras's mixed precision.
    """
    step = _Step(spec.graph, BYTES[dtype])
    if step.unknown:
        return None
    fixed = _fixed(spec, dtype)
    activations, gradients = max(
        ((batch * live, done) for live, done in step.moments()), key=lambda moment: moment[0] + moment[1]
    )
    return TrainingMemory(*fixed, gradients, activations, UPDATE_ARRAYS * step.largest * FULL, batch, dtype)


def largest_batch(spec: Spec, budget: int, *, dtype: str = "float32") -> int | None:
    """The most images in a step whose peak fits into so many bytes; 0 where not even one does, None: open input."""
    step = _Step(spec.graph, BYTES[dtype])
    if step.unknown:
        return None
    weights, states = _fixed(spec, dtype)
    left = budget - weights - states - UPDATE_ARRAYS * step.largest * FULL
    return max(0, min(((left - done) // live for live, done in step.moments() if live), default=0))


def _fixed(spec: Spec, dtype: str) -> tuple[int, int]:
    weights = [weight for node in spec.graph.layers() for weight in node.weights]
    trained = sum(weight.size for weight in weights if weight.trainable)
    copies = trained * BYTES[dtype] if BYTES[dtype] < FULL else 0
    size = max(FULL, BYTES[dtype])
    return sum(weight.size for weight in weights) * size + copies, trained * size * slots(spec.train)


def slots(recipe: Recipe) -> int:
    """Arrays as large as the trained weights that the recipe's optimizer keeps."""
    return recipe.optimizer.slots + (recipe.ema is not None)


class _Step:
    """One step for one image: how many bytes live at each moment of the backward pass, and what weighs most."""

    def __init__(self, graph: Graph, size: int) -> None:
        self.nodes = sorted(graph.layers(), key=lambda node: node.index)
        self.size = size
        self.unknown = any(count_values(node.output.shape) is None for node in self.nodes)
        weights = [weight.size for node in self.nodes for weight in node.weights if weight.trainable]
        self.largest = max(weights, default=0)

    def _bytes(self, node: Node) -> int:
        """What a layer's output takes; Keras's batch normalisation works on a copy in full precision."""
        copy = FULL if self.size < FULL and node.operation.full_precision else 0
        return (self.size + copy) * (count_values(node.output.shape) or 0)

    def _beside(self, node: Node) -> int:
        """What is held beside the output: a mask of bytes, or the sigmoid that is a factor of swish."""
        if node.operation.training_only:
            return count_values(node.output.shape) or 0
        function = ACTIVATIONS.get(node.operation.activation_name, UNKNOWN)
        return self.size * (count_values(node.output.shape) or 0) if function.gradient_needs_sigmoid else 0

    def moments(self) -> Iterable[tuple[int, int]]:
        """(bytes of activations and their gradients for each image, bytes of gradients of weights), backwards."""
        bytes_of = {node: self._bytes(node) for node in self.nodes if _owner(node) is node}
        live = sum(bytes_of.values()) + sum(map(self._beside, self.nodes))
        gradients: set[Node] = set()
        weights = 0
        for node in reversed(self.nodes):
            gradients |= {owner for tensor in node.inputs if (owner := _owner(tensor.node)).inputs}
            gradients |= {_owner(node)}
            weights += FULL * sum(weight.size for weight in node.weights if weight.trainable)
            passing = bytes_of.get(node, 0) * (bool(node.operation.fused_activation) + node.operation.reorders_gradient)
            yield live + passing + sum(bytes_of[one] for one in gradients), weights
            if node in bytes_of:
                gradients.discard(node)
                live -= bytes_of[node] + self._beside(node)


def _owner(node: Node) -> Node:
    """The node whose memory a tensor is: a view passes on what it gets."""
    while node.operation.is_view and node.inputs:
        node = node.inputs[0].node
    return node
