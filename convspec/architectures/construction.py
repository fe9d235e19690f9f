"""From a constructor's arguments to a Keras model: the spec with its fields set, built, and its weights loaded."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import keras

from ..builder import build
from ..spec import Spec
from ..spec.checking import check, input_of
from ..spec.faults import Fault, FaultError
from ..spec.loading import document_of
from ..spec.overriding import with_overrides
from ..spec.reading import LocatedMap
from .constructor import Architecture
from .official import SIZES, fetch, find_official
from .request import COMMON, Request, check_request
from .terminal import say
from .weight_files import load_weight_file


def construct(architecture: Architecture, arguments: Mapping[str, Any]) -> keras.Model:
    """The model. Raises `FaultError` for arguments that no network can be built from."""
    return construct_with_spec(architecture, arguments)[0]


def construct_with_spec(architecture: Architecture, arguments: Mapping[str, Any]) -> tuple[keras.Model, Spec]:
    """The model and the spec that it was built from."""
    if keras.config.image_data_format() != "channels_last":
        remedy = "keras.config.set_image_data_format('channels_last')"
        raise FaultError(Fault("networks here have their channels last", path="image_data_format", remedy=remedy))
    own = {f"parameters.{key}": value for key, value in arguments.items() if key not in COMMON}
    source = document_of(architecture.spec, overrides=own)
    request = check_request(architecture, arguments, input_of(source))
    spec = check(with_overrides(source, _overrides(request, source)))
    path = request.weights if request.weights != "imagenet" else _official_file(request)
    how: dict[str, Any] = {"name": _model_name(request), "input_tensor": request.input_tensor}
    if not isinstance(path, Path):
        return build(spec, **how), spec
    graph = _without_top(request, source).graph if request.fresh_head else spec.graph
    replaced = [node.name for node in graph.nodes if node.kernels]
    model = build(spec, zero_kernels=replaced, **how)
    count = sum(1 for node in graph.layers() if node.weights) if request.fresh_head else None
    load_weight_file(model, path, count=count, average_channels=request.gray)
    return model, spec


def _overrides(request: Request, source: LocatedMap) -> dict[str, Any]:
    """The fields of the spec that the request sets, by their paths."""
    parameters, outputs = source.get("parameters", {}), source.get("outputs", {})
    changes: dict[str, Any] = {"input": list(request.shape)}
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


def _pooled(request: Request) -> list[dict[str, Any]]:
    """What follows the last feature map where there is no top."""
    blocks: list[dict[str, Any]] = []
    if request.pooling is not None:
        name = "" if request.architecture.automatic_pool else f"{request.pooling}_pool"
        blocks.append({"block": f"global_{request.pooling}_pool", "name": name})
    return [*blocks, *map(dict, request.architecture.after_pool)]


def _model_name(request: Request) -> str | None:
    """The name as given; MobileNet's and MobileNetV2's is made of width and size by default."""
    if request.name is None and (request.architecture.spec in SIZES):
        prefix = request.architecture.spec.replace("_", "")
        return f"{prefix}_{request.own['alpha']:0.2f}_{_file_size(request) or request.shape[0]}"
    return request.name


def _file_size(request: Request) -> int | None:
    """The image size whose official file is taken, for families with several."""
    if request.weights != "imagenet":
        return None
    height, width, _ = request.shape
    return height if height == width and height in SIZES.get(request.architecture.spec, ()) else 224


def _official_file(request: Request) -> Path:
    """Keras's file for the request, downloaded before anything is built; what is done with it is said."""
    spec, (height, width, _) = request.architecture.spec, request.shape
    if spec in SIZES and (height != width or height not in SIZES[spec]):
        known = ", ".join(map(str, SIZES[spec]))
        warnings.warn(f"official weights of {spec} are for squares of {known}; those for 224 are loaded", stacklevel=5)
    file = find_official(spec, request.own, _file_size(request), request.include_top and not request.fresh_head)
    path = fetch(file)
    if request.fresh_head:
        say(f"{spec}: official weights in the body; the head for {request.classes} classes starts afresh")
    if request.gray:
        say(f"{spec}: the kernels of the first layer are averaged over the channels, for images of one channel")
    return path


def _without_top(request: Request, source: LocatedMap) -> Spec:
    """The network up to its last feature map: what the official weights fill where the head starts afresh."""
    return check(with_overrides(source, _overrides(replace(request, include_top=False, pooling=None), source)))
