"""Whether a candidate can take over the weights that its training starts from: decided before it is a trial."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from ..builder import build
from ..language import InputError, Spec
from ..language.recipe import is_official
from ..language.tune import Tune
from ..training.finetuning import check_phases, misfits
from ..training.pretrained import REMEDY, Pretrained, pretrained
from .constraints import is_of_finetuning

SECTION = "train.finetune"
UNFREEZE = f"{SECTION}.unfreeze"


class Inheritance:
    """Compares candidates with the network of `train.finetune.weights`, which is read once for each input shape."""

    def __init__(self) -> None:
        self.sources: dict[tuple[object, ...], Pretrained] = {}

    def __call__(self, spec: Spec) -> str:
        """Why a network cannot take the weights over; empty if it can. Raises `InputError` without such weights."""
        how = spec.train.finetune
        if how is None:
            return ""
        model, key = build(spec), (how.weights, spec.input)
        if key not in self.sources:
            self.sources[key] = pretrained(model, how.weights)
        found = misfits(model, self.sources[key])
        if not found:
            check_phases(model, spec.train)
        return f"cannot start from {found[0].file}: {found[0].message}" if found else ""


def check_finetuning(spec: Spec, tune: Tune) -> None:
    """Raise `InputError` for what thaws layers on the way, and for files in the space that are not there."""
    for path, how in _searched(spec, tune):
        if how.get("unfreeze"):
            message = "a trial keeps frozen what it begins with, so this would be left out"
            remedy = "search without it, then train best.yaml with it"
            raise InputError(message, file=spec.name, path=path, remedy=remedy)
        weights = how.get("weights")
        known = not isinstance(weights, str) or is_official(weights) or Path(weights).expanduser().exists()
        if path != SECTION and not known:
            raise InputError(f"there is no such file or folder: {weights!r}", file=spec.name, path=path, remedy=REMEDY)


def weights_of(spec: Spec, tune: Tune) -> set[str]:
    """The weights that trials may start from."""
    whole = tune.space["train"].choice if "train" in tune.space else None
    recipes = [recipe for recipe in whole or () if isinstance(recipe, Mapping)]
    sections = [how for _, how in _searched(spec, tune)] + [recipe.get("finetune") for recipe in recipes]
    found = [how.get("weights") for how in sections if isinstance(how, Mapping)]
    return {weights for weights in found if isinstance(weights, str)}


def _searched(spec: Spec, tune: Tune) -> Iterator[tuple[str, Mapping[str, object]]]:
    """The sections on fine-tuning that trials may have, or parts of them, with the place of each."""
    if spec.train.finetune is not None:
        yield (UNFREEZE if spec.train.finetune.unfreeze else SECTION), spec.train.finetune.model_dump()
    for path, distribution in tune.space.items():
        for value in (distribution.choice or ()) if is_of_finetuning(path) else ():
            if path == SECTION and isinstance(value, Mapping):
                yield f"tune.space.{path}", value
            elif path != SECTION:
                yield f"tune.space.{path}", {path.rpartition(".")[2]: value}
