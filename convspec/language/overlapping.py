"""Fields of a search space that overwrite each other, so that a trial would not train what is recorded of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from ..printing import quote
from .declarations import unused_names
from .diagnostics import InputError
from .expressions import has_expression, names_in
from .located import LocatedMap
from .overriding import Steps, inside, parameter_of, place_of, with_overrides
from .recipe import Recipe
from .tune import SPLITTING, STAGED, Tune, condition_values, needed


@dataclass(frozen=True)
class Overlap:
    """A field of the space that another one, which may be searched with it, overwrites."""

    path: str
    message: str
    remedy: str


def overlaps(plain: LocatedMap, tune: Tune) -> list[Overlap]:
    """What is overwritten. `plain` is the document without its search.

    A field may lie in a section that is searched, too, where none of the section's values gives the field: the section
    is written first.
    """
    places = {path: place for path in tune.space if (place := place_of(plain, path))}
    found = []
    for later, (path, place) in enumerate(places.items()):
        for earlier, (other, theirs) in enumerate(places.items()):
            if other == path or place[: len(theirs)] != theirs or _exclude_each_other(tune, path, other):
                continue
            if len(place) == len(theirs) and earlier < later:
                remedy = "leave one of them out, or let `when` exclude one where the other is searched"
                found.append(Overlap(path, f"is the same field as {other}", remedy))
            elif len(place) > len(theirs):
                found.extend(_within(tune, path, other, place[len(theirs) :]))
        if place == (STAGED.partition(".")[0],):
            found.extend((*_epochs(tune, path), *_splits(plain, tune, path)))
    return [*found, *_lost_parameters(plain, tune, places)]


def _exclude_each_other(tune: Tune, path: str, other: str) -> bool:
    """Whether no trial searches both fields."""
    mine, theirs = needed(tune, path), needed(tune, other)
    return any(not any(value in theirs[name] for value in mine[name]) for name in mine.keys() & theirs.keys())


def _within(tune: Tune, path: str, section: str, rest: Steps) -> Iterator[Overlap]:
    """What keeps a field from being written into the values of a section."""
    distribution, allowed = tune.space[section], needed(tune, path).get(section)
    if distribution.choice is None:
        remedy = f"leave {path} out, or search {section} with a `choice` of sections"
        yield Overlap(path, f"lies in {section}, which is searched as a single value", remedy)
        return
    for value in distribution.choice:
        if (allowed is None or value in allowed) and (problem := _obstacle(value, rest)):
            field = path.removeprefix(section).lstrip(".")
            message = f"lies in {section}, which is searched, too, and {problem}: {quote(value)}"
            remedy = (
                f"leave {field} out of the choices of {section}, search its fields one by one in place of {section}, "
                f"or leave {path} out"
            )
            yield Overlap(path, message, remedy)
            return


def _obstacle(value: object, rest: Steps) -> str:
    """Why a field has no place of its own in a section's value; empty where it has."""
    for step in rest[:-1]:
        if isinstance(value, Mapping) and step not in value:
            return ""
        value = inside(value, step)
    if not isinstance(value, Mapping):
        return "has a value in which there is no such field"
    return "has a value which gives this field, too" if rest[-1] in value else ""


def _epochs(tune: Tune, path: str) -> Iterator[Overlap]:
    """Choices of the whole recipe that say how long it trains."""
    field = STAGED.rpartition(".")[2]
    if any(isinstance(value, Mapping) and field in value for value in tune.space[path].choice or ()):
        message = f"a choice gives `{field}`, but each of `stages` has its own epochs, which hold instead"
        yield Overlap(path, message, f"leave `{field}` out of the choices")


def _splits(plain: LocatedMap, tune: Tune, path: str) -> Iterator[Overlap]:
    """Choices of the whole recipe that split the images in other ways than each other, or than the recipe itself."""
    written = plain.get("train")
    recipes = [value for value in (written, *(tune.space[path].choice or ())) if isinstance(value, Mapping)]
    for whole, instead in SPLITTING.items():
        field = whole.rpartition(".")[2]
        default = Recipe.model_fields[field].default
        given = [recipe.get(field, default) for recipe in recipes]
        found = [value for value in given if not (isinstance(value, str) and has_expression(value))]
        if other := [value for value in found if value != found[0]]:
            message = (
                f"`{field}` is {quote(found[0])} in one trial and {quote(other[0])} in another, but it decides which "
                f"images are validation images, and trials are compared on the same ones"
            )
            yield Overlap(path, message, f"give all choices the `{field}` of `train`; {instead}")


def _lost_parameters(plain: LocatedMap, tune: Tune, places: Mapping[str, Steps]) -> Iterator[Overlap]:
    """Parameters all of whose uses are in fields which are searched whenever the parameter is."""
    declared = plain.section("parameters")
    for path in places:
        name = parameter_of(path)
        if name not in declared or name in unused_names(plain, declared):
            continue
        users = [
            other
            for other, place in places.items()
            if parameter_of(other) != name
            and _implied(tune, other, path)
            and name in _names_at(plain, place)
            and not all(name in _names_in(value) for value in tune.space[other].choice or [None])
        ]
        try:
            without = with_overrides(plain, {f"parameters.{name}": declared[name], **dict.fromkeys(users, 0)})
        except InputError:  # one of them lies in another
            continue
        if users and name in unused_names(without, declared):
            fields = " and ".join(users)
            message = f"is used in {fields} alone, which {'is' if len(users) == 1 else 'are'} searched, too"
            remedy = f"leave out {path}, or {fields}: a value of {fields} replaces the expression with ${{{name}}}"
            yield Overlap(path, message, remedy)


def _implied(tune: Tune, other: str, path: str) -> bool:
    """Whether each trial that searches `path` searches `other`."""
    mine = needed(tune, path)
    return all(
        name in mine and all(value in condition_values(wanted) for value in mine[name])
        for name, wanted in needed(tune, other).items()
    )


def _names_at(plain: LocatedMap, place: Steps) -> set[str]:
    """What the expressions at a place of the document use."""
    here: object = plain
    for step in place:
        here = inside(here, step)
    return _names_in(here)


def _names_in(value: object) -> set[str]:
    """What the expressions of a value use."""
    if isinstance(value, (dict, list)):
        return set().union(*map(_names_in, value.values() if isinstance(value, dict) else value))
    return set(names_in(value)) if isinstance(value, str) else set()
