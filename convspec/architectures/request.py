"""What a caller of a constructor asks for, checked by Keras's rules before anything is built."""

from __future__ import annotations

import operator
import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from numbers import Real
from pathlib import Path
from typing import TYPE_CHECKING, SupportsIndex, TypeGuard

import keras
import numpy as np

from ..graph import ACTIVATIONS
from ..language.diagnostics import Diagnostic, InputError, did_you_mean
from .official import SIZES, has_official_weights
from .signatures import COMMON

if TYPE_CHECKING:
    from .constructor import Architecture

Arguments = Mapping[str, object]
Size = int | None
Shape = tuple[Size, Size, int]


@dataclass(frozen=True)
class Request:
    """The checked arguments.

    `shape` is the (height, width, channels) that the network gets, `given` the argument; `own` are the family's further
    arguments. A `classifier_activation` that no spec can name, a function of the caller's own, is in `function`.
    """

    architecture: Architecture[...]
    include_top: bool
    weights: str | Path | None
    input_tensor: keras.KerasTensor | None
    shape: Shape
    given: Shape | None
    pooling: str | None
    classes: int
    classifier_activation: str | None
    function: Callable[..., object] | None
    name: str | None
    own: Mapping[str, float]

    @property
    def fresh_head(self) -> bool:
        """Whether only the body gets the official weights, since they are for 1000 classes."""
        return self.include_top and self.weights == "imagenet" and self.classes != 1000

    @property
    def gray(self) -> bool:
        """Whether official weights meet images of one channel."""
        return self.weights == "imagenet" and self.shape[2] == 1


def check_request(architecture: Architecture[...], arguments: Arguments, default: Shape) -> Request:
    """The request, for a network whose spec has this input shape. Raises `InputError` with all that is wrong."""
    diagnostics = [*_weights(architecture, arguments), *_choices(arguments)]
    shape, given = default, None
    try:
        given = None if arguments["input_shape"] is None else three_sizes(arguments["input_shape"])
        shape = _shape(architecture, arguments, given, default)
    except InputError as error:
        diagnostics += error.diagnostics
    name: str | None = None
    function: Callable[..., object] | None = None
    if arguments["include_top"]:  # Keras, too, looks at it only then
        try:
            name, function = _activation(arguments)
        except InputError as error:
            diagnostics += error.diagnostics
    if diagnostics:
        raise InputError(diagnostics)
    classes = arguments["classes"]
    return Request(
        architecture=architecture,
        include_top=bool(arguments["include_top"]),
        weights=_weights_value(arguments["weights"]),
        input_tensor=arguments["input_tensor"],
        shape=shape,
        given=given,
        pooling=_text(arguments["pooling"]),
        classes=operator.index(classes) if arguments["include_top"] and is_whole(classes) else 0,
        classifier_activation=name,
        function=function,
        name=_text(arguments["name"]),
        own={key: value for key, value in arguments.items() if key not in COMMON and isinstance(value, (int, float))},
    )


def _text(value: object) -> str | None:
    return None if value is None else str(value)


def _weights_value(weights: object) -> str | Path | None:
    if not isinstance(weights, (str, os.PathLike)):
        return None
    return "imagenet" if weights == "imagenet" else Path(weights).expanduser()


def _weights(architecture: Architecture[...], arguments: Arguments) -> Iterator[Diagnostic]:
    weights, remedy = arguments["weights"], "None for random weights, 'imagenet', or the path of a file"
    if weights is None:
        return
    if not isinstance(weights, (str, os.PathLike)):
        yield Diagnostic(f"expected {remedy}, not {weights!r}", path="weights")
    elif weights == "imagenet":
        if not has_official_weights(architecture.spec):
            remedy = "weights=None, or the path of a file"
            yield Diagnostic(f"there are no official weights for {architecture.spec}", path="weights", remedy=remedy)
    elif not Path(weights).expanduser().is_file():
        yield Diagnostic(f"there is no file {os.fspath(weights)!r}", path="weights", remedy=f"it is {remedy}")


def _choices(arguments: Arguments) -> Iterator[Diagnostic]:
    pooling, classes = arguments["pooling"], arguments["classes"]
    if pooling not in (None, "avg", "max"):
        hint = did_you_mean(pooling, ("avg", "max")) if isinstance(pooling, str) else ""
        yield Diagnostic(f"expected None, 'avg' or 'max', not {pooling!r}{hint}", path="pooling")
    if not isinstance(arguments["name"], (str, type(None))):
        yield Diagnostic(f"expected a text or None, not {arguments['name']!r}", path="name")
    if arguments["include_top"] and not is_positive(classes):
        yield Diagnostic(f"expected a whole number above 0, not {classes!r}", path="classes")


def own_values(arguments: Arguments, defaults: Arguments) -> dict[str, float]:
    """A family's further arguments as plain values of the types of their defaults: 1 for True, NumPy's numbers.

    Raises `InputError` with all that are of another kind.
    """
    values: dict[str, float] = {}
    diagnostics = []
    for name, default in defaults.items():
        if name in COMMON:
            continue
        value = _number(arguments[name])
        if isinstance(default, bool) and value is not None:
            values[name] = bool(value)
        elif isinstance(default, int) and not isinstance(default, bool) and value is not None and value.is_integer():
            values[name] = int(value)
        elif isinstance(default, float) and value is not None:
            values[name] = value
        else:
            kind = {bool: "True or False", int: "a whole number"}.get(type(default), "a number")
            diagnostics.append(Diagnostic(f"expected {kind}, not {arguments[name]!r}", path=name))
    if diagnostics:
        raise InputError(diagnostics)
    return values


def _number(value: object) -> float | None:
    """A number of Python or NumPy; None for anything else, and for what is not a number."""
    return float(value) if isinstance(value, (Real, np.bool_)) and value == value else None


def is_whole(value: object) -> TypeGuard[SupportsIndex]:
    """Whether a value is a whole number, of Python or NumPy."""
    return hasattr(value, "__index__") and not isinstance(value, bool) and getattr(value, "shape", ()) == ()


def is_positive(value: object) -> TypeGuard[SupportsIndex]:
    """Whether a value is a whole number above 0."""
    return is_whole(value) and operator.index(value) > 0


def _activation(arguments: Arguments) -> tuple[str | None, Callable[..., object] | None]:
    """The activation's name in a spec; where it has none there, linear and the function to put in its place."""
    functions = [name for name, function in ACTIVATIONS.items() if function.layer is None]
    given = arguments["classifier_activation"]
    if given is None or isinstance(given, str):
        if given is not None and given not in functions and given not in vars(keras.activations):
            message = f"no activation is called {given!r}{did_you_mean(given, functions)}"
            raise InputError(message, path="classifier_activation")
        function: Callable[..., object] = keras.activations.get(given)
    elif callable(given):
        function = given
    else:
        message = f"expected an activation's name, a function or None, not {given!r}"
        raise InputError(message, path="classifier_activation")
    names = [name for name, value in vars(keras.activations).items() if value is function]
    if arguments["weights"] is not None and "softmax" not in names and "linear" not in names:
        raise InputError(f"weights come with 'softmax' or None, not {given!r}", path="classifier_activation")
    if "linear" in names:
        return None, None
    known = [name for name in names if name in functions]
    return (min(known), None) if known else (None, function)


def _shape(architecture: Architecture[...], arguments: Arguments, given: Shape | None, default: Shape) -> Shape:
    if given is not None:
        _check_sizes(architecture, arguments, given, default)
    if arguments["input_tensor"] is not None:
        return _tensor_shape(arguments["input_tensor"], given if architecture.compares_shapes else None)
    if given is not None:
        return given
    if arguments["include_top"] or not architecture.open_without_top:
        return default
    return (None, None, default[2])


def three_sizes(given: object) -> Shape:
    """(height, width, channels) from a tuple, a list or a TensorShape, of numbers of Python or NumPy.

    Raises `InputError`.
    """
    sizes: Sequence[object] = tuple(given) if isinstance(given, Iterable) else ()
    if len(sizes) == 3:
        height, width, channels = sizes
        if is_positive(channels) and all(size is None or is_positive(size) for size in (height, width)):
            return _size(height), _size(width), operator.index(channels)
    message = f"expected (height, width, channels), height and width None where open, not {given!r}"
    raise InputError(message, path="input_shape")


def _size(size: object) -> Size:
    return operator.index(size) if is_positive(size) else None


def _check_sizes(architecture: Architecture[...], arguments: Arguments, given: Shape, default: Shape) -> None:
    top, imagenet = arguments["include_top"], arguments["weights"] == "imagenet"
    diagnostics, minimum = [], architecture.minimum
    if any(size is not None and size < minimum for size in given[:2]):
        diagnostics.append(f"{architecture.spec} needs at least {minimum}x{minimum}, not {given[0]}x{given[1]}")
    if top and None in given[:2] and architecture.top_needs_size:
        diagnostics.append(f"with its top {architecture.spec} needs to know height and width, not {given}")
    if imagenet and given[2] not in (1, 3):
        diagnostics.append(f"official weights are for 3 channels, or 1 of gray, not {given[2]}")
    allowed = {(size, size) for size in SIZES.get(architecture.spec, ())} | {default[:2]}
    official_top = imagenet and top and arguments["classes"] == 1000 and architecture.top_needs_size
    if official_top and not diagnostics and given[:2] not in allowed:
        sizes = ", ".join(f"{height}x{width}" for height, width in sorted(allowed, key=str))
        diagnostics.append(f"the official weights with their top are for {sizes}, not {given[0]}x{given[1]}")
    if diagnostics:
        raise InputError([Diagnostic(message, path="input_shape") for message in diagnostics])


def _tensor_shape(tensor: keras.KerasTensor, given: Shape | None) -> Shape:
    if not keras.backend.is_keras_tensor(tensor):
        remedy = "it is what keras.Input(shape) or a layer returns"
        raise InputError(f"expected a Keras tensor, not {type(tensor).__name__}", path="input_tensor", remedy=remedy)
    shape = three_sizes(tuple(tensor.shape[1:]))
    if given is not None and any(size is not None and size != other for size, other in zip(given, shape, strict=True)):
        raise InputError(f"{given} is not the shape of input_tensor, {shape}", path="input_shape")
    return shape
