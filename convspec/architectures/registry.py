"""The constructors by name: those of the modules that keras.applications has, and those made from the catalogue's data.

A module says what Keras does beyond the spec; any other network of its file is made alike, and all others take the
arguments that most do. So a network needs its spec, and nothing here.
"""

from __future__ import annotations

import difflib
import importlib
import inspect
from collections.abc import Callable
from functools import cache
from types import ModuleType
from typing import TYPE_CHECKING

from ..keras_import import import_silently
from ..language import list_specs, load
from ..language.catalogue import class_name, classes_of, file_of
from ..language.diagnostics import InputError
from ..read_only import ReadOnlyDict
from .constructor import Architecture
from .features import Feature, feature_model, find_features
from .signatures import standard

if TYPE_CHECKING:
    import keras


MODULES = (
    "convnext",
    "densenet",
    "efficientnet",
    "efficientnet_v2",
    "imagenet_utils",
    "inception_resnet_v2",
    "inception_v3",
    "mobilenet",
    "mobilenet_v2",
    "mobilenet_v3",
    "nasnet",
    "resnet",
    "resnet50",
    "resnet_v2",
    "vgg16",
    "vgg19",
    "xception",
)
"""The modules of keras.applications, which this package has, too."""


def list_models(pattern: str = "*") -> list[str]:
    """The networks whose names match a shell pattern: `list_models("resnet*")`."""
    return list_specs(pattern)


def create(name: str, *args: object, features: bool = False, **kwargs: object) -> keras.Model:
    """The network of this name, with the arguments of its constructor.

    With `features` the model has no top and its outputs are the last layer of each resolution, finest first;
    `feature_info` lists them. Raises `InputError`, with the nearest name for an unknown one.
    """
    build = find_constructor(name)
    if not features:
        return build(*args, **kwargs)
    for argument, needed in (("include_top", False), ("pooling", None)):
        if kwargs.setdefault(argument, needed) is not needed:
            raise InputError("features are those of the body, without top or pooling", path=argument)
    import_silently()
    from .construction import construct

    bound = inspect.signature(build).bind(*args, **kwargs)
    bound.apply_defaults()
    model, spec = construct(architecture_of(build), bound.arguments)
    return feature_model(model, spec.graph)


def feature_info(name: str, **parameters: object) -> list[Feature]:
    """Name, stride, channels and shape of the features of a network at its default size, finest first.

    `parameters` are those of its spec, such as `alpha=0.5`. Needs no Keras.
    """
    architecture = architecture_of(find_constructor(name))
    spec = load(architecture.spec, overrides={f"parameters.{key}": value for key, value in parameters.items()})
    changes: dict[str, object] = {"head": [dict(block) for block in architecture.after_pool] or None}
    changes |= {"outputs": {}} if spec.document.outputs else {}
    return find_features(spec.with_overrides(changes).graph)


def find_constructor(name: str) -> Callable[..., keras.Model]:
    """The constructor of a network by its name in the catalogue or its own: `resnet50`, `ResNet50`.

    Raises `InputError` with the nearest names where there is none.
    """
    classes = class_names()
    spec = classes.get(name, name)
    if spec in classes.values():
        return constructor_of(spec)
    near = difflib.get_close_matches(name, [*classes.values(), *classes], n=4)
    hint = f"; did you mean {' or '.join(map(repr, near))}?" if near else ""
    raise InputError(f"no network is called {name!r}{hint}", remedy="list_models() names them all")


def constructors() -> dict[str, Callable[..., keras.Model]]:
    """Every constructor, by the name of its spec."""
    return {name: constructor_of(name) for name in list_specs()}


@cache
def class_names() -> dict[str, str]:
    """The name of every constructor -> the name of its spec."""
    twins = _of_modules()
    return ReadOnlyDict({twins[name].__name__ if name in twins else class_name(name): name for name in list_specs()})


@cache
def constructor_of(spec: str) -> Callable[..., keras.Model]:
    """The constructor of a network of the catalogue: a module's, else made as those of its file."""
    if spec in _of_modules():
        return _of_modules()[spec]
    file = file_of(spec)
    make = _module(file).network if file in MODULES else Architecture(standard)
    build: Callable[..., keras.Model] = make(class_name(spec), spec, classes=classes_of(spec))
    build.__module__ = __package__  # where it can be imported from
    return build


@cache
def _of_modules() -> dict[str, Callable[..., keras.Model]]:
    """The constructors that a module declares, by the name of their spec."""
    return {
        architecture_of(value).spec: value
        for module in MODULES
        for value in vars(_module(module)).values()
        if hasattr(value, "architecture")
    }


def _module(name: str) -> ModuleType:
    return importlib.import_module(f".{name}", __package__)


def architecture_of(build: Callable[..., keras.Model]) -> Architecture[...]:
    """What a constructor knows."""
    found: Architecture[...] = vars(build)["architecture"]
    return found
