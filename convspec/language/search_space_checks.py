"""Whether the fields that `tune:` searches are there, and whether its ranges and its stages give networks to train."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import TYPE_CHECKING

from ..printing import WORDS, counted
from .diagnostics import Diagnostic, InputError
from .located import LocatedList, LocatedMap, Mark
from .overlapping import overlaps
from .overriding import with_overrides, without_value
from .tune import Distribution, Tune, condition_values, needed

if TYPE_CHECKING:
    from .spec import Spec

Check = Callable[[LocatedMap], "Spec"]

MOST_TRIES = 64
"""Circumstances that a value is tried in; one that fits none of so many may fit another."""


MOST_LAYERS = 100_000
"""Layers of all the networks that are tried together; a search checks the rest when it samples them.

Counted instead of timed, so that every machine finds the same.
"""
LAYERS_OF_AN_ERROR = 100
LAYERS_OF_A_CHECK = 500
"""What a try costs besides its layers, in layers: about as much time as this many take."""


class Tries:
    """Tries values in the document without its `tune:` section."""

    def __init__(self, plain: LocatedMap, tune: Tune, check: Check, known: Collection[Diagnostic] = ()) -> None:
        self.plain, self.tune, self.check, self.known = plain, tune, check, known
        self.left = MOST_LAYERS
        self.hopeless: set[str] = set()
        self._needed: dict[str, dict[str, list[object]]] = {}

    def all_wrong_values(self) -> dict[str, list[tuple[object, Diagnostic]]]:
        """Of each field what `wrong_values` gives.

        Fields that are wrong by themselves come first, so that the others are tried without them.
        """
        space, found = self.tune.space, {}
        alone = {path: self._alone(path, next(samples(space[path]))) for path in islice(space, MOST_TRIES)}
        for path in sorted(space, key=lambda path: not _is_own(alone.get(path), path)):
            found[path] = wrong = self.wrong_values(path, space[path])
            if len(wrong) == len(list(samples(space[path]))) and all(_is_own(one, path) for _, one in wrong):
                self.hopeless.add(path)
        return found

    def wrong_values(self, path: str, distribution: Distribution) -> list[tuple[object, Diagnostic]]:
        """The values that give no network, and why: of a choice all, of a range the ends, and the middle after both."""
        if not numeric(distribution):
            return list(self._wrong(path, samples(distribution)))
        # limits of a field bound a range from one side, so that a range with a valid end is not invalid as a whole
        low, middle, high = samples(distribution)
        ends = list(self._wrong(path, (low, high)))
        return [*ends, *self._wrong(path, (middle,))] if len(ends) == 2 else ends

    def _wrong(self, path: str, values: Iterable[object]) -> Iterator[tuple[object, Diagnostic]]:
        for value in values:
            if diagnostic := self._why_wrong(path, value):
                yield value, diagnostic

    def _why_wrong(self, path: str, value: object) -> Diagnostic | None:
        """Why a value gives no network; None where it does beside some values of the other fields, or may."""
        if self.left <= 0:
            return None
        diagnostic = self._alone(path, value)
        neighbours = any(other != path and _near(path, other) for other in self.tune.space)
        if (diagnostic is not None and diagnostic.misfit) or (diagnostic is None and not neighbours):
            return diagnostic
        first = diagnostic
        related = self._related(path, own=_is_own(diagnostic, path))
        for number, values in enumerate(self._circumstances({path: value}, related)):
            if number > MOST_TRIES or self.left <= 0:
                return first if first is not None and first.path == path else None
            diagnostic = self._diagnostic(values)
            if diagnostic is None or diagnostic.misfit:
                return None
            first = first or diagnostic
        return first

    def _alone(self, path: str, value: object) -> Diagnostic | None:
        """Why a value gives no network beside those alone that its field needs to be searched."""
        beside = {other: allowed[0] for other, allowed in self._conditions(path).items()}
        return self._diagnostic({**beside, path: value})

    def _diagnostic(self, values: Mapping[str, object]) -> Diagnostic | None:
        if self.left <= 0:
            return None
        self.left -= LAYERS_OF_A_CHECK
        ordered = {path: values[path] for path in self.tune.space if path in values}
        try:
            self.left -= len(self.check(with_values(self.plain, self.tune, ordered)).graph.nodes)
        except InputError as error:
            self.left -= LAYERS_OF_AN_ERROR * len(error.diagnostics)
            return _first_new(error, self.known)
        return None

    def _related(self, path: str, *, own: bool) -> list[str]:
        """The other fields of the space that what is allowed may depend on, and those that these depend on.

        Any field may use a parameter. What a field's `own` rules allow depends on its section, and what is in it.
        """
        section = section_of(path)
        near = [
            other
            for other in self.tune.space
            if section_of(other) == section
            or any(one.startswith((f"{two}.", f"{two}[")) for one, two in ((path, other), (other, path)))
            or (not own and ("parameters" in (section, section_of(other)) or _near(path, other)))
        ]
        near = [other for other in near if other not in self.hopeless]
        found = {path, *near}.union(*(self._conditions(other) for other in (path, *near)))
        return [other for other in self.tune.space if other in found and other != path]

    def _circumstances(self, values: dict[str, object], others: Sequence[str]) -> Iterator[dict[str, object]]:
        """`values` together with those of the other fields that a trial may have beside them."""
        if not others:
            yield values
            return
        other, rest = others[0], others[1:]
        distribution, wanted = self.tune.space[other], [self._conditions(path).get(other) for path in values]
        if not all(name in values and values[name] in condition_values(one) for name, one in distribution.when.items()):
            yield from self._circumstances(values, rest)
            return
        for value in _likely(distribution):
            if all(allowed is None or value in allowed for allowed in wanted):
                yield from self._circumstances({**values, other: value}, rest)

    def _conditions(self, path: str) -> dict[str, list[object]]:
        """What has to hold for a field to be searched, with what that needs in turn."""
        if path not in self._needed:
            self._needed[path] = needed(self.tune, path)
        return self._needed[path]


def _first_new(error: InputError, known: Collection[Diagnostic]) -> Diagnostic | None:
    """The first error that is not known; remedies, also those at the end of a message, may differ."""
    old = {_without_remedy(one) for one in known}
    return next((one for one in error.diagnostics if _without_remedy(one) not in old), None)


def _without_remedy(diagnostic: Diagnostic) -> tuple[str, str]:
    return diagnostic.path, diagnostic.message.partition("; ")[0]


def _is_own(diagnostic: Diagnostic | None, path: str) -> bool:
    """Whether an error is that of a field itself, or that there is no such place."""
    return diagnostic is not None and diagnostic.path in (path, "")


def _near(path: str, other: str) -> bool:
    """Whether two fields are in one section, or one of them in the other."""
    inside = any(one.startswith((f"{section}.", f"{section}[")) for one, section in ((path, other), (other, path)))
    return inside or section_of(path) == section_of(other)


def numeric(distribution: Distribution) -> bool:
    """Whether a hyperparameter has a range, not single values."""
    return distribution.kind not in ("choice", "boolean")


def _likely(distribution: Distribution) -> list[object]:
    """The samples of a hyperparameter, those first that are rarely wrong."""
    values = list(samples(distribution))
    return [values[1], values[0], values[2]] if numeric(distribution) else values


def section_of(path: str) -> str:
    """The path of the mapping that a field is in."""
    return path.rpartition(".")[0]


def without_tune(root: LocatedMap) -> LocatedMap:
    """The document without its `tune:` section: a network and its recipe."""
    plain = root.shallow()
    plain.pop("tune", None)
    return plain


def samples(distribution: Distribution) -> Iterator[object]:
    """Values that represent a range: its ends and the middle, or all of a choice."""
    if distribution.choice is not None:
        yield from distribution.choice
    elif distribution.boolean:
        yield from (False, True)
    else:
        low, high = getattr(distribution, distribution.kind)
        middle = (low * high) ** 0.5 if distribution.kind.startswith("log") else (low + high) / 2
        yield from (low, int(middle) if distribution.kind.endswith("int") else middle, high)


def with_values(plain: LocatedMap, tune: Tune, values: Mapping[str, object]) -> LocatedMap:
    """The document with values of the space, and without the fields whose condition those values rule out.

    A section is written before the fields in it, whatever their order in the space.
    Raises `InputError` where a path leads nowhere.
    """
    root = plain
    for path, distribution in tune.space.items():
        if any(_ruled_out(values, other, wanted) for other, wanted in distribution.when.items()):
            root = without_value(root, path)
    return with_overrides(root, values)


def _ruled_out(values: Mapping[str, object], other: str, wanted: object) -> bool:
    return other in values and values[other] not in condition_values(wanted)


def probe(
    root: LocatedMap,
    section: LocatedMap,
    tune: Tune,
    check: Check,
    known: Collection[Diagnostic] = (),
    *,
    with_stages: bool = True,
) -> list[Diagnostic]:
    """The errors of a search space. `root` is the document as written, `section` the one that `tune` was read from.

    `known` is what is wrong with the document whatever the hyperparameters are. `with_stages`: those of `tune` are the
    document's.

    A range is invalid if none of its values gives a valid network, and so is a choice, or an end of a range, that is
    allowed beside no values of the fields searched with it. One whose shapes do not fit may fit among others.
    """
    plain, space = without_tune(root), section.section("space")
    diagnostics = [
        space.key_marks[one.path].diagnostic(one.message, path=f"tune.space.{one.path}", remedy=one.remedy)
        for one in overlaps(plain, tune)
    ]
    if diagnostics:
        return diagnostics
    tries = Tries(plain, tune, check, known)
    found = tries.all_wrong_values()
    for path, distribution in tune.space.items():
        wrong = found[path]
        errors = [(f"{_written(value)} is no {_role(distribution)} for it", diagnostic) for value, diagnostic in wrong]
        if len(wrong) == len(list(samples(distribution))):
            value, diagnostic = wrong[0]
            errors = [(f"no value of the range gives a network; at {_written(value)}", diagnostic)]
        else:
            errors = [(words, diagnostic) for words, diagnostic in errors if _concerns(diagnostic, path)]
        right = [value for value in samples(distribution) if value not in [one for one, _ in wrong]]
        for words, diagnostic in errors:
            remedy = diagnostic.remedy or _remedy(tune, diagnostic, path, right)
            message = f"{words}: {diagnostic.message}"
            diagnostics.append(space.key_marks[path].diagnostic(message, path=f"tune.space.{path}", remedy=remedy))
    return [*diagnostics, *(_short_stages(root, section, tune, check, known) if with_stages else ())]


def _short_stages(
    root: LocatedMap, section: LocatedMap, tune: Tune, check: Check, known: Collection[Diagnostic]
) -> Iterator[Diagnostic]:
    """Stages whose epochs are too few for the recipe, such as for its warm-up.

    The first stage trains the recipe as it is written, later ones as it is searched.
    """
    plain = without_value(without_tune(root), "train.finetune.unfreeze")  # no part of a search, which says so itself
    searched = any(path.startswith("train.schedule") for path in tune.space)
    for number, stage in enumerate(tune.stages, 1):
        if "train" not in plain or (number > 1 and searched):
            return
        try:
            check(with_overrides(plain, {"train.epochs": stage.epochs}))
        except InputError as error:
            diagnostic = _first_new(error, known)
            if diagnostic is not None and section_of(diagnostic.path) in ("", "train"):
                message = f"the trials of stage {number} have {counted(stage.epochs, 'epoch')}: {diagnostic.message}"
                mark, path = _epochs_of(number - 1, section, root)
                yield mark.diagnostic(message, path=path, remedy=diagnostic.remedy)


def _epochs_of(index: int, section: LocatedMap, root: LocatedMap) -> tuple[Mark, str]:
    """The place of a stage's epochs; of the search where the document leaves the stages as they are."""
    stages = section.get("stages")
    stage = stages[index] if isinstance(stages, LocatedList) and index < len(stages) else None
    if isinstance(stage, LocatedMap) and "epochs" in stage:
        return stage.value_marks["epochs"], f"tune.stages[{index}].epochs"
    return section.key_marks.get("stages", root.key_marks["tune"]), "tune.stages"


def _role(distribution: Distribution) -> str:
    return "end of a range" if numeric(distribution) else "choice"


def _concerns(diagnostic: Diagnostic, path: str) -> bool:
    """Whether an error says that a field never has its value: reported at it, in it, beside it, or where it is used.

    What the recipe says as a whole about epochs holds for its own number of them, and the stages have others.
    """
    own = section_of(path)
    inside = diagnostic.path == path or diagnostic.path.startswith((f"{path}.", f"{path}["))
    beside = own != "" and own in (diagnostic.path, section_of(diagnostic.path))
    return not diagnostic.misfit and (inside or beside or (own == "parameters" and diagnostic.path != "train"))


def _remedy(tune: Tune, diagnostic: Diagnostic, path: str, right: Sequence[object]) -> str:
    """How a field that not all optimizers or schedules have can be searched beside their choice."""
    if (
        not path.startswith("train.")
        or diagnostic.path == path
        or section_of(diagnostic.path) != section_of(path)
        or not right
    ):
        return ""
    how = "give {} this" if diagnostic.path in tune.space else "search {} as well, with this"
    key = f'"{path}"' if "[" in path else path  # a bare bracket would end the word
    return f"{how.format(diagnostic.path)}: `when: {{{key}: {_listed(right)}}}`; or leave the choice out"


def _listed(values: Sequence[object]) -> str:
    words = [value if isinstance(value, str) else _written(value) for value in values]
    return words[0] if len(words) == 1 else f"[{', '.join(words)}]"


def _written(value: object) -> str:
    """A value as a message has it: YAML's words for what Python calls otherwise."""
    return WORDS[value] if value is None or isinstance(value, bool) else repr(value)
