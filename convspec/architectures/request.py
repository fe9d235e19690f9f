"""What a caller of a constructor asks for, checked by Keras's rules before anything is built."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..spec.faults import Fault, FaultError, did_you_mean
from .constructor import Architecture
from .official import SIZES, has_official_weights

COMMON = (
    "include_top", "weights", "input_tensor", "input_shape", "pooling", "classes", "classifier_activation", "name",
)  # fmt: skip
Size = int | None
Shape = tuple[Size, Size, int]


@dataclass(frozen=True)
class Request:
    """The checked arguments. `shape` is (height, width, channels); `own` are the family's further arguments."""

    architecture: Architecture
    include_top: bool
    weights: str | Path | None
    input_tensor: Any
    shape: Shape
    pooling: str | None
    classes: int
    classifier_activation: str | None
    name: str | None
    own: Mapping[str, Any]

    @property
    def fresh_head(self) -> bool:
        """Whether only the body gets the official weights, since they are for 1000 classes."""
        return self.include_top and self.weights == "imagenet" and self.classes != 1000

    @property
    def gray(self) -> bool:
        """Whether official weights meet images of one channel."""
        return self.weights == "imagenet" and self.shape[2] == 1


def check_request(architecture: Architecture, arguments: Mapping[str, Any], default: Shape) -> Request:
    """The request, for a network whose spec has this input shape. Raises `FaultError` with all that is wrong."""
    faults = [*_weights(architecture, arguments), *_choices(arguments)]
    shape = default
    try:
        shape = _shape(architecture, arguments, default)
    except FaultError as error:
        faults += error.faults
    activation = arguments["classifier_activation"]
    try:
        activation = _activation_name(arguments)
    except FaultError as error:
        faults += error.faults
    if faults:
        raise FaultError(faults)
    return Request(
        architecture=architecture,
        include_top=bool(arguments["include_top"]),
        weights=_weights_value(arguments["weights"]),
        input_tensor=arguments["input_tensor"],
        shape=shape,
        pooling=arguments["pooling"],
        classes=arguments["classes"],
        classifier_activation=activation,
        name=arguments["name"],
        own={key: value for key, value in arguments.items() if key not in COMMON},
    )


def _weights_value(weights: Any) -> str | Path | None:
    return weights if weights is None or weights == "imagenet" else Path(os.fspath(weights)).expanduser()


def _weights(architecture: Architecture, arguments: Mapping[str, Any]) -> Iterator[Fault]:
    weights, remedy = arguments["weights"], "None for random weights, 'imagenet', or the path of a file"
    if weights is None:
        return
    if not isinstance(weights, (str, os.PathLike)):
        yield Fault(f"expected {remedy}, not {weights!r}", path="weights")
    elif weights == "imagenet":
        if not has_official_weights(architecture.spec):
            remedy = "weights=None, or the path of a file"
            yield Fault(f"there are no official weights for {architecture.spec}", path="weights", remedy=remedy)
    elif not Path(weights).expanduser().is_file():
        yield Fault(f"there is no file {os.fspath(weights)!r}", path="weights", remedy=f"it is {remedy}")


def _choices(arguments: Mapping[str, Any]) -> Iterator[Fault]:
    pooling, classes = arguments["pooling"], arguments["classes"]
    if pooling not in (None, "avg", "max"):
        hint = did_you_mean(pooling, ("avg", "max")) if isinstance(pooling, str) else ""
        yield Fault(f"expected None, 'avg' or 'max', not {pooling!r}{hint}", path="pooling")
    if not isinstance(classes, int) or isinstance(classes, bool) or classes < 1:
        yield Fault(f"expected a whole number above 0, not {classes!r}", path="classes")


def _activation_name(arguments: Mapping[str, Any]) -> str | None:
    """Keras's name of the classifier's activation, which may be given as a function of Keras."""
    activation: Any = arguments["classifier_activation"]
    if activation == "linear":
        activation = None
    if activation is not None and not isinstance(activation, str):
        import keras

        known = {name for name, function in vars(keras.activations).items() if function is activation}
        if not known:
            remedy = "take classifier_activation=None and add keras.layers.Activation behind the model"
            message = f"{activation!r} is no activation of Keras"
            raise FaultError(Fault(message, path="classifier_activation", remedy=remedy))
        activation = None if "linear" in known else min(known)
    if arguments["include_top"] and arguments["weights"] is not None and activation not in (None, "softmax"):
        message = f"weights come with 'softmax' or None, not {activation!r}"
        raise FaultError(Fault(message, path="classifier_activation"))
    return None if activation is None else str(activation)


def _shape(architecture: Architecture, arguments: Mapping[str, Any], default: Shape) -> Shape:
    given, tensor = arguments["input_shape"], arguments["input_tensor"]
    if given is not None:
        _check_sizes(architecture, arguments, _three_sizes(given), default)
    if tensor is not None:
        return _tensor_shape(tensor, given and _three_sizes(given))
    if given is not None:
        return _three_sizes(given)
    if arguments["include_top"] or not architecture.open_without_top:
        return default
    return (None, None, default[2])


def _three_sizes(given: Any) -> Shape:
    sizes = tuple(given) if isinstance(given, (tuple, list)) else ()
    whole = [isinstance(size, int) and not isinstance(size, bool) and size > 0 for size in sizes]
    if len(sizes) != 3 or not whole[2] or not all(ok or size is None for ok, size in zip(whole, sizes, strict=True)):
        message = f"expected (height, width, channels), height and width None where open, not {given!r}"
        raise FaultError(Fault(message, path="input_shape"))
    height, width, channels = sizes
    return height, width, channels


def _check_sizes(architecture: Architecture, arguments: Mapping[str, Any], given: Shape, default: Shape) -> None:
    top, imagenet = arguments["include_top"], arguments["weights"] == "imagenet"
    faults, minimum = [], architecture.minimum
    if any(size is not None and size < minimum for size in given[:2]):
        faults.append(f"{architecture.spec} needs at least {minimum}x{minimum}, not {given[0]}x{given[1]}")
    if top and None in given[:2] and architecture.top_needs_size:
        faults.append(f"with its top {architecture.spec} needs to know height and width, not {given}")
    if imagenet and given[2] not in (1, 3):
        faults.append(f"official weights are for 3 channels, or 1 of gray, not {given[2]}")
    allowed = {(size, size) for size in SIZES.get(architecture.spec, ())} | {default[:2]}
    official_top = imagenet and top and arguments["classes"] == 1000 and architecture.top_needs_size
    if official_top and not faults and given[:2] not in allowed:
        sizes = ", ".join(f"{height}x{width}" for height, width in sorted(allowed, key=str))
        faults.append(f"the official weights with their top are for {sizes}, not {given[0]}x{given[1]}")
    if faults:
        raise FaultError([Fault(message, path="input_shape") for message in faults])


def _tensor_shape(tensor: Any, given: Shape | None) -> Shape:
    import keras

    if not keras.backend.is_keras_tensor(tensor):
        remedy = "it is what keras.Input(shape) or a layer returns"
        raise FaultError(
            Fault(f"expected a Keras tensor, not {type(tensor).__name__}", path="input_tensor", remedy=remedy)
        )
    shape = _three_sizes(tuple(tensor.shape[1:]))
    if given is not None and any(size is not None and size != other for size, other in zip(given, shape, strict=True)):
        raise FaultError(Fault(f"{given} is not the shape of input_tensor, {shape}", path="input_shape"))
    return shape
