"""A checked network: what its document says, its graph, and its fingerprint."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, fields
from functools import cached_property
from typing import TYPE_CHECKING, Any

from ..graph import Graph, Node, Operation
from .document import Document
from .expanding import Network
from .reading import LocatedMap
from .unused import Unused, without_unused
from .writing import plain, yaml_text

if TYPE_CHECKING:
    from .recipe import Recipe
    from .tune import Tune

ENCODER = json.JSONEncoder(sort_keys=True, separators=(",", ":"))

MOST_KNOWN = 4096
_KNOWN: dict[tuple[type, str], str] = {}


@dataclass(frozen=True, eq=False, repr=False)
class Spec:
    """A network that has been checked; made by `load`.

    `document` holds the fields, `graph` the network, `source` the document as written, with its variant and
    overrides applied, `recipe` its `train:` and `tune` its `tune:` section where it has one. `unused` is what the
    network uses nothing of, as a variant or an override may leave it.

    Two specs are equal if their documents hold the same values, wherever they were read from. A spec can be pickled.
    """

    document: Document
    network: Network
    source: LocatedMap
    recipe: Recipe | None = None
    tune: Tune | None = None
    unused: tuple[Unused, ...] = ()

    @property
    def name(self) -> str:
        """The network's name."""
        return self.document.name

    @property
    def input(self) -> tuple[int | None, int | None, int]:
        """(height, width, channels); None where open."""
        return self.document.input

    @property
    def classes(self) -> int | None:
        """The number of classes."""
        return self.document.classes

    @cached_property
    def train(self) -> Recipe:
        """How the network is trained."""
        from .recipe import Recipe

        return self.recipe if self.recipe is not None else Recipe()

    @property
    def graph(self) -> Graph:
        """The network's graph."""
        return self.network.graph

    @cached_property
    def layers(self) -> list[Node]:
        """The nodes in the order of Keras's `model.layers`."""
        return self.graph.layers()

    @property
    def loss_weights(self) -> dict[str, float]:
        """The weight of each trained output's loss, by the name of its layer; the main output first."""
        return self.network.loss_weights

    def _repr_html_(self) -> str:
        """What a notebook shows."""
        from ..report.notebook import spec_html

        return spec_html(self)

    @cached_property
    def fingerprint(self) -> str:
        """A hash of the graph and the recipe: 32 hexadecimal digits.

        Layout, comments, anchors and the order of keys do not change it; whatever changes the network or its training
        does.
        """
        return self._hash({} if self.recipe is None else self.recipe.model_dump(mode="json", exclude_defaults=True))

    @cached_property
    def graph_fingerprint(self) -> str:
        """As `fingerprint`, of the network alone, however it is trained."""
        return self._hash({})

    def _hash(self, recipe: Mapping[str, Any]) -> str:
        position = {node: index for index, node in enumerate(self.layers)}
        layers = [
            f"[{ENCODER.encode(node.name)},{_written(node.operation)},"
            f"[{','.join([str(position[tensor.node]) for tensor in node.inputs])}]]"
            for node in self.layers
        ]
        rest = {
            "loss_weights": self.loss_weights,
            "outputs": [position[tensor.node] for tensor in self.graph.outputs],
            "train": recipe,
        }
        text = f'{{"layers":[{",".join(layers)}],{ENCODER.encode(rest)[1:]}'
        return hashlib.sha256(text.encode()).hexdigest()[:32]

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Spec):
            return NotImplemented
        # the fingerprint tells 1 from 1.0, which Python's mappings do not
        return self is other or (self.fingerprint == other.fingerprint and self.source == other.source)

    def __hash__(self) -> int:
        return hash(self.fingerprint)

    def __getstate__(self) -> dict[str, Any]:
        """The fields alone: what was derived from them is derived again."""
        return {field.name: getattr(self, field.name) for field in fields(self)}

    def with_overrides(self, overrides: Mapping[str, Any]) -> Spec:
        """The network with fields set by their paths. Raises `FaultError`."""
        from .checking import check
        from .overriding import with_overrides

        return check(with_overrides(self.source, overrides))

    def to_dict(self) -> dict[str, Any]:
        """A document of its own for this network, as plain data: variant, overrides and what it extends written in."""
        source = self._used_source()
        return {key: plain(value) for key, value in source.items() if key not in ("variants", "extends")}

    def _used_source(self) -> LocatedMap:
        """The source without what nothing uses, which reading it again would call an error."""
        if not self.unused:
            return self.source
        from .overriding import without_idle_parameters

        source: LocatedMap = without_unused(self.source, self.unused)
        while (left := without_idle_parameters(source, self.source)) is not source:  # one may feed another
            source = left
        return source

    def to_yaml(self) -> str:
        """The same document as YAML; reading it gives this network again."""
        return yaml_text(self.to_dict())


def _written(operation: Operation) -> str:
    """Class and arguments as JSON, `"ReLU",{"max_value":6.0}`.

    Kept for operations that are alike: what they were given tells them apart, 1 from 1.0 included.
    """
    key = (type(operation), repr(vars(operation)))
    if (text := _KNOWN.get(key)) is None:
        if len(_KNOWN) >= MOST_KNOWN:
            _KNOWN.clear()
        text = f"{ENCODER.encode(operation.keras_class)},{ENCODER.encode(operation.arguments())}"
        _KNOWN[key] = text
    return text
