"""From a constructor's arguments to a Keras model: the spec with its fields set, built, and its weights loaded."""

from __future__ import annotations

import sys
import warnings
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import keras

from ..builder import build_graph, check_keras_settings
from ..keras_model import carry_spec
from ..language import Spec
from ..language.diagnostics import Diagnostic, InputError
from ..language.loading import document_of
from ..language.located import LocatedMap
from ..language.overriding import with_overrides
from ..language.spec import check, input_of
from ..private_names import layer_of
from .official import SIZES, fetch, find_official
from .request import Request, check_request, own_values
from .signatures import COMMON
from .weight_files import load_weight_file

if TYPE_CHECKING:
    from .constructor import Architecture  # which imports this module when it is called


def construct(architecture: Architecture[...], arguments: Mapping[str, object]) -> tuple[keras.Model, Spec]:
    """The model and its spec. Raises `InputError` for arguments that no network can be built from."""
    check_keras_settings()
    request, source, spec = _checked(architecture, arguments)
    path = request.weights if request.weights != "imagenet" else _official_file(request)
    replaced: list[str] = []
    count = None
    if isinstance(path, Path):
        graph = _with_top(request, source, False).graph if request.fresh_head else spec.graph
        replaced = [node.name for node in graph.nodes if node.kernels]
        count = sum(1 for node in graph.layers() if node.weights) if request.fresh_head else None
    model = build_graph(spec.graph, _model_name(request), input_tensor=request.input_tensor, zero_kernels=replaced)
    if request.function is None:
        carry_spec(model, spec)
    else:  # no spec can name it
        for tensor in model.outputs:
            layer_of(tensor).activation = request.function
    if isinstance(path, Path):
        beyond = _weights_with_top(request, source, path)
        front = _layers_before(request.input_tensor)
        load_weight_file(model, path, count=count, average_channels=request.gray, front=front, beyond=beyond)
    return model, spec


def _checked(architecture: Architecture[...], arguments: Mapping[str, object]) -> tuple[Request, LocatedMap, Spec]:
    """The request, the document it changes, and the network. Raises `InputError` in terms of the arguments."""
    arguments = {**arguments, **own_values(arguments, architecture.defaults)}
    try:
        return _tried(architecture, arguments)
    except InputError as error:
        if all(diagnostic.path in arguments and not diagnostic.line for diagnostic in error.diagnostics):
            raise
        raise _in_terms_of_arguments(error, architecture, arguments) from None


def _tried(architecture: Architecture[...], arguments: Mapping[str, object]) -> tuple[Request, LocatedMap, Spec]:
    own = {f"parameters.{key}": value for key, value in arguments.items() if key not in COMMON}
    source = document_of(architecture.spec, overrides=own)
    request = check_request(architecture, arguments, input_of(source))
    return request, source, check(with_overrides(source, _overrides(request, source)))


def _in_terms_of_arguments(
    error: InputError, architecture: Architecture[...], arguments: Mapping[str, object]
) -> InputError:
    """What is wrong, by the arguments whose defaults would mend it; the caller never sees a line of our documents."""
    message, remedy = error.diagnostics[0].message, error.diagnostics[0].remedy
    given = [name for name, default in architecture.defaults.items() if arguments[name] is not default]
    guilty = [name for name in given if _mended(architecture, {**arguments, name: architecture.defaults[name]})]
    return InputError(
        Diagnostic(f"{arguments[name]!r} gives no network: {message}", name, remedy) for name in guilty or given
    )


def _mended(architecture: Architecture[...], arguments: Mapping[str, object]) -> bool:
    try:
        _tried(architecture, arguments)
    except InputError:
        return False
    return True


def _layers_before(tensor: keras.KerasTensor | None) -> list[keras.Layer]:
    """The layers that a tensor comes from, which are the caller's own."""
    return [] if tensor is None else list(keras.Model(keras.utils.get_source_inputs(tensor), tensor).layers)


def _weights_with_top(request: Request, source: LocatedMap, path: Path) -> int | None:
    """How many weights the network has with its top, where a file of Keras 3 may hold more than the body's."""
    if request.include_top or path.suffix not in (".h5", ".keras"):
        return None
    shape = input_of(source)  # a flattened map needs a size, and the number of weights does not depend on it
    whole = _with_top(replace(request, classes=1000, shape=shape), source, True)
    return sum(len(node.weights) for node in whole.graph.layers())


def _overrides(request: Request, source: LocatedMap) -> dict[str, object]:
    """The fields of the spec that the request sets, by their paths."""
    parameters, outputs = source.section("parameters"), source.section("outputs")
    changes: dict[str, object] = {"input": list(request.shape)}
    if "imagenet_weights" in parameters and request.weights == "imagenet":
        changes["parameters.imagenet_weights"] = True
    if "prefix" in parameters and request.name is not None:
        changes["parameters.prefix"] = request.name
    if not request.include_top:
        return changes | {"head": _pooled(request) or None, **({"outputs": {}} if outputs else {})}
    changes["classes"] = request.classes
    if "classifier_activation" in parameters:
        changes["parameters.classifier_activation"] = request.classifier_activation
    else:
        changes["head.classifier_activation"] = request.classifier_activation
        changes |= {f"outputs.{name}.head.classifier_activation": request.classifier_activation for name in outputs}
    return changes


def _pooled(request: Request) -> list[dict[str, object]]:
    """What follows the last feature map where there is no top."""
    blocks: list[dict[str, object]] = []
    if request.pooling is not None:
        name = "" if request.architecture.automatic_pool else f"{request.pooling}_pool"
        blocks.append({"block": f"global_{request.pooling}_pool", "name": name})
    return [*blocks, *map(dict, request.architecture.after_pool)]


def _model_name(request: Request) -> str | None:
    """The name as given; MobileNet's and MobileNetV2's is made of width and size by default."""
    if request.name is None and (request.architecture.spec in SIZES):
        prefix = request.architecture.spec.replace("_", "")
        return f"{prefix}_{request.own['alpha']:0.2f}_{_rows(request)}"
    return request.name


def _rows(request: Request) -> int | None:
    """The height for which MobileNet and MobileNetV2 are named and get their file, by Keras's rule.

    It asks the argument `input_shape` alone, and only MobileNetV2 with its top asks `input_tensor`, too.
    """
    sizes, rows, columns = SIZES[request.architecture.spec], None, None
    if request.given is not None:
        rows, columns = request.given[:2]
    elif request.include_top:
        asks = request.architecture.compares_shapes and request.input_tensor is not None
        height, width = request.shape[:2] if asks else (None, None)
        rows = columns = height if height == width and height in sizes else 224
    if request.weights == "imagenet" and (rows != columns or rows not in sizes):
        return 224
    return rows


def _official_file(request: Request) -> Path:
    """Keras's file for the request, downloaded before anything is built; what is done with it is said."""
    spec, size = request.architecture.spec, None
    if spec in SIZES:
        size = _rows(request)
        if request.shape[:2] != (size, size):
            known = ", ".join(map(str, SIZES[spec]))
            message = f"official weights of {spec} are for squares of {known}; those for {size} are loaded"
            warnings.warn(message, stacklevel=4)
    file = find_official(spec, request.own, size, request.include_top and not request.fresh_head)
    path = fetch(file)
    if request.fresh_head:
        _say(f"{spec}: official weights in the body; the head for {request.classes} classes starts afresh")
    if request.gray:
        _say(f"{spec}: the kernels of the first layer are averaged over the channels, for images of one channel")
    return path


def _with_top(request: Request, source: LocatedMap, include_top: bool) -> Spec:
    """The network with its top or without it, whatever was asked for."""
    return check(with_overrides(source, _overrides(replace(request, include_top=include_top, pooling=None), source)))


def _say(message: str) -> None:
    sys.stderr.write(f"convspec: {message}\n")
