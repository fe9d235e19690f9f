"""The constructors by name: which module holds which, and building a network by its name in the catalogue."""

from __future__ import annotations

import difflib
import importlib
from collections.abc import Callable
from functools import cache
from typing import TYPE_CHECKING, Any

from ..spec import list_specs
from ..spec.faults import Fault, FaultError
from .features import Feature, feature_model, find_features

if TYPE_CHECKING:
    import keras

    from .constructor import Architecture

MODULES = (
    "alexnet",
    "convnext",
    "densenet",
    "densenet_cifar",
    "efficientnet",
    "efficientnet_v2",
    "googlenet",
    "imagenet_utils",
    "inception",
    "inception_resnet_v2",
    "inception_v3",
    "lenet",
    "mobilenet",
    "mobilenet_v2",
    "mobilenet_v3",
    "nasnet",
    "resnet",
    "resnet50",
    "resnet_cifar",
    "resnet_d",
    "resnet_rs",
    "resnet_v2",
    "resnext",
    "senet",
    "small",
    "squeezenet",
    "vgg",
    "vgg16",
    "vgg19",
    "wide_resnet",
    "xception",
    "zfnet",
)
"""The modules of this package that are public, named as keras.applications' where it has one."""


def list_models(pattern: str = "*") -> list[str]:
    """The networks whose names match a shell pattern: `list_models("resnet*")`."""
    return list_specs(pattern)


def create(name: str, *args: Any, features: bool = False, **kwargs: Any) -> keras.Model:
    """The network of this name, with the arguments of its constructor.

    With `features` the model has no top and its outputs are the last layer of each resolution, finest first;
    `feature_info` lists them. Raises `FaultError`, with the nearest name for an unknown one.
    """
    build = find_constructor(name)
    if not features:
        return build(*args, **kwargs)
    for argument, needed in (("include_top", False), ("pooling", None)):
        if kwargs.setdefault(argument, needed) is not needed:
            raise FaultError(Fault("features are those of the body, without top or pooling", path=argument))
    from .construction import construct_with_spec

    signature = build.__signature__  # type: ignore[attr-defined]
    bound = signature.bind(*args, **kwargs)
    bound.apply_defaults()
    model, spec = construct_with_spec(architecture_of(build), bound.arguments)
    return feature_model(model, spec.graph)


def feature_info(name: str, **parameters: Any) -> list[Feature]:
    """Name, stride, channels and shape of the features of a network at its default size, finest first.

    `parameters` are those of its spec, such as `alpha=0.5`. Needs no Keras.
    """
    from ..spec import load

    architecture = architecture_of(find_constructor(name))
    spec = load(architecture.spec, overrides={f"parameters.{key}": value for key, value in parameters.items()})
    changes: dict[str, Any] = {"head": [dict(block) for block in architecture.after_pool] or None}
    changes |= {"outputs": {}} if spec.document.outputs else {}
    return find_features(spec.with_overrides(changes).graph)


def find_constructor(name: str) -> Callable[..., keras.Model]:
    """The constructor of a network by its name in the catalogue or its own: `resnet50`, `ResNet50`.

    Raises `FaultError` with the nearest names where there is none.
    """
    by_spec = constructors()
    by_class = {build.__name__: build for build in by_spec.values()}
    if name in by_spec or name in by_class:
        return by_spec[name] if name in by_spec else by_class[name]
    near = difflib.get_close_matches(name, [*by_spec, *by_class], n=4)
    hint = f"; did you mean {' or '.join(map(repr, near))}?" if near else ""
    raise FaultError(Fault(f"no network is called {name!r}{hint}", remedy="list_models() names them all"))


@cache
def constructors() -> dict[str, Callable[..., keras.Model]]:
    """Every constructor, by the name of its spec."""
    return {
        architecture_of(value).spec: value
        for module in MODULES
        for value in vars(importlib.import_module(f".{module}", __package__)).values()
        if hasattr(value, "architecture")
    }


def architecture_of(build: Callable[..., keras.Model]) -> Architecture:
    """What a constructor knows."""
    return build.architecture  # type: ignore[attr-defined, no-any-return]
