"""A checked network: what its document says, its graph, and its fingerprint; and the check, which finds all errors."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, fields
from functools import cached_property, partial
from itertools import islice
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from ..graph import Graph, Node, Operation, format_shape
from ..hooks import notebook_html
from ..printing import quote
from ..read_only import ReadOnlyList
from .arguments import checked
from .block_lists import BlockLists
from .build_graph import Network, Plan, expand_or_note, note_idle
from .control import Unresolved, is_known
from .diagnostics import MOST_DIAGNOSTICS, Diagnostic, Diagnostics, InputError
from .document import Document
from .interpolation import Resolver
from .located import LocatedMap
from .misspelt_sections import with_keys_meant
from .overriding import with_overrides, without_idle_parameters
from .pydantic_errors import to_diagnostics
from .recipe import Recipe
from .search_space_checks import probe, without_tune
from .sections import or_unresolved, resolve, resolve_parameters
from .tune import MOST_FIELDS, Tune
from .unused import Unused, Usage, without_unused
from .writing import plain, yaml_text

Section = TypeVar("Section", bound=BaseModel)

ENCODER = json.JSONEncoder(sort_keys=True, separators=(",", ":"))

# Of operations that are written already: a search makes new ones without end.
MOST_CACHED = 4096
UNKNOWN_INPUT = (224, 224, 3)
"""Stands for an input that is wrong."""
OTHER_INPUT = (449, 449, 7)
"""Another one, to see what depends on it."""
_CACHED: dict[tuple[type, str], str] = {}


@dataclass(frozen=True, eq=False, repr=False)
class Spec:
    """A network that has been checked; made by `load`.

    `document` holds the fields, `graph` the network, `source` the document as written, with its variant and
    overrides applied, `recipe` its `train:` and `tune` its `tune:` section where it has one. `unused` is what the
    network uses nothing of, as a variant or an override may leave it.

    All of it is read-only: `with_overrides` makes another spec, and `to_dict` a document to edit.
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
        return self.recipe if self.recipe is not None else Recipe()

    @property
    def graph(self) -> Graph:
        """The network's graph."""
        return self.network.graph

    @cached_property
    def layers(self) -> list[Node]:
        """The nodes in the order of Keras's `model.layers`."""
        return ReadOnlyList(self.graph.layers())

    @property
    def loss_weights(self) -> dict[str, float]:
        """The weight of each trained output's loss, by the name of its layer; the main output first."""
        return self.network.loss_weights

    @property
    def shapes(self) -> str:
        """What goes in and comes out: `28x28x1 -> 4 classes`, or without classes `28x28x1 -> features 7x7x64`."""
        features = f"features {format_shape(self.graph.outputs[0].shape)}"
        return f"{format_shape(self.input)} -> {f'{self.classes} classes' if self.classes else features}"

    def __repr__(self) -> str:
        return f"Spec({self.name!r}, {self.shapes})"

    def _repr_html_(self) -> str | None:
        """What a notebook shows."""
        return notebook_html(self)

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

    def _hash(self, recipe: Mapping[str, object]) -> str:
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
        # the fingerprint distinguishes 1 from 1.0, which Python's mappings do not
        return self is other or (self.fingerprint == other.fingerprint and self.source == other.source)

    def __hash__(self) -> int:
        return hash(self.fingerprint)

    def __getstate__(self) -> dict[str, object]:
        """The fields alone: what was derived from them is derived again."""
        return {field.name: getattr(self, field.name) for field in fields(self)}

    @checked
    def with_overrides(self, overrides: Mapping[str, object]) -> Spec:
        """The network with fields set by their paths. Raises `InputError`."""
        diagnostics = Diagnostics()
        return check(with_overrides(self.source, overrides, diagnostics), diagnostics=diagnostics)

    def to_dict(self) -> dict[str, Any]:
        """A document of its own for this network, as plain data: variant, overrides and what it extends written in."""
        source = self._used_source()
        return {key: plain(value) for key, value in source.items() if key not in ("variants", "extends", "class_names")}

    def _used_source(self) -> LocatedMap:
        """The source without what nothing uses, which reading it again would call an error."""
        if not self.unused:
            return self.source
        source = without_unused(self.source, self.unused)
        while (left := without_idle_parameters(source, self.source)) is not source:  # one may feed another
            source = left
        return source

    def to_yaml(self) -> str:
        """The same document as YAML; reading it gives this network again."""
        return yaml_text(self.to_dict())


def _written(operation: Operation) -> str:
    """Class and arguments as JSON, `"ReLU",{"max_value":6.0}`.

    Kept for operations that are alike: their arguments distinguish them, 1 from 1.0 included.
    """
    key = (type(operation), repr(vars(operation)))
    if (text := _CACHED.get(key)) is None:
        if len(_CACHED) >= MOST_CACHED:
            _CACHED.clear()
        text = f"{ENCODER.encode(operation.keras_class)},{ENCODER.encode(operation.arguments())}"
        _CACHED[key] = text
    return text


def check(root: LocatedMap, usage: Usage | None = None, diagnostics: Diagnostics | None = None) -> Spec:
    """The network of a document. Raises `InputError` with all that is wrong, in the order of the file.

    `usage` notes what the network uses of the document; `diagnostics` holds what was found wrong before.
    """
    diagnostics = diagnostics if diagnostics is not None else Diagnostics()
    usage = usage if usage is not None else Usage()
    # What is wrong in one place hides nothing in another: each block, the recipe and the search are checked by
    # themselves, and of shapes all that does not depend on a wrong one.
    root = with_keys_meant(root, diagnostics)
    resolved, skipped, uncertain = resolve(root, diagnostics, usage)
    document = _frame(resolved, diagnostics)
    recipe = _recipe(resolved, diagnostics)
    plan = _plan(document, resolved, diagnostics)
    BlockLists(resolved, diagnostics).left_out(skipped, uncertain)
    network = expand_or_note(
        plan, resolved, diagnostics, partial(_plan, document, resolved, diagnostics, other_guesses=True)
    )
    if network is not None:
        note_idle(network.graph, resolved, diagnostics)
    tune = _tune(resolved, root, diagnostics)
    if diagnostics or network is None:
        raise diagnostics.error()
    # a search may set a parameter that its document does nothing with, so nothing is called unused there
    unused = () if tune is not None and _searches_the_network(tune) else tuple(usage.unused(root))
    return Spec(document, network, root.seal(), recipe, tune, unused)


def _plan(document: Document, resolved: LocatedMap, diagnostics: Diagnostics, *, other_guesses: bool = False) -> Plan:
    """The checked blocks, with a guess, or another one, at each that is wrong."""
    lists = BlockLists(resolved, diagnostics, other_guesses=other_guesses)
    classes = Unresolved if document.classes is None and resolved.get("classes") is not None else document.classes
    known_input = document.input is not UNKNOWN_INPUT
    return Plan(
        OTHER_INPUT if other_guesses and not known_input else document.input,
        lists.blocks(resolved.get("body")),
        lists.head(resolved.get("head", LocatedMap(resolved.mark, "")), classes),
        lists.branches(document, resolved.get("outputs"), classes),
        document.fit,
        guessed=lists.stand_ins.made or not known_input or Unresolved in resolved.values(),
        names_known=lists.stand_ins.names_known,
    )


def _searches_the_network(tune: Tune) -> bool:
    """Whether other values of a search may use other parts of the document."""
    return not all(path.startswith("train.") for path in tune.space)


def input_of(root: LocatedMap) -> tuple[int | None, int | None, int]:
    """(height, width, channels) of a document, without a check of the rest. Raises `InputError`."""
    names: dict[str, object] = {}
    resolver = Resolver(names, LocatedMap(root.mark), Diagnostics())
    resolve_parameters(root, resolver, names)
    known = LocatedMap(root.mark)
    if "input" in root:
        mark = root.value_marks["input"]
        known.put("input", or_unresolved(resolver.value, root["input"], mark, "input", names), value_mark=mark)
    document = _shapes_only(known)
    return document.input if document.input is not UNKNOWN_INPUT else check(root).input  # which says all that is wrong


def _frame(resolved: LocatedMap, diagnostics: Diagnostics) -> Document:
    """The document's own keys; without those that are wrong, where one is."""
    try:
        return Document.model_validate(resolved)
    except ValidationError as error:
        diagnostics.note(*to_diagnostics(error, resolved, Document))
    return _shapes_only(resolved)


def _recipe(resolved: LocatedMap, diagnostics: Diagnostics) -> Recipe | None:
    """The `train:` section, where there is one."""
    section = resolved.get("train")
    if section is None or section is Unresolved:
        return None
    return _section_of(Recipe, section, "train", resolved, diagnostics)


def _section_of(
    model: type[Section], section: object, key: str, resolved: LocatedMap, diagnostics: Diagnostics
) -> Section | None:
    try:
        found = model.model_validate(section)
        return found if not diagnostics or is_known(section) else None
    except ValidationError as error:
        if isinstance(section, LocatedMap):
            diagnostics.note(*to_diagnostics(error, section, model))
        elif is_known(section):
            mark = resolved.value_marks[key]
            diagnostics.note(mark.diagnostic(f"expected a mapping of keys to values, not {quote(section)}", path=key))
        return None


def _tune(resolved: LocatedMap, root: LocatedMap, diagnostics: Diagnostics) -> Tune | None:
    """The `tune:` section, where there is one; its hyperparameters are checked where nothing else is wrong."""
    section = resolved.get("tune")
    if section is None or section is Unresolved:
        return None
    tune = _section_of(Tune, section, "tune", resolved, diagnostics)
    right = _right_part(section) if tune is None else tune
    few = len(diagnostics.found) < MOST_DIAGNOSTICS // 2 and Unresolved not in root.values()
    if few and right is not None and isinstance(section, LocatedMap):
        known = _diagnostics_of(without_tune(root)) if diagnostics else ()
        with_stages = "stages" not in section or "stages" in right.model_fields_set
        diagnostics.note(*probe(root, section, right, check, known, with_stages=with_stages))
    return tune


def _right_part(section: object) -> Tune | None:
    """A search without what is invalid in it; None where no field of its space is left."""
    if not isinstance(section, LocatedMap):
        return None
    rest = section.without([key for key, value in section.items() if key != "space" and not is_known(value)])
    space = section.section("space")
    known = [path for path in islice(space, MOST_FIELDS) if is_known(space[path])]
    rest.put("space", space.without(space.keys() - set(known)))
    while True:
        try:
            return Tune.model_validate(rest)
        except ValidationError as error:
            wrong = [(*one["loc"], *one.get("ctx", {}).get("at", ())) for one in error.errors(include_url=False)]
        wrong = [place for place in wrong if place]
        paths = {str(place[1]) for place in wrong if place[0] == "space" and len(place) > 1}
        keys = {str(place[0]) for place in wrong} - ({"space"} if paths else set())
        left = rest.section("space").without(paths)
        if "space" in keys or (left == rest["space"] and not keys & rest.keys()):
            return None
        rest = rest.without(keys)
        rest.put("space", left)


def _diagnostics_of(root: LocatedMap) -> tuple[Diagnostic, ...]:
    try:
        check(root)
    except InputError as error:
        return error.diagnostics
    return ()


def _shapes_only(resolved: LocatedMap) -> Document:
    """What shapes depend on, to check these also where other keys are wrong; of this, what is right."""
    document = Document.model_construct(name="", input=UNKNOWN_INPUT, body=[])
    outputs = resolved.section("outputs")
    parts: list[dict[str, object]] = [{key: resolved[key]} for key in ("input", "classes", "fit") if key in resolved]
    parts += [{"outputs": {name: outputs[name]}} for name in outputs]
    for part in parts:
        with suppress(ValidationError):
            found = Document.model_validate({"name": "x", "input": [1, 1, 1], "body": [], **part})
            right = {key: getattr(found, key) for key in part} | {"outputs": {**document.outputs, **found.outputs}}
            document = document.model_copy(update=right)
    return document
