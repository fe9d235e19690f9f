"""Whether the fields that `tune:` searches are there, and whether its ranges and its stages give networks to train."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from typing import Any

from ..printing import counted
from .faults import Fault, FaultError
from .overlapping import overlaps
from .overriding import WRITTEN, with_overrides, without_value
from .reading import LocatedMap, Mark
from .trying import Tries, numeric, samples, section_of, without_tune
from .tune import Knob, Tune


def probe(
    root: LocatedMap,
    section: LocatedMap,
    tune: Tune,
    check: Callable[[LocatedMap], Any],
    known: Collection[Fault] = (),
) -> list[Fault]:
    """What is wrong with the knobs. `root` is the document as written, `section` the one that `tune` was read from.

    `known` is what is wrong with the document whatever the knobs are.

    A knob is wrong none of whose values gives a network, and so is a choice, or an end of a range, that is allowed
    beside no values of the fields which are searched with it. One whose shapes do not fit may fit among others.
    """
    plain, space = without_tune(root), section["space"]
    faults = [
        space.key_marks[one.path].fault(one.message, path=f"tune.space.{one.path}", remedy=one.remedy)
        for one in overlaps(plain, tune)
    ]
    if faults:
        return faults
    tries = Tries(plain, tune, check, known)
    for path, knob in tune.space.items():
        wrong = tries.wrong_values(path, knob)
        told = [(f"{_written(value)} is no {_role(knob)} for it", fault) for value, fault in wrong]
        if len(wrong) == len(list(samples(knob))):
            value, fault = wrong[0]
            told = [(f"no value of the range gives a network; at {_written(value)}", fault)]
        else:
            told = [(words, fault) for words, fault in told if _concerns(fault, path)]
        right = [value for value in samples(knob) if value not in [one for one, _ in wrong]]
        for words, fault in told:
            remedy = fault.remedy or _remedy(tune, fault, path, right)
            message = f"{words}: {fault.message}"
            faults.append(space.key_marks[path].fault(message, path=f"tune.space.{path}", remedy=remedy))
    where = section.key_marks.get("stages", root.key_marks["tune"])
    return [*faults, *_short_stages(root, where, tune, check, known)]


def _short_stages(
    root: LocatedMap, where: Mark, tune: Tune, check: Callable[[LocatedMap], Any], known: Collection[Fault]
) -> Iterator[Fault]:
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
        except FaultError as error:
            fault = next((fault for fault in error.faults if fault not in known), None)
            if fault is not None and section_of(fault.path) in ("", "train"):
                message = f"the trials of stage {number} have {counted(stage.epochs, 'epoch')}: {fault.message}"
                yield where.fault(message, path="tune.stages", remedy=fault.remedy)


def _role(knob: Knob) -> str:
    return "end of a range" if numeric(knob) else "choice"


def _concerns(fault: Fault, path: str) -> bool:
    """Whether a fault says that a field never has its value: told at it, in it, beside it, or where it is used.

    What the recipe says as a whole about epochs holds for its own number of them, and the stages have others.
    """
    own = section_of(path)
    inside = fault.path == path or fault.path.startswith((f"{path}.", f"{path}["))
    beside = own != "" and own in (fault.path, section_of(fault.path))
    return not fault.misfit and (inside or beside or (own == "parameters" and fault.path != "train"))


def _remedy(tune: Tune, fault: Fault, path: str, right: Sequence[Any]) -> str:
    """How a field that not all optimizers or schedules have can stand beside their choice."""
    if not path.startswith("train.") or fault.path == path or section_of(fault.path) != section_of(path) or not right:
        return ""
    how = "give {} this" if fault.path in tune.space else "search {} as well, with this"
    key = f'"{path}"' if "[" in path else path  # a bare bracket would end the word
    return f"{how.format(fault.path)}: `when: {{{key}: {_listed(right)}}}`; or leave the choice out"


def _listed(values: Sequence[Any]) -> str:
    words = [value if isinstance(value, str) else _written(value) for value in values]
    return words[0] if len(words) == 1 else f"[{', '.join(words)}]"


def _written(value: Any) -> str:
    """A value as a message has it: YAML's words for what Python calls otherwise."""
    return WRITTEN[value] if value is None or isinstance(value, bool) else repr(value)
