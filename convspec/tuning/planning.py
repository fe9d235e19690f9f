"""Which trials a search consists of: a function of the spec, the seed and the results of the stages before."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ..blocks.pydantic_model import written_fields
from ..blocks.registry import find_block_class
from ..graph import Node
from ..interrupts import raise_if_stopped
from ..language import InputError, Spec
from ..language.located import LocatedMap
from ..language.optimization import ADJUSTABLE
from ..language.overriding import Steps, inside, parse_path
from ..language.tune import Stage, Tune
from ..language.writing import plain
from .constraints import ConstraintCheck
from .objective import Metric
from .sampling import samples
from .space import Dimension, Region, Values, dimensions, narrowed

if TYPE_CHECKING:
    from .store import Record

NARROW_TO = 5
PATIENCE = 2000
"""Candidates in a row that may be refused before a space counts as exhausted."""


@dataclass(frozen=True)
class Candidate:
    """Values that are worth a trial. Stage 0 is the spec as it is written; `key` names the trial in the store."""

    stage: int
    epochs: int
    values: Values
    spec: Spec = field(repr=False, compare=False)

    @property
    def key(self) -> str:
        """A name that only the network, its recipe and its epochs decide."""
        return self.spec.fingerprint


@dataclass(frozen=True)
class StagePlan:
    """The candidates of one stage, the regions that they come from, and why others were refused."""

    number: int
    stage: Stage
    regions: Mapping[str, Region]
    candidates: tuple[Candidate, ...]
    refused: Mapping[str, int]


def written(spec: Spec, dimension: Dimension) -> object:
    """What a spec has in a field, its default included; None where that is an expression, or follows from others."""
    steps = parse_path(dimension.path)
    if steps[0] == "train":
        value: object = spec.train
        for step in steps[1:]:
            value = getattr(value, str(step), None)
        return value if isinstance(value, (int, float, str, bool)) else None
    value = spec.source
    for step in steps[:-1]:
        value = inside(value, step)
    value = _default(spec, steps, dimension) if _lacks(value, steps) else inside(value, steps[-1])
    return None if isinstance(value, str) and "${" in value else plain(value)


def _lacks(section: object, steps: Steps) -> bool:
    return (isinstance(section, LocatedMap) and steps[-1] not in section) or (section is None and steps[:-1] == HEAD)


def _default(spec: Spec, steps: Steps, dimension: Dimension) -> object:
    """The value of a field that its block leaves out: of the section `defaults`, or as the block declares it."""
    block: object = spec.source
    for step in steps[:-1]:
        block = inside(block, step)
    kind, field = inside(block, "block") or ("head" if steps[:-1] == HEAD else None), steps[-1]
    if not isinstance(kind, str):
        return None
    shared = inside(inside(spec.source.get("defaults"), kind), field)
    if shared is not None:
        return shared
    if template := inside(spec.source.get("templates"), kind):
        return inside(inside(template, "parameters"), field)
    declared = find_block_class(kind)
    info = written_fields(declared).get(str(field)) if declared else None
    value = info.default if info else None
    if isinstance(value, tuple):  # 3 is short for [3, 3], unless the space has lists
        alike = len(set(value)) == 1 and list(value) not in dimension.values
        value = value[0] if alike else list(value)
    return value if isinstance(value, (bool, int, float, str, list)) else None


HEAD: Steps = ("head",)
"""The section whose block need not be named."""


class Planner:
    """Makes the stages of a staged search one after the other."""

    def __init__(self, spec: Spec, tune: Tune, constraint_check: ConstraintCheck | None = None) -> None:
        self.tune, self.constraint_check = tune, constraint_check or ConstraintCheck(spec, tune)
        self.space, self.metric = dimensions(tune), Metric.of(tune.objective)

    def own(self) -> Candidate | None:
        """The spec as it is written, trained as long as the first stage; None where it breaks a constraint."""
        if self.constraint_check.verdict({}):
            return None
        epochs = self.tune.stages[0].epochs
        spec = self.constraint_check.spec({}, epochs=epochs)
        values: Values = {}
        for dimension in self.space:
            if dimension.active(values):
                value = written(spec, dimension)
                found = [value] if value is not None else self._alike(spec, dimension)
                if found:
                    values[dimension.path] = found[0]
        return Candidate(0, epochs, values, spec)

    def _alike(self, spec: Spec, dimension: Dimension) -> list[object]:
        """The choice that gives the spec as it is, where its field is null, a section or an expression; else none."""
        for value in dimension.values:
            with suppress(InputError):  # a choice that goes with other values of other fields alone
                other = self.constraint_check.spec({dimension.path: value}, epochs=spec.train.epochs)
                if other.fingerprint == spec.fingerprint:
                    return [value]
        return []

    def stage(self, number: int, finished: Sequence[Record], before: StagePlan | None = None) -> StagePlan:
        """Stage `number`, counted from 1, after these trials and the stage `before`."""
        stage = self.tune.stages[number - 1]
        regions = self.regions(number, finished, before)
        chosen, refused = self._choose(number, stage, regions)
        ordered = sorted(chosen, key=lambda candidate: structure(candidate.spec))  # networks alike run in a row
        return StagePlan(number, stage, regions, tuple(ordered), refused)

    def regions(self, number: int, finished: Sequence[Record], before: StagePlan | None = None) -> dict[str, Region]:
        """Whole ranges in the first stage; later ones search around the best `narrow_to` trials before.

        Neighbours in a stage lie one n-th of its region apart: so much wider than the best ones' span is the next.
        """
        stage = self.tune.stages[number - 1]
        narrow_to = stage.narrow_to or (NARROW_TO if number > 1 else None)
        if narrow_to is None:
            return {dimension.path: Region() for dimension in self.space}
        scored = [record for record in finished if self.metric.gain(record.score) is not None]
        best = sorted(scored, key=self.metric.merit)[:narrow_to]
        found = {}
        for dimension in self.space:
            last = before.regions[dimension.path] if before else Region()
            margin = (last.high - last.low) / (before.stage.trials if before else stage.trials)
            values = [record.values[dimension.path] for record in best if dimension.path in record.values]
            found[dimension.path] = narrowed(dimension, values, margin)
        return found

    def _choose(
        self, number: int, stage: Stage, regions: Mapping[str, Region]
    ) -> tuple[list[Candidate], dict[str, int]]:
        chosen: list[Candidate] = []
        refused: Counter[str] = Counter()
        seen: set[str] = set()
        keys: set[str] = set()
        misses = 0
        for values in samples(self.tune.seed, number, self.space, regions):
            raise_if_stopped()
            if len(chosen) == stage.trials or misses == PATIENCE:
                break
            misses += 1
            signature = json.dumps(values, sort_keys=True, default=str)
            repeated = "has the same values as another" if signature in seen else ""
            if reason := repeated or self.constraint_check.verdict(values):
                refused[reason] += 1
                continue
            try:
                spec = self.constraint_check.spec(values, epochs=stage.epochs)
            except InputError as error:
                refused[error.diagnostics[0].message] += 1
                continue
            seen.add(signature)
            candidate = Candidate(number, stage.epochs, values, spec)
            if candidate.key in keys:  # a width that is rounded to eights, say
                refused["is the network and the recipe of another"] += 1
                continue
            keys.add(candidate.key)
            chosen.append(candidate)
            misses = 0
        return chosen, dict(refused)


def structure(spec: Spec, *, adjusts: bool = True) -> str:
    """What two networks must have in common for one compiled model to train both, as a text that sorts.

    `adjusts` says whether the backend sees a new value of what it has traced; else the learning rate alone, which is
    the optimizer's own variable, may differ.
    """
    recipe = spec.train.model_dump(mode="json")
    optimizer = recipe["optimizer"]
    for name in (*ADJUSTABLE, *spec.train.optimizer.kind.adjustable)[: None if adjusts else 1]:
        if optimizer[name] is not None:
            optimizer[name] = "adjustable"
    kept = {
        "optimizer": optimizer,
        "l2": recipe["l2"] > 0 if adjusts else recipe["l2"],
        **{name: recipe[name] for name in ("label_smoothing", "ema", "mixed_precision", "jit_compile", "finetune")},
    }
    return json.dumps([_layers(spec, adjusts), spec.loss_weights, kept], sort_keys=True)


def _layers(spec: Spec, adjusts: bool) -> list[object]:
    """The layers with their inputs, and which of them are outputs."""
    layers = spec.graph.layers()
    place = {node: index for index, node in enumerate(layers)}
    found: list[object] = [
        [
            node.name, node.operation.keras_class, _arguments(node, adjusts),
            [place[tensor.node] for tensor in node.inputs],
        ]
        for node in layers
    ]  # fmt: skip
    return [*found, [place[tensor.node] for tensor in spec.graph.outputs]]


def _arguments(node: Node, adjusts: bool) -> dict[str, object]:
    arguments = dict(node.operation.arguments())
    if adjusts:
        arguments |= {name: "adjustable" for name in node.operation.adjustable if arguments[name]}
    return arguments
