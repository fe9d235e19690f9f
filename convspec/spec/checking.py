"""Everything that can be wrong with a document, found in one pass: expressions, fields, types, shapes."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from typing import TYPE_CHECKING, Any, TypeVar

from pydantic import BaseModel, ValidationError

from ..blocks.base import Block, parse_block
from ..graph import GraphError, Node, Scope
from ..printing import quote
from .control import CLASSIFIERS, Unresolved
from .document import Document
from .expanding import Branch, Network, Plan, expand
from .faults import MOST_FAULTS, Fault, FaultError, Faults
from .reading import LocatedList, LocatedMap, Mark
from .resolving import Resolver
from .sections import or_unresolved, resolve, resolve_parameters
from .spec import Spec
from .translating import to_faults
from .unused import Usage

if TYPE_CHECKING:
    from .recipe import Recipe
    from .tune import Tune

Model = TypeVar("Model", bound=BaseModel)


def check(root: LocatedMap, usage: Usage | None = None) -> Spec:
    """The network of a document. Raises `FaultError` with all that is wrong, in the order of the file.

    `usage` notes what the network uses of the document.
    """
    faults = Faults()
    usage = usage if usage is not None else Usage()
    resolved, skipped, uncertain = resolve(root, faults, usage)
    document = _frame(resolved, faults)
    recipe = _recipe(resolved, faults)
    sections = _Sections(resolved, faults)
    sections.left_out(skipped, uncertain)
    body = sections.blocks(resolved.get("body"))
    network = None
    if document is not None:
        head = sections.head(resolved.get("head", LocatedMap(root.mark, "")), document.classes)
        branches = sections.branches(document, resolved.get("outputs"))
        complete = not sections.broken
        plan = Plan(document.input, body, head if complete else (), branches if complete else (), document.fit)
        network = _expand(plan, resolved, faults)
    tune = _tune(resolved, root, faults)
    if faults or document is None or network is None:
        raise faults.error()
    unused = () if tune is not None and _searches_the_network(tune) else tuple(usage.unused(root))
    spec = Spec(document, network, root, recipe, tune, unused)
    if idle := spec.graph.idle():
        _refuse(idle, spec, resolved)
    return spec


def _searches_the_network(tune: Tune) -> bool:
    """Whether other values of a search may use other parts of the document."""
    return not all(path.startswith("train.") for path in tune.space)


def input_of(root: LocatedMap) -> tuple[int | None, int | None, int]:
    """(height, width, channels) of a document, of which nothing else is looked at. Raises `FaultError`."""
    names: dict[str, Any] = {}
    resolver = Resolver(names, None, None, Faults())
    resolve_parameters(root, resolver, names)
    known = LocatedMap(root.mark, root.path)
    if "input" in root:
        mark = root.value_marks["input"]
        known.put("input", or_unresolved(resolver, root["input"], mark, "input", names), value_mark=mark)
    document = _shapes_only(known) or check(root).document  # which says all that is wrong
    return document.input


def _refuse(idle: Iterable[Node], spec: Spec, resolved: LocatedMap) -> None:
    """Raise `FaultError` with the blocks whose outputs lead to none of the network's: Keras would drop them."""
    kept = {scope for node in spec.layers for scope in node.scopes}
    lost: dict[str, list[str]] = {}
    for node in idle:
        if scope := next((scope for scope in node.scopes if scope.path and scope not in kept), None):
            lost.setdefault(scope.path, []).append(scope.name)
    faults, places, used = Faults(), dict(_places(resolved)), {scope.path for scope in kept}
    for path, names in lost.items():
        error = _lost(names if path in used else (), with_source="from" in places[path])
        faults.note(_shape_fault(error, (Scope("", "", path),), places, resolved))
    if faults:
        raise faults.error()


def _lost(names: Iterable[str], *, with_source: bool) -> GraphError:
    """That nothing takes a block; `names` are its layers', where other repetitions or uses of it are taken."""
    message, remedy = "nothing takes the output of this block", "name it in a later block's `from`"
    if not names:
        return GraphError(message, remedy=f"{remedy}, let `outputs` take it, or leave it out")
    message += f" where it is called {', '.join(dict.fromkeys(names))}"
    if not with_source:
        return GraphError(message, remedy=f"{remedy} there, or leave it out")
    remedy = (
        "each repetition starts at this same `from`: name them all in a later block's, or give it to a first block "
        "alone and let one without it repeat after that"
    )
    return GraphError(message, field="from", remedy=remedy)


def _frame(resolved: LocatedMap, faults: Faults) -> Document | None:
    """The document's own keys; None where one that shapes need is wrong."""
    known = LocatedMap(resolved.mark, resolved.path)
    unresolved = [key for key, value in resolved.items() if value is Unresolved]
    for key in resolved:
        if key not in unresolved:
            known.put(key, resolved[key], resolved.key_marks[key], resolved.value_marks[key])
    try:
        return Document.model_validate(known)
    except ValidationError as error:
        found = to_faults(error, known, Document)
        faults.note(*[one for one in found if not any(f"needs `{key}`" in one.message for key in unresolved)])
    return _shapes_only(known)


def _recipe(resolved: LocatedMap, faults: Faults) -> Recipe | None:
    """The `train:` section, where there is one; its models are not imported for a spec without."""
    section = resolved.get("train")
    if section is None or section is Unresolved:
        return None
    from .recipe import Recipe

    return _section_of(Recipe, section, "train", resolved, faults)


def _section_of(model: type[Model], section: Any, key: str, resolved: LocatedMap, faults: Faults) -> Model | None:
    try:
        return model.model_validate(section)
    except ValidationError as error:
        if isinstance(section, LocatedMap):
            faults.note(*to_faults(error, section, model))
        else:
            mark = resolved.value_marks[key]
            faults.note(mark.fault(f"expected a mapping of keys to values, not {quote(section)}", path=key))
        return None


def _tune(resolved: LocatedMap, root: LocatedMap, faults: Faults) -> Tune | None:
    """The `tune:` section, where there is one; its knobs are tried out where nothing else is wrong."""
    section = resolved.get("tune")
    if section is None or section is Unresolved:
        return None
    from .probing import probe
    from .trying import without_tune
    from .tune import Tune

    tune = _section_of(Tune, section, "tune", resolved, faults)
    if tune is not None and len(faults.found) < MOST_FAULTS // 2:
        known = _faults_of(without_tune(root)) if faults else ()
        faults.note(*probe(root, section, tune, check, known))
    return tune


def _faults_of(root: LocatedMap) -> tuple[Fault, ...]:
    try:
        check(root)
    except FaultError as error:
        return error.faults
    return ()


def _shapes_only(known: LocatedMap) -> Document | None:
    """What is needed to look at shapes all the same, where the rest of the frame is wrong."""
    kept = {key: known[key] for key in ("input", "classes", "fit", "outputs") if key in known}
    try:
        return Document.model_validate({"name": "x", "body": [], **kept})
    except ValidationError:
        return None


class _Sections:
    """Turns resolved data into blocks. `broken`: some block is wrong, and what follows it has no shape."""

    def __init__(self, resolved: LocatedMap, faults: Faults) -> None:
        self.resolved, self.faults = resolved, faults
        self.broken = False

    def blocks(self, items: Any) -> list[Block]:
        """The blocks of a list up to the first wrong one; the faults of all."""
        blocks: list[Block] = []
        if not isinstance(items, LocatedList):
            if items is not None and items is not Unresolved:
                mark = self.resolved.value_marks.get("body", self.resolved.mark)
                self.faults.note(mark.fault("expected a list of blocks", path="body"))
            self.broken = True
            return blocks
        for item in items:
            block = self._block(item)
            self.broken = self.broken or block is None
            if not self.broken and block is not None:
                blocks.append(block)
        return blocks

    def left_out(self, items: LocatedList, uncertain: Collection[Mark]) -> None:
        """Note what is wrong with blocks that do not stand in this network, whatever their expressions give."""
        for item in items:
            self._block(item, uncertain)

    def head(self, head: Any, classes: int | None) -> list[Block]:
        """The blocks of a head: a list, one block, or the fields of `head`."""
        if isinstance(head, LocatedList):
            return self.blocks(head)
        if head is None or head is Unresolved:
            self.broken = self.broken or head is Unresolved
            return []
        if not isinstance(head, LocatedMap):
            return self._no_head(head, self.resolved.value_marks["head"], "head")
        self._same_classes(head, classes, "head")
        return self._single(_as_head(head, classes, ""))

    def _same_classes(self, head: LocatedMap, classes: int | None, path: str) -> None:
        """Note a head for another number of classes than the network's: images have one label, for all heads."""
        own = head.get("classes", classes)
        if classes is not None and type(own) is int and own != classes:
            message, remedy = f"a head for {own} classes, where `classes` is {classes}", "leave one of the two out"
            self.faults.note(head.value_marks["classes"].fault(message, path=f"{path}.classes", remedy=remedy))

    def _no_head(self, head: Any, mark: Mark, path: str) -> list[Block]:
        self.faults.note(mark.fault(f"expected a head's fields or a list of blocks, not {quote(head)}", path=path))
        self.broken = True
        return []

    def branches(self, document: Document, outputs: Any) -> list[Branch]:
        """The further outputs."""
        branches = []
        for name, output in document.outputs.items():
            raw = outputs[name].get("head")
            if isinstance(raw, LocatedMap):
                self._same_classes(raw, document.classes, f"outputs.{name}.head")
                blocks = self._single(_as_head(raw, document.classes, name))
            elif raw is None or isinstance(raw, LocatedList):
                blocks = [] if raw is None else self.blocks(raw)
            else:
                blocks = self._no_head(raw, outputs[name].value_marks["head"], f"outputs.{name}.head")
            branches.append(Branch(name, output.source, blocks, output.loss_weight, f"outputs.{name}"))
        return branches

    def _single(self, item: LocatedMap) -> list[Block]:
        block = self._block(item)
        self.broken = self.broken or block is None
        return [] if block is None else [block]

    def _block(self, item: Any, uncertain: Collection[Mark] = ()) -> Block | None:
        if item is None:  # its fault is noted already
            return None
        try:
            return parse_block(item)
        except ValidationError as error:
            self.faults.note(*to_faults(error, item, Block, uncertain))
        except ValueError as error:
            mark = getattr(item, "mark", self.resolved.mark)
            self.faults.note(mark.fault(str(error), path=getattr(item, "path", "")))
        return None


def _as_head(raw: LocatedMap, classes: int | None, output: str) -> LocatedMap:
    """A head's fields as a block that knows its classes and, as a further output, its name."""
    head = raw.shallow()
    if "block" not in head:
        head.put("block", "head")
    if head["block"] in CLASSIFIERS and "classes" not in head and classes is not None:
        head.put("classes", classes)
    if "name" not in head:
        head.put("name", output)
    if output and head["block"] == "head" and "classifier_name" not in head:
        head.put("classifier_name", "")
    return head


def _expand(plan: Plan, resolved: LocatedMap, faults: Faults) -> Network | None:
    """The graph; shape faults are noted, each once for a block that repeats."""
    places: dict[str, LocatedMap] = {}
    seen: set[tuple[str, str]] = set()
    guessed = False

    def note(error: GraphError, scopes: tuple[Scope, ...]) -> None:
        nonlocal guessed
        if not places:
            places.update(_places(resolved))
        if guessed and error.field != "from":
            return  # shapes behind a block of an unknown input are a guess; further unknown inputs are not
        guessed = guessed or (error.field == "from" and error.assume is None)
        fault = _shape_fault(error, scopes, places, resolved)
        if (key := (fault.path, error.message if error.field == "from" else error.field)) not in seen:
            seen.add(key)
            faults.note(fault)

    try:
        return expand(plan, note)
    except GraphError as error:
        note(error, error.scopes)
        return None


def _shape_fault(
    error: GraphError, scopes: Iterable[Scope], places: dict[str, LocatedMap], resolved: LocatedMap
) -> Fault:
    path = next((scope.path for scope in reversed(tuple(scopes)) if scope.path in places), "")
    mapping = places.get(path, resolved)
    mark = mapping.value_marks.get(error.field, mapping.mark)
    full = f"{path}.{error.field}" if path and error.field in mapping else path
    return mark.fault(error.message, path=full, remedy=error.remedy)._replace(misfit=True)


def _places(value: Any) -> Iterator[tuple[str, LocatedMap]]:
    """Each mapping by its path in the document."""
    if isinstance(value, LocatedMap):
        yield value.path, value
    for inner in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from _places(inner)
