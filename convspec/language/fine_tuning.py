"""What the names in `train.finetune` mean: layers of the network, and networks of the catalogue."""

from __future__ import annotations

from collections.abc import Iterator

from .catalogue import list_specs
from .diagnostics import Diagnostic, InputError, did_you_mean
from .located import LocatedList, LocatedMap
from .recipe import is_official
from .spec import Spec

MOST_NAMED = 12
"""Stages that a message lists."""
PLACE = "train.finetune.weights"


def end_of_frozen(names: list[str], until: str) -> int:
    """The position after the last layer of this name, or of a stage whose layers' names start with it.

    Raises `InputError` where there is none; `none` and `all` are 0.
    """
    if until in ("none", "all"):
        return 0
    found = [
        number for number, name in enumerate(names) if name == until or name.startswith((f"{until}_", f"{until}."))
    ]
    if not found:
        stages = list(dict.fromkeys(name.split("_")[0] for name in names))
        hint = did_you_mean(until, [*stages, *names]) or f"; there are {', '.join(stages[:MOST_NAMED])}"
        message = f"no layer or stage is called {until!r}{hint}"
        raise InputError(message, path="train.finetune.freeze")
    return found[-1] + 1


def official_name(own: str, weights: str) -> str:
    """The catalogue's network that weights are for: the one that is named, else the one that is trained."""
    name = weights.partition(":")[2] if is_official(weights) else ""
    if (name or own) not in list_specs():
        message = f"no network of the catalogue is called {name or own!r}, so its weights are not known"
        remedy = f"imagenet:NETWORK names one that {own} has the layers of; `convspec list` has them all"
        raise InputError(message, path=PLACE, remedy=remedy)
    return name or own


def fine_tuning_diagnostics(spec: Spec) -> Iterator[Diagnostic]:
    """The names in `train.finetune` that nothing has, with their places."""
    how, section = spec.train.finetune, spec.source.section("train").section("finetune")
    if how is None:
        return
    if is_official(how.weights):
        try:
            official_name(spec.name, how.weights)
        except InputError as error:
            yield from (_placed(section, "weights", one) for one in error.diagnostics)
    names, stages = [node.name for node in spec.layers], section.get("unfreeze")
    of_stages = list(stages) if isinstance(stages, LocatedList) else [stages]
    for until, written in zip((how.freeze, *(one.freeze for one in how.unfreeze)), (section, *of_stages), strict=False):
        try:
            end_of_frozen(names, until)
        except InputError as error:
            place = written if isinstance(written, LocatedMap) else section
            yield from (_placed(place, "freeze", one) for one in error.diagnostics)


def _placed(section: LocatedMap, key: str, diagnostic: Diagnostic) -> Diagnostic:
    return section.value_marks.get(key, section.mark).place(diagnostic, diagnostic.path)
