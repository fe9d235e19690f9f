"""Arguments of public calls, checked against their annotations before anything is done with them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable, Iterable, Iterator, Mapping, Sequence
from functools import cache, wraps
from inspect import signature
from itertools import chain, islice
from numbers import Real
from operator import index
from os import PathLike, fspath
from pathlib import Path
from types import GenericAlias, NoneType, UnionType
from typing import ForwardRef, Literal, SupportsIndex, TypeVar, Union, cast, get_args, get_origin

from ..option_names import spoken
from ..printing import quote
from ..suggestions import did_you_mean
from .diagnostics import Diagnostic, InputError
from .located import Text

Call = TypeVar("Call", bound=Callable[..., object])

WORDS: dict[object, str] = {
    NoneType: "None", bool: "True or False", int: "a whole number", float: "a number", str: "a text", Path: "a path",
    Mapping: "a mapping", Sequence: "a sequence", Collection: "a sequence",
}  # fmt: skip
EXAMPLES: dict[object, str] = {
    bool: "such as True", int: "such as 1", float: "such as 0.5", Sequence[float]: "such as (0, 255)",
    Path: 'such as "runs/lenet5"', Sequence[int | None]: "such as (32, 32, 3)", Mapping: 'such as {"train.epochs": 3}',
}  # fmt: skip
LONGEST = 255  # bytes of a file's name, on all common file systems
MOST_WRONG = 10  # elements of one sequence that are reported
NETWORK = {"str", "Path", "Mapping", "Text", "Spec"}
"""The types of what may be a network, which messages name by their meaning."""


def checked(call: Call) -> Call:
    """A call that raises `InputError` for each argument that its annotation does not allow, with what it may be.

    All its errors name arguments as Python does. A class that only type checkers import is known by its name: it is
    never imported to look at an argument.
    """
    known = signature(call).parameters

    @cache  # when first called: annotations may name what is defined further down
    def hints() -> dict[str, object]:
        names = dict(call.__globals__)
        annotated = {name: one for name, one in known.items() if one.annotation is not one.empty}  # not `self`
        found = {name: _evaluated(one.annotation, names) for name, one in annotated.items()}
        several = [name for name, one in annotated.items() if one.kind is one.VAR_POSITIONAL]
        return found | {name: GenericAlias(Sequence, (found[name],)) for name in several}

    @wraps(call)
    def checking(*args: object, **kwargs: object) -> object:
        try:
            bound = signature(call).bind(*args, **kwargs)
        except TypeError:
            return call(*args, **kwargs)  # Python's own message names the call
        given = {name: _plain(value, hints()[name]) for name, value in bound.arguments.items() if name in hints()}
        wrong = (islice(_wrong(name, value, hints()[name]), MOST_WRONG) for name, value in given.items())
        if diagnostics := list(chain.from_iterable(wrong)):
            raise InputError(diagnostics)
        bound.arguments |= given
        try:
            return call(*bound.args, **bound.kwargs)
        except InputError as error:
            error.diagnostics = tuple(map(for_reader, error.diagnostics))
            error.args = InputError(error.diagnostics).args
            raise

    return cast(Call, checking)


def for_reader(diagnostic: Diagnostic) -> Diagnostic:
    """The same mistake in the words of who reads it: of a call's arguments, or of a command's options."""
    message, path, remedy = (spoken(text) for text in diagnostic[:3])
    return diagnostic._replace(message=message, path=path, remedy=remedy)


def _evaluated(annotation: object, names: dict[str, object]) -> object:
    """The type of an annotation, with a `ForwardRef` for each class that is not there."""
    while isinstance(annotation, str):
        try:
            annotation = eval(annotation, names)
        except NameError as error:
            names[str(error.name)] = ForwardRef(str(error.name))
    return annotation


def _plain(value: object, hint: object) -> object:
    """NumPy's numbers as Python's, which any file holds; what `os.fspath` takes as a path; iterators as lists."""
    options = _options(hint)
    if Path in options and isinstance(value, PathLike) and isinstance(place := fspath(value), str):
        return Path(place)
    if (inner := _element(options)) is not None and (isinstance(value, Iterator) or _is_listing(value)):
        return [_plain(one, inner) for one in cast(Iterable[object], value)]
    if int in options and _fits(value, int):
        return index(cast(SupportsIndex, value))
    return float(cast(float, value)) if float in options and _fits(value, float) else value


def _element(options: Sequence[object]) -> object | None:
    """What the elements are if a value is a sequence; None where it may be none."""
    return next((get_args(option)[0] for option in options if get_origin(option) in (Sequence, Collection)), None)


def _is_listing(value: object) -> bool:
    """Whether a value is a sequence of others; an array of one number is not, which nothing goes through."""
    is_one = isinstance(value, (str, bytes, Mapping, Text)) or getattr(value, "shape", None) == ()
    return isinstance(value, Collection) and not is_one


def _wrong(name: str, value: object, hint: object) -> Iterator[Diagnostic]:
    options = _options(hint)
    if (inner := _element(options)) is not None and _is_listing(value):
        for position, one in enumerate(cast(Iterable[object], value)):
            yield from _wrong(f"{name}[{position}]", one, inner)
        return
    if _fits(value, hint):
        if Path in options and isinstance(value, (str, Path)):
            yield from _unfit(name, value)
        return
    if choices := [choice for option in options if get_origin(option) is Literal for choice in get_args(option)]:
        near = did_you_mean(value, choices) if isinstance(value, str) else ""
        message = f"no {name} is called {_shown(value)}{near}"
        yield Diagnostic(message, path=name, remedy=f"there are {', '.join(choices)}")
        return
    if isinstance(value, Mapping) and any(get_origin(option) is Mapping for option in options):
        key = next(key for key in value if not isinstance(key, str))
        yield Diagnostic(f"expected a text as each key, not {_shown(key)}", path=name)
        return
    *others, last = _words(options)
    expected = f"{', '.join(others)} or {last}" if others else last
    examples = (EXAMPLES.get(option) or EXAMPLES.get(get_origin(option)) for option in options)
    remedy = (
        'such as "resnet50" or "network.yaml"'
        if set(map(_name, options)) >= NETWORK
        else next(filter(None, examples), "")
    )
    yield Diagnostic(f"expected {expected}, not {_shown(value)}", path=name, remedy=remedy)


def _unfit(name: str, place: str | Path) -> Iterator[Diagnostic]:
    """What no file system takes for a name, found before `open` raises another error for each system."""
    text, parts = str(place), Path(place).parts
    if not text:
        yield Diagnostic("is empty", path=name, remedy='"." is the current folder')
    elif "\0" in text:
        yield Diagnostic(f"{quote(text)} holds a NUL character, which no name of a file does", path=name)
    elif longest := next((part for part in parts if len(part.encode(errors="replace")) > LONGEST), ""):
        size = len(longest.encode(errors="replace"))
        yield Diagnostic(f"{quote(longest)} has {size} bytes; a file's name has at most {LONGEST}", path=name)


def _shown(value: object) -> str:
    return repr(value) if value is None or isinstance(value, bool) else quote(value)  # not YAML's `null` and `true`


def _options(hint: object) -> tuple[object, ...]:
    return get_args(hint) if get_origin(hint) in (Union, UnionType) else (hint,)


def _words(options: Sequence[object]) -> list[str]:
    names = {_name(option): WORDS.get(get_origin(option) or option, f"a {_name(option)}") for option in options}
    if names.keys() >= NETWORK:
        meaning = ["the name of a network", "a spec file", "a mapping", "a Spec"]
        return [*meaning, *(word for name, word in names.items() if name not in NETWORK)]
    return list(dict.fromkeys(names.values()))


def _name(hint: object) -> str:
    if isinstance(hint, ForwardRef):
        return hint.__forward_arg__
    return str(getattr(get_origin(hint) or hint, "__name__", hint))


def _fits(value: object, hint: object) -> bool:
    """Whether an argument may have this value; numbers of NumPy count as numbers, and arrays as sequences."""
    origin, inner = get_origin(hint) or hint, get_args(hint)
    if origin in (Union, UnionType):
        return any(_fits(value, option) for option in inner)
    if origin is Literal:
        return isinstance(value, Hashable) and value in inner
    if isinstance(origin, ForwardRef):
        return any(kind.__name__ == origin.__forward_arg__ for kind in type(value).__mro__)
    if origin is bool:
        return isinstance(value, Hashable) and value in (True, False)
    if origin in (int, float):
        if isinstance(value, bool) or getattr(value, "shape", ()) != ():  # no truth value, and no array
            return False
        # `isinstance(value, SupportsIndex)` says the same, and takes minutes for an array of a million
        return hasattr(type(value), "__index__") if origin is int else isinstance(value, Real)
    if origin is Mapping:
        return isinstance(value, Mapping) and all(_fits(key, inner[0]) for key in value)
    if origin in (Sequence, Collection):
        return _is_listing(value) and all(_fits(item, inner[0]) for item in cast(Iterable[object], value))
    return not isinstance(origin, type) or isinstance(value, origin)
