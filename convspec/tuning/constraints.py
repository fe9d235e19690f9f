"""Which candidates are worth a trial: decided by analysis, before anything is built."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Mapping

from ..analysis import Analysis
from ..graph import Graph
from ..language import InputError, Spec
from ..language.located import LocatedMap
from ..language.overriding import with_overrides, without_idle_parameters
from ..language.search_space_checks import with_values, without_tune
from ..language.spec import check
from ..language.trainable import check_trainable
from ..language.tune import Tune, bounds
from .memoised_constraints import MemoisedConstraints
from .space import Values

COMPARE: dict[str, Callable[[float, float], bool]] = {
    "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge,
}  # fmt: skip


class ConstraintCheck:
    """Turns values into networks, and says why some are rejected.

    A verdict depends on the architecture and, with fine-tuning, on the weights that it starts from, and not on the
    rest of the recipe; so it is kept by the values of those fields.
    """

    def __init__(self, spec: Spec, tune: Tune) -> None:
        self.tune, self.plain = tune, without_tune(spec.source)
        network = self.plain.shallow()
        network.pop("train", None)
        self.classes = spec.classes
        self.quantities = [name for name in tune.constraints if name != "latency"]
        self.figures = MemoisedConstraints(network, tune, self._figures)
        self.limits = [(name, *limit) for name, text in tune.constraints.items() for limit in bounds(text)]
        self.verdicts: dict[str, str] = {}
        self.inheritance: Callable[[Spec], str] | None = None  # likewise: whether weights can be taken over
        self.latency: Callable[[Values], float] | None = None  # measuring needs Keras, which this module does without

    def spec(self, values: Mapping[str, object], **recipe: object) -> Spec:
        """The network with these values, and fields of its recipe, written in. Raises `InputError`."""
        train = {f"train.{name}": value for name, value in recipe.items()}
        return check(with_overrides(with_values(self.plain, self.tune, values), train))

    def verdict(self, values: Mapping[str, object]) -> str:
        """Why a candidate is rejected; empty if it is not."""
        own = {path: value for path, value in values.items() if not _of_recipe(path) or is_of_finetuning(path)}
        key = repr(own)
        if key not in self.verdicts:
            self.verdicts[key] = self._reason(own)
        return self.verdicts[key]

    def _reason(self, own: Values) -> str:
        try:
            network = {path: value for path, value in own.items() if not _of_recipe(path)}
            figures = dict(zip(self.quantities, self.figures(network), strict=True))
            if self.inheritance is not None and (reason := self.inheritance(self.spec(own))):
                return reason
        except InputError as error:
            return error.diagnostics[0].message
        for name, sign, limit in self.limits:
            if name in figures:
                found = figures[name]
            elif self.latency is not None:
                found = self.latency(network)
            else:
                continue
            if not COMPARE[sign](found, limit):
                return f"{name} {_short(found)} is not {sign} {_short(limit)}"
        return ""

    def _figures(self, document: LocatedMap) -> list[float]:
        """The limited quantities of a network that can be trained. Raises `InputError`.

        Parameters that the recipe alone uses are left out with it.
        """
        spec = check(without_idle_parameters(document, self.plain))
        if self.classes is not None:
            check_trainable(spec, self.classes)
        return [measure(spec.graph, name) for name in self.quantities]


def _of_recipe(path: str) -> bool:
    return path == "train" or path.startswith("train.")


def is_of_finetuning(path: str) -> bool:
    """Whether a field of a space says which weights a trial starts from, or what of them is frozen."""
    return path == "train.finetune" or path.startswith("train.finetune.")


def measure(graph: Graph, quantity: str) -> float:
    """A quantity that a constraint may limit; infinite where an open size leaves it unknown.

    `memory` is the bytes of weights and activations of one image in float32.
    """
    if quantity == "parameters":
        return sum(node.parameters for node in graph.nodes)
    if quantity == "macs":
        return _sum([node.macs for node in graph.nodes])
    analysis = Analysis("", graph)
    if quantity == "memory":
        return _sum([analysis.totals.activation_bytes, analysis.totals.weight_bytes])
    if quantity == "depth":
        return analysis.totals.depth
    field = analysis.receptive_field
    return math.inf if field is None else field


def _short(number: float) -> str:
    return f"{number:,.0f}" if number >= 100 or number == int(number) else f"{number:.3g}"


def _sum(numbers: list[int | None]) -> float:
    return math.inf if None in numbers else sum(number for number in numbers if number is not None)
