"""Constructors: functions with keras.applications' signatures, made from the name of a spec."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Generic, ParamSpec

from ..keras_import import import_silently
from .official import has_official_weights
from .signatures import ARGUMENTS, standard

if TYPE_CHECKING:
    import keras

P = ParamSpec("P")


@dataclass(frozen=True)
class Architecture(Generic[P]):
    """What a constructor knows beyond its spec and its arguments; a call makes the constructor of a further network.

    `like` is the template of its signature. `minimum` is the smallest height and width; `top_needs_size`: with the top
    an open height or width is an error; `open_without_top`: without it they are open by default. `compares_shapes`: an
    `input_shape` must be that of `input_tensor`; otherwise the tensor's is taken, as Keras does. `automatic_pool`
    leaves the name of the pool behind the last map to Keras, and `after_pool` are the blocks that follow it. `defaults`
    are the values of all arguments.
    """

    like: Callable[P, object]
    spec: str = ""
    minimum: int = 1
    top_needs_size: bool = True
    open_without_top: bool = True
    compares_shapes: bool = False
    automatic_pool: bool = False
    after_pool: tuple[Mapping[str, object], ...] = ()
    defaults: Mapping[str, object] = field(default_factory=dict, compare=False)

    def __call__(
        self, class_name: str, spec: str = "", *, name: str | None = "", classes: int | None = 1000
    ) -> Callable[P, keras.Model]:
        """A function `class_name` with the signature of `like`; its spec is by default its name in lower case.

        `name` is the model's by default, else the spec's. Weights default to "imagenet" where official ones exist.
        """
        spec = spec or class_name.lower()
        defaults: dict[str, object] = {"name": spec if name == "" else name, "classes": classes}
        if not has_official_weights(spec):
            defaults["weights"] = None
        signature = _with_defaults(inspect.signature(self.like), defaults)
        known = {parameter.name: parameter.default for parameter in signature.parameters.values()}
        architecture = replace(self, spec=spec, defaults=known)

        def construct_network(*args: P.args, **kwargs: P.kwargs) -> keras.Model:
            import_silently()
            from .construction import construct

            bound = signature.bind(*args, **kwargs)
            bound.apply_defaults()
            return construct(architecture, bound.arguments)[0]

        construct_network.__name__ = construct_network.__qualname__ = class_name
        construct_network.__module__ = sys._getframe(1).f_globals["__name__"]
        construct_network.__doc__ = _describe(class_name, spec, self.like)
        construct_network.__dict__.update(__signature__=signature, architecture=architecture)
        return construct_network


def _with_defaults(signature: inspect.Signature, defaults: Mapping[str, object]) -> inspect.Signature:
    parameters = [
        parameter.replace(default=defaults.get(parameter.name, parameter.default))
        for parameter in signature.parameters.values()
    ]
    return signature.replace(parameters=parameters)


def _describe(class_name: str, spec: str, like: Callable[..., object]) -> str:
    own = "" if like is standard else f"\n{inspect.getdoc(like)}\n"
    return (
        f"{class_name} as a Keras model: the network `{spec}` of the catalogue.\n\n"
        f"`convspec inspect {spec}` prints its layers.\n{own}{ARGUMENTS}"
    )
