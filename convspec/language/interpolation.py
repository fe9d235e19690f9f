"""From a document as written to plain blocks: `${...}`, repeats, conditions, tables, templates and defaults applied.

Data in, data out. What comes out keeps the marks of what went in, so that an error still finds its line.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator

from ..blocks.aliases import block_called
from ..blocks.notation import NO_BLOCK, parse_notation
from ..blocks.pydantic_model import written_fields
from ..blocks.registry import BLOCKS, find_block_class
from ..printing import quote
from ..suggestions import did_you_mean, nearest
from .control import CLASSIFIERS, CONTROL, Unresolved, incomplete_sections, is_known
from .declarations import is_name
from .diagnostics import Diagnostics
from .expressions import Names, Work, has_expression, names_in, size_of, substitute
from .functions import ExpressionError, InvalidExpressionError
from .located import DEEPEST, MOST_VALUES, LocatedList, LocatedMap, Mark, listed
from .scalars import control_meant
from .tables import blocks_of, table_in
from .unused import Usage

MOST_REPEATS = 10_000

PLAIN = frozenset((int, float, bool, type(None)))
"""Types of values that hold nothing to fill in."""

SPACE = "tune.space."
"""How the paths of what a search space holds begin."""


class Resolver:
    """Resolves one document. `diagnostics` collects what is wrong; the result is then incomplete."""

    def __init__(self, names: Names, root: LocatedMap, diagnostics: Diagnostics, usage: Usage | None = None) -> None:
        self.names = names
        self.templates, self.defaults = root.section("templates"), root.section("defaults")
        self.incomplete = incomplete_sections(root)
        self.diagnostics = diagnostics
        self.varied: set[str] = set()  # names to which trials of a search give other values
        self.classes: object = None  # the document's, or Unresolved
        self._values = 0
        self._depth = 0
        self.usage = usage if usage is not None else Usage()
        self._work = Work(usage=self.usage)
        self._binding = False
        self._open_templates: list[str] = []
        self._expanded: set[str] = set()
        self._skipped: dict[str, tuple[LocatedMap, Mark, Names, str]] = {}
        self._taken: set[str] = set()
        self.uncertain: set[Mark] = set()
        """Places in blocks that are left out whose values expressions give: they may be wrong there."""

    def value(self, value: object, mark: Mark, path: str, names: Names) -> object:
        """A value with its holes filled in; a list of blocks is resolved as such.

        In a search space a block is kept as it is written: the trial that has it resolves it, at its place in the body.
        So does a member of a choice that names what trials give other values.
        """
        self._count(mark, path)
        searched = path.startswith(SPACE)
        if isinstance(value, str):
            if not has_expression(value) or (searched and ".choice[" in path and names_in(value) & self.varied):
                return value
            return self._text(value, mark, path, names)
        if isinstance(value, LocatedMap):
            return value if searched and "block" in value else self._map(value, names)
        if isinstance(value, LocatedList):
            if not searched and any(isinstance(element, LocatedMap) and "block" in element for element in value):
                return self.items(value, names, "{}")
            out = LocatedList(value.mark, value.path)
            for index, (element, place) in enumerate(zip(value, value.marks, strict=True)):
                out.put(self.value(element, place, f"{path}[{index}]", names), place)
            return out
        return value

    def bound(self, value: object, mark: Mark, path: str, names: Names) -> object:
        """A value that expressions will use by a name, where all of it is known: which parts they read is noted."""
        outside, self._binding = self._binding, True
        try:
            value = self.value(value, mark, path, names)
        finally:
            self._binding = outside
        self.usage.bind(value)
        return value if not self.diagnostics or is_known(value) else Unresolved

    def skipped(self) -> LocatedList:
        """The blocks that this network leaves out, as they would be; None for those that cannot be resolved.

        Their conditions may guard what their expressions compute, so that only expressions which no values make right
        are errors.
        """
        out = LocatedList(Mark(0, 0), "")
        self.usage.guarded, before = True, set(self._taken)
        for path, (raw, mark, names, default) in self._skipped.items():
            if path not in before:
                self.item(raw, mark, path, names, default, out)
        for kind in self.templates.keys() - self._expanded:
            out += self._unused_template(self.templates.section(kind))
        self.usage.guarded = False
        return out

    def _unused_template(self, template: LocatedMap) -> LocatedList:
        """The blocks of a template that no block names, perhaps by a slip in another place."""
        scope = {**self.names, **dict.fromkeys(template.section("parameters"), Unresolved)}
        body = template.get("body")
        return self.items(body, scope, "{}") if isinstance(body, LocatedList) else LocatedList(template.mark)

    def items(self, items: LocatedList, names: Names, default: str) -> LocatedList:
        """A list of body items, each as often as it repeats. `default` names one by its place: `body_{}`."""
        out = LocatedList(items.mark, items.path)
        # a text that nests so deep is refused when it is read, but templates in templates nest without being written so
        if self._depth > DEEPEST:
            raise self.refused(f"blocks nest deeper than {DEEPEST} levels", items.mark, items.path)
        self._depth += 1
        outside, self._binding = self._binding, False
        try:
            for index, (raw, mark) in enumerate(zip(items, items.marks, strict=True)):
                self.item(raw, mark, f"{items.path}[{index}]", names, default.format(index), out)
        finally:
            self._depth -= 1
            self._binding = outside
        return out

    def diagnostic(self, message: str, mark: Mark, path: str, remedy: str = "") -> None:
        """Note an error, once."""
        if mark not in self.uncertain:
            self.diagnostics.note(mark.diagnostic(message, path=path, remedy=remedy))

    def refused(self, message: str, mark: Mark, path: str) -> Unresolved:
        """Note an error, and return what to raise."""
        self.diagnostic(message, mark, path)
        return Unresolved()

    def _text(self, text: str, mark: Mark, path: str, names: Names) -> object:
        guarded = self.usage.guarded
        if guarded:
            self.uncertain.add(mark)
        if Unresolved in map(names.get, names_in(text)):
            return Unresolved  # the error is the parameter's, and noted there
        if "parameters" in self.incomplete and not names_in(text) <= names.keys():
            return Unresolved
        try:
            value = substitute(text, names, self._work)
        except ExpressionError as error:
            self.usage.meant.add(getattr(error, "meant", ""))
            if not guarded or isinstance(error, InvalidExpressionError) or self._work.left < 0:
                self.diagnostics.note(mark.diagnostic(str(error), path=path))
            if self._work.left < 0:
                raise self.diagnostics.error() from None  # all further expressions would say the same
            return Unresolved
        if not self._binding:
            self._work.use(value)
        if isinstance(value, (str, list, dict)):
            self._count(mark, path, size_of(value, MOST_VALUES))
        return value

    def _map(self, mapping: LocatedMap, names: Names, but: Collection[str] = ()) -> LocatedMap:
        """A mapping with its fields filled in, some of them left out."""
        out, plain = mapping.shallow(), 0
        for key, value in mapping.items():
            # most of the thousands of fields are as they are written: no call for each
            if type(value) in PLAIN or (type(value) is str and not has_expression(value)):
                plain += 1
            elif key not in but:
                path = f"{mapping.path}.{key}" if mapping.path else key
                out[key] = self._field(mapping, key, value, path, names)
        self._count(mapping.mark, mapping.path, plain)
        for key in but:
            out.pop(key, None)
        return out

    def _field(self, mapping: LocatedMap, key: str, value: object, path: str, names: Names) -> object:
        if key == "body" and isinstance(value, LocatedList):
            return self.items(value, names, "body_{}" if mapping.get("block") == "residual" else "{}")
        if key == "branches" and isinstance(value, LocatedList):
            out = LocatedList(value.mark, value.path)
            for index, (branch, mark) in enumerate(zip(value, value.marks, strict=True)):
                out.put(self.items(listed(branch, mark, f"{path}[{index}]"), names, f"{index}_{{}}"), mark)
            return out
        return self.value(value, mapping.value_marks[key], path, names)

    def item(self, raw: object, mark: Mark, path: str, names: Names, default: str, out: LocatedList) -> None:
        """Put a body item into a list, as often as it repeats; with an `Unresolved` in it where not all is known.

        Where it is not known how often it repeats, or whether it is there, it is put once, to be checked.
        """
        self._count(mark, path)
        try:
            if not isinstance(raw, LocatedMap):
                out.put(self._notation(raw, mark, path, names, default), mark)
                return
            repeats = self._repeats(raw, names) if "repeat" in raw or "counter" in raw else [(names, "")]
            left_out = True
            for scope, suffix in repeats:
                there = "when" not in raw or self._control(raw, "when", scope, bool)
                if there or self.usage.guarded:
                    left_out = False
                    block = self._block(raw, scope, _name(raw, default, suffix))
                    if Unresolved in (there, scope.get(str(raw.get("counter", "i")))):
                        block.put("when", Unresolved)
                    out.put(block, mark)
            if left_out:
                self._skipped.setdefault(path, (raw, mark, names, default))
            elif "when" in raw or "repeat" in raw:
                self._taken.add(path)
        except Unresolved:
            lost = raw if isinstance(raw, LocatedMap) or raw is Unresolved else LocatedMap(mark, path)
            out.put(self._unknown(lost, default) if isinstance(lost, LocatedMap) else Unresolved, mark)

    def _unknown(self, raw: LocatedMap, default: str) -> LocatedMap:
        """A block of which only the name and the inputs are known, if these are."""
        out = LocatedMap(raw.mark, raw.path)
        out.take(raw, raw.keys() & {"from"})
        out.put("name", _name(raw, default, ""))
        out.put("block", Unresolved)
        return out

    def _repeats(self, raw: LocatedMap, names: Names) -> Iterator[tuple[Names, str]]:
        """The names that expressions of each repetition may use, and what is added to its own."""
        counter = raw.get("counter", "i")
        if not isinstance(counter, str) or not is_name(counter):
            message = f"{quote(counter)} is no name for an expression; a counter is a word such as stage"
            raise self.refused(message, raw.value_marks["counter"], f"{raw.path}.counter")
        if "repeat" not in raw:
            if "counter" in raw:
                self.diagnostic("nothing is counted without `repeat`", raw.key_marks["counter"], f"{raw.path}.counter")
            yield names, ""
            return
        count = self._control(raw, "repeat", names, int)
        if self.usage.guarded or not isinstance(count, int):
            yield {**names, counter: 0 if self.usage.guarded else Unresolved}, "_0" if self.usage.guarded else ""
            return
        for index in range(count):
            self._work.left -= len(names) // 16  # they are copied
            yield {**names, counter: index}, f"_{index}"

    def _control(self, raw: LocatedMap, key: str, names: Names, kind: type) -> object:
        """The value of `repeat` or `when`; where it is wrong, `Unresolved`, with that noted."""
        mark, path = raw.value_marks[key], f"{raw.path}.{key}"
        value = self.value(raw[key], mark, path, names)
        if value is Unresolved or mark in self.uncertain:
            return value
        if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
            expected = "a whole number" if kind is int else "true or false"
            hint = control_meant(raw[key], kind, names)
            self.diagnostic(f"expected {expected}, not {quote(value)}{hint}", mark, path)
            return Unresolved
        if isinstance(value, int) and not 0 <= value <= MOST_REPEATS:
            self.diagnostic(f"repeat is {value:,}; it goes from 0 to {MOST_REPEATS:,}", mark, path)
            return Unresolved
        return value

    def _notation(self, raw: object, mark: Mark, path: str, names: Names, default: str) -> LocatedMap:
        text = self.value(raw, mark, path, names)
        if text is Unresolved:
            raise Unresolved
        if not isinstance(text, str):
            raise self.refused(f"expected a block, not {quote(raw)}{NO_BLOCK}", mark, path)
        try:
            kind, fields = parse_notation(text)
        except ValueError as error:
            raise self.refused(str(error), mark, path) from None
        out = LocatedMap(mark, path)
        for key, value in {"block": kind, "name": default, **fields}.items():
            out.put(key, value, mark, mark)
        return self._with_defaults(out, names)

    def _block(self, raw: LocatedMap, names: Names, name: str) -> LocatedMap:
        self._count(raw.mark, raw.path)
        kind = raw.get("block")
        if isinstance(kind, str) and has_expression(kind):
            kind = self.value(kind, raw.value_marks["block"], f"{raw.path}.block", names)
        if kind is Unresolved:
            raise Unresolved
        if isinstance(kind, str) and kind in self.templates:
            return self._template(kind, raw, names, name)
        if "templates" in self.incomplete and isinstance(kind, str) and kind not in BLOCKS:
            raise Unresolved
        if isinstance(kind, str) and (template := self._template_meant(kind)):
            message = f"no block is called {quote(kind)}; did you mean {template!r}?"
            raise self.refused(message, raw.value_marks["block"], f"{raw.path}.block")
        if kind == "table" and (table := table_in(raw)):
            return self._sequence(raw, names, name, blocks_of(self, raw, table, names), "table")
        out = self._map(raw, names, but=CONTROL)
        out.put("block", kind, raw.key_marks.get("block"), raw.value_marks.get("block"))
        own = raw.get("name")  # one that is no text is left to its own error
        if "name" not in raw or ("repeat" in raw and isinstance(own, str) and not has_expression(own)):
            out.put("name", name)
        return self._with_defaults(out, names)

    def _template_meant(self, kind: str) -> str:
        """The template that an unknown kind of block stands for; empty where it is none, or likelier a block."""
        if not self.templates or find_block_class(kind) is not None or block_called(kind):
            return ""
        found = nearest(kind, [*self.templates, *BLOCKS])
        return found if found in self.templates else ""

    def head(self, raw: LocatedMap, names: Names) -> LocatedMap:
        """The fields of a section `head`, which are those of a head unless it names another block."""
        out = self._map(raw, names)
        self._fill_in(out, names, out.get("block", "head"))
        return out

    def _with_defaults(self, out: LocatedMap, names: Names) -> LocatedMap:
        kind = out.get("block")
        self._fill_in(out, names, kind)
        if kind in CLASSIFIERS and "classes" not in out and self.classes is not None:
            out.put("classes", self.classes)
        return out

    def _fill_in(self, out: LocatedMap, names: Names, kind: object) -> None:
        """Give a block of a kind the `defaults` that it does not set."""
        self.usage.meet(str(kind))
        if "defaults" in self.incomplete and (block_class := find_block_class(str(kind))):
            for key in written_fields(block_class).keys() - out.keys() - {"name", "from", "block"}:
                out.put(key, Unresolved)
        if str(kind) not in self.defaults:
            return
        shared = self.defaults.section(str(kind))
        for key in [key for key in shared if key not in out]:
            self.usage.apply(str(kind), key)
            value = self._field(shared, key, shared[key], f"defaults.{kind}.{key}", names)
            out.put(key, value, shared.key_marks[key], shared.value_marks[key])

    def _template(self, kind: str, raw: LocatedMap, names: Names, name: str) -> LocatedMap:
        if kind in self._open_templates:
            chain = " -> ".join([*self._open_templates[self._open_templates.index(kind) :], kind])
            message = f"the template {kind!r} contains itself: {chain}"
            raise self.refused(message, raw.value_marks["block"], f"{raw.path}.block")
        template = self.templates.section(kind)
        if not isinstance(written := template.get("body"), LocatedList):
            raise Unresolved  # the check of `templates` says what is wrong
        scope = self._arguments(kind, raw, names, template.section("parameters"))
        self._open_templates.append(kind)
        self._expanded.add(kind)
        try:
            body = self.items(written, scope, "{}")
        finally:
            self._open_templates.pop()
        return self._sequence(raw, names, name, body, kind)

    def _arguments(self, kind: str, raw: LocatedMap, names: Names, declared: LocatedMap) -> dict[str, object]:
        """The names of a template's body in one block: the document's, and the template's own parameters.

        A null that is given is a value as any other; a null that is declared says that one must be given. A default
        may use the parameters before it.
        """
        given: dict[str, object] = {}
        for key, value in raw.items():
            if key in CONTROL or key in ("block", "name", "from", "squeeze_excite"):
                continue
            if key not in declared:
                message = f"the template {kind!r} has no parameter {key!r}{did_you_mean(key, declared)}"
                self.diagnostic(message, raw.key_marks[key], f"{raw.path}.{key}")
                given.setdefault(nearest(key, declared), Unresolved)
                continue
            given[key] = self.bound(value, raw.value_marks[key], f"{raw.path}.{key}", names)
        if missing := [key for key, value in declared.items() if value is None and key not in given]:
            self.diagnostic(f"the template {kind!r} needs {', '.join(map(repr, missing))}", raw.mark, raw.path)
            given |= dict.fromkeys(missing, Unresolved)
        self._work.left -= len(self.names) // 16
        scope = dict(self.names)
        for key, value in declared.items():
            path = f"templates.{kind}.parameters.{key}"
            scope[key] = given[key] if key in given else self.bound(value, declared.value_marks[key], path, scope)
        return scope

    def _sequence(self, raw: LocatedMap, names: Names, name: str, body: LocatedList, kind: str) -> LocatedMap:
        """The blocks that a table or a template expands to, as a `sequence`."""
        out = LocatedMap(raw.mark, raw.path)
        out.put("block", "sequence", raw.key_marks.get("block"), raw.value_marks.get("block"))
        out.put("template", kind)
        out.put("name", name)
        for key in ("name", "from", "squeeze_excite"):
            if key in raw and not (key == "name" and "repeat" in raw and not has_expression(str(raw["name"]))):
                value = self.value(raw[key], raw.value_marks[key], f"{raw.path}.{key}", names)
                out.put(key, value, raw.key_marks[key], raw.value_marks[key])
        out.put("body", body, raw.mark, body.mark)
        return out

    def _count(self, mark: Mark, path: str, values: int = 1) -> None:
        self._values += values
        if self._values > MOST_VALUES:
            diagnostic = mark.diagnostic(
                f"expands to more than {MOST_VALUES:,} values", path=path, remedy="repeat less"
            )
            self.diagnostics.note(diagnostic)
            raise self.diagnostics.error()


def _name(raw: LocatedMap, default: str, suffix: str) -> str:
    """A block's name: its own or its place, numbered where it repeats without saying how."""
    own = raw.get("name")
    if own == "":
        return ""
    base = own if isinstance(own, str) and not has_expression(own) else default
    return f"{base}{suffix}"
