"""What differs in meaning between two networks: blocks, recipe, search, and what that does to their figures.

Both are compared as graphs, so that layout, comments, anchors, order of keys, and the way in which a spec arrives at
its blocks make no difference, as they make none to the fingerprint.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from itertools import groupby, takewhile
from typing import Literal, NamedTuple

from pydantic import BaseModel

from ..graph import Node, format_shape
from ..language import Spec
from .analysis import Analysis
from .structure import Unit, in_order, units_of

Sign = Literal["+", "-", "~"]


class Change(NamedTuple):
    """One thing that is new (`+`), gone (`-`) or different (`~`): where, what it is, and in which respects."""

    sign: Sign
    place: str
    kind: str = ""
    details: tuple[str, ...] = ()


class Effect(NamedTuple):
    """A figure before and after; None where it depends on an open input."""

    name: str
    before: int | None
    after: int | None


@dataclass(frozen=True)
class Difference:
    """All that differs. `network` are changes of layers, `training` of recipe, loss weights and search."""

    network: list[Change] = field(default_factory=list)
    training: list[Change] = field(default_factory=list)
    effects: list[Effect] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.network or self.training)


def difference(before: Spec, after: Spec) -> Difference:
    """What changes from one network to the other."""
    network = list(_fold(_network(before, after)))
    training = [*_sections(before, after)]
    if not (network or training) and before.fingerprint != after.fingerprint:
        network = [Change("~", "network", "", ("the order of layers or of outputs",))]
    return Difference(network, training, _effects(before, after))


def _network(before: Spec, after: Spec) -> Iterator[Change]:
    old, new = (units_of(in_order(spec.graph.layers())) for spec in (before, after))
    counterpart: dict[Node, Node] = {}
    renamed: list[tuple[Node, Node]] = []
    for tag, old_from, old_to, new_from, new_to in _opcodes([*map(_content, old)], [*map(_content, new)]):
        if tag == "equal":
            for one, other in zip(old[old_from:old_to], new[new_from:new_to], strict=True):
                counterpart.update(zip(one.nodes, other.nodes, strict=True))
                renamed += [(a, b) for a, b in zip(one.nodes, other.nodes, strict=True) if a.name != b.name]
        else:
            for one_or_none, other_or_none in _paired(old[old_from:old_to], new[new_from:new_to]):
                yield _unit_change(one_or_none, other_or_none, counterpart)
    yield from (Change("~", node.name, "", details) for node, details in _wiring_changes(counterpart))
    yield from _output_changes(before, after, counterpart)
    if renamed:
        first = renamed[0]
        rest = f" and {len(renamed) - 1} more" if len(renamed) > 1 else ""
        yield Change("~", "names", "", (f"{first[0].name} -> {first[1].name}{rest}",))


def _opcodes(old: Sequence[object], new: Sequence[object]) -> Iterator[tuple[str, int, int, int, int]]:
    """As `SequenceMatcher` has them, but one more of many equal blocks is added after them, not before."""
    shared = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(old, new, strict=False)))
    if shared:
        yield "equal", 0, shared, 0, shared
    matcher = SequenceMatcher(None, old[shared:], new[shared:], autojunk=False)
    for tag, *places in matcher.get_opcodes():
        old_from, old_to, new_from, new_to = (place + shared for place in places)
        yield tag, old_from, old_to, new_from, new_to


def _content(unit: Unit) -> tuple[str, tuple[tuple[str, str], ...]]:
    return unit.kind, tuple((node.operation.keras_class, repr(node.operation)) for node in unit.nodes)


def _paired(old: Sequence[Unit], new: Sequence[Unit]) -> Iterator[tuple[Unit | None, Unit | None]]:
    """Units that became others, by name, then by kind in order; what is left is gone or new."""
    partner: dict[Unit, Unit] = {}
    for by_name in (True, False):
        for one in old:
            taken = set(partner.values())
            alike = (other for other in new if other not in taken and _alike(one, other, by_name=by_name))
            if one not in partner and (found := next(alike, None)) is not None:
                partner[one] = found
    for one in old:
        yield one, partner.get(one)
    yield from ((None, other) for other in new if other not in set(partner.values()))


def _alike(one: Unit, other: Unit, *, by_name: bool) -> bool:
    return _kind(one) == _kind(other) and (one.name == other.name or not by_name)


def _kind(unit: Unit) -> str:
    return unit.kind or unit.nodes[0].operation.keras_class


def _unit_change(one: Unit | None, other: Unit | None, counterpart: dict[Node, Node]) -> Change:
    if other is None or one is None:
        unit = one or other
        assert unit is not None  # one of them is there
        return Change("-" if other is None else "+", unit.name, _label(unit), (_summary(unit),))
    details: dict[str, list[str]] = {}
    pairs = SequenceMatcher(None, *_layer_keys(one, other), autojunk=False)
    for tag, old_from, old_to, new_from, new_to in pairs.get_opcodes():
        if tag == "equal":
            for a, b in zip(one.nodes[old_from:old_to], other.nodes[new_from:new_to], strict=True):
                counterpart[a] = b
                for text in _argument_changes(a, b):
                    details.setdefault(text, []).append(b.name)
            continue
        for node in one.nodes[old_from:old_to]:
            details.setdefault(f"without {node.operation.label}", []).append(node.name)
        for node in other.nodes[new_from:new_to]:
            details.setdefault(f"with {node.operation.label}", []).append(node.name)
    lines = tuple(_with_places(text, names, other) for text, names in details.items())
    return Change("~", other.name, _label(other), lines)


def _layer_keys(one: Unit, other: Unit) -> tuple[list[object], list[object]]:
    """What layers of two blocks are matched by: their kinds, and where kinds differ, their names too."""
    kinds = [[node.operation.keras_class for node in unit.nodes] for unit in (one, other)]
    if kinds[0] == kinds[1]:
        return [*kinds[0]], [*kinds[1]]
    keys = [[(node.operation.keras_class, _short(node.name, unit)) for node in unit.nodes] for unit in (one, other)]
    return [*keys[0]], [*keys[1]]


def _short(name: str, unit: Unit) -> str:
    """A layer's name without what its block's name says."""
    return name.removeprefix(unit.name).lstrip("_") or name


def _with_places(text: str, names: Sequence[str], unit: Unit) -> str:
    """`filters: 64 -> 128 in 1_conv, 2_conv`."""
    if len(unit.nodes) == 1:
        return text
    short = [_short(name, unit) for name in names]
    shown = ", ".join(short[:4]) + (f" and {len(short) - 4} more" if len(short) > 4 else "")
    return f"{text} in {shown}"


def _argument_changes(one: Node, other: Node) -> Iterator[str]:
    old, new = one.operation.arguments(), other.operation.arguments()
    for name in {**old, **new}:
        if old.get(name) != new.get(name):
            yield f"{name}: {_show(old.get(name))} -> {_show(new.get(name))}"


def _show(value: object) -> str:
    if isinstance(value, tuple):
        return "x".join("?" if size is None else str(size) for size in value)
    if value is None or isinstance(value, bool):
        return {None: "none", True: "true", False: "false"}[value]
    return str(value)


def _label(unit: Unit) -> str:
    return unit.kind or unit.nodes[0].operation.label


def _summary(unit: Unit) -> str:
    shape = format_shape(unit.nodes[-1].output.shape)
    layers = f"{len(unit.nodes)} layers, " if len(unit.nodes) > 1 else ""
    return f"{layers}{sum(node.parameters for node in unit.nodes):,} parameters, gives {shape}"


def _wiring_changes(counterpart: Mapping[Node, Node]) -> Iterator[tuple[Node, tuple[str, ...]]]:
    """Layers of the second network whose inputs are not those that their counterparts have, and how.

    An input that is itself new or gone is reported as such, not as a change of wiring.
    """
    present = set(counterpart.values())
    for one, other in counterpart.items():
        old = [tensor.node for tensor in one.inputs]
        new = [tensor.node for tensor in other.inputs]
        expected = [counterpart.get(node) for node in old]
        if expected == new:
            continue
        lost = [node for node in expected if node is not None and node not in new]
        found = [node for node in new if node in present and node not in expected]
        if lost and found:
            yield other, (f"takes {_names(found)} instead of {_names(lost)}",)
        elif found and len(new) != len(old):
            yield other, (f"takes {_names(found)} as well",)
        elif lost and len(new) != len(old):
            yield other, (f"no longer takes {_names(lost)}",)
        elif sorted(map(id, new)) == sorted(id(node) for node in expected if node is not None):
            yield other, (f"takes its inputs in the order {_names(new)}",)


def _names(nodes: list[Node]) -> str:
    return ", ".join(node.name for node in nodes)


def _output_changes(before: Spec, after: Spec, counterpart: dict[Node, Node]) -> Iterator[Change]:
    old = [tensor.node for tensor in before.graph.outputs]
    new = [tensor.node for tensor in after.graph.outputs]
    kept = {counterpart[node] for node in old if node in counterpart}
    for node in old:
        if node in counterpart and counterpart[node] not in new:
            yield Change("-", "outputs", "", (f"{node.name} is no output any more",))
    for node in new:
        if node not in kept and node in set(counterpart.values()):
            yield Change("+", "outputs", "", (f"{node.name} is an output",))


def _fold(changes: Iterator[Change]) -> Iterator[Change]:
    """Neighbours that change in the same way, in one line."""
    for _, run in groupby(changes, key=lambda change: (change.sign, change.kind, change.details)):
        same = list(run)
        last = f" .. {same[-1].place}" if len(same) > 1 else ""
        times = f" x {len(same)}" if len(same) > 1 and same[0].kind else ""
        yield same[0]._replace(place=same[0].place + last, kind=same[0].kind + times)


def _sections(before: Spec, after: Spec) -> Iterator[Change]:
    for name in ("train", "tune", "loss_weights"):
        sections = (getattr(spec, name) for spec in (before, after))
        plain = (part.model_dump(mode="json") if isinstance(part, BaseModel) else part or {} for part in sections)
        yield from _entries(*(dict(_flat(part, name)) for part in plain))


def _entries(old: dict[str, object], new: dict[str, object]) -> Iterator[Change]:
    for path in [*old, *(path for path in new if path not in old)]:
        if (path in old) != (path in new) and old.get(path, new.get(path)) is None:
            continue  # a field that was left out came or went with its section
        if path not in new:
            yield Change("-", path, "", (_show(old[path]),))
        elif path not in old:
            yield Change("+", path, "", (_show(new[path]),))
        elif old[path] != new[path]:
            yield Change("~", path, "", (f"{_show(old[path])} -> {_show(new[path])}",))


def _flat(value: object, path: str) -> Iterator[tuple[str, object]]:
    """The leaves of a section, by their paths."""
    if isinstance(value, dict) and value:
        for key, inner in value.items():
            yield from _flat(inner, f"{path}.{key}")
    elif isinstance(value, list) and any(isinstance(inner, dict) for inner in value):
        for index, inner in enumerate(value):
            yield from _flat(inner, f"{path}[{index}]")
    elif not isinstance(value, dict):
        yield path, value


def _effects(before: Spec, after: Spec) -> list[Effect]:
    old, new = (_figures(Analysis(spec.name, spec.graph, spec=spec)) for spec in (before, after))
    return [Effect(name, old[name], new[name]) for name in old]


def _figures(analysis: Analysis) -> dict[str, int | None]:
    totals = analysis.totals
    return {
        "parameters": totals.parameters,
        "MACs": totals.macs,
        "activation bytes": totals.activation_bytes,
        "weight bytes": totals.weight_bytes,
        "depth": totals.depth,
        "receptive field": analysis.receptive_field,
        "layers": len(analysis.layers),
    }
