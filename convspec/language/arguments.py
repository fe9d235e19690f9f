"""Arguments of public calls, checked against their annotations before anything is done with them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable, Iterator, Mapping, Sequence
from functools import cache, wraps
from inspect import Parameter, signature
from numbers import Real
from operator import index
from pathlib import Path
from types import NoneType, UnionType
from typing import ForwardRef, Literal, SupportsIndex, TypeVar, Union, cast, get_args, get_origin

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
NETWORK = {"str", "Path", "Mapping", "Text", "Spec"}
"""The types of what may be a network, which messages name by their meaning."""


def checked(call: Call) -> Call:
    """A call that raises `InputError` for each argument that its annotation does not allow, with what it may be.

    A class that only type checkers import is known by its name: it is never imported to look at an argument.
    """
    known = signature(call).parameters

    @cache  # when first called: annotations may name what is defined further down
    def hints() -> dict[str, object]:
        names = dict(call.__globals__)
        return {name: _evaluated(parameter.annotation, names) for name, parameter in known.items()}

    @wraps(call)
    def checking(*args: object, **kwargs: object) -> object:
        try:
            bound = signature(call).bind(*args, **kwargs)
        except TypeError:
            return call(*args, **kwargs)  # Python's own message names the call
        diagnostics = [
            diagnostic
            for name, value in bound.arguments.items()
            for one in (value if isinstance(value, tuple) and known[name].kind is Parameter.VAR_POSITIONAL else [value])
            for diagnostic in _wrong(name, one, hints()[name])
        ]
        if diagnostics:
            raise InputError(diagnostics)
        bound.arguments |= {name: _plain(value, hints()[name]) for name, value in bound.arguments.items()}
        return call(*bound.args, **bound.kwargs)

    return cast(Call, checking)


def _evaluated(annotation: object, names: dict[str, object]) -> object:
    """The type of an annotation, with a `ForwardRef` for each class that is not there."""
    while isinstance(annotation, str):
        try:
            annotation = eval(annotation, names)
        except NameError as error:
            names[str(error.name)] = ForwardRef(str(error.name))
    return annotation


def _plain(value: object, hint: object) -> object:
    """NumPy's numbers as Python's, which any file holds."""
    options = _options(hint)
    if int in options and isinstance(value, SupportsIndex) and not isinstance(value, bool):
        return index(value)
    return float(value) if float in options and isinstance(value, Real) else value


def _wrong(name: str, value: object, hint: object) -> Iterator[Diagnostic]:
    options = _options(hint)
    if _fits(value, hint):
        if any(_is_place(option) for option in options):
            yield from _unfit(name, [value] if isinstance(value, (str, Path)) else value)
        return
    if choices := [choice for option in options if get_origin(option) is Literal for choice in get_args(option)]:
        near = did_you_mean(value, choices) if isinstance(value, str) else ""
        message = f"no {name} is called {_shown(value)}{near}"
        yield Diagnostic(message, path=name, remedy=f"there are {', '.join(choices)}")
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


def _is_place(hint: object) -> bool:
    """Whether a value may name a file or a folder, or several."""
    return hint is Path or any(_is_place(inner) for inner in get_args(hint))


def _unfit(name: str, values: object) -> Iterator[Diagnostic]:
    """What no file system takes for a name, found before `open` raises another error for each system."""
    for value in values if isinstance(values, Sequence) and not isinstance(values, Text) else ():
        if not isinstance(value, (str, Path)):
            continue
        text, parts = str(value), Path(value).parts
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
        is_array = getattr(value, "shape", ()) != ()
        return (
            not isinstance(value, bool) and not is_array and isinstance(value, SupportsIndex if origin is int else Real)
        )
    if origin is Mapping:
        return isinstance(value, Mapping) and all(_fits(key, inner[0]) for key in value)
    if origin in (Sequence, Collection):
        if isinstance(value, (str, bytes, Mapping)) or not isinstance(value, Collection):
            return False
        if getattr(value, "shape", None) == ():  # an array of one number, which nothing goes through
            return False
        return all(_fits(item, inner[0]) for item in value)
    return not isinstance(origin, type) or isinstance(value, origin)
