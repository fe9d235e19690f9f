"""How weights start: Keras's initializers, by the names that a spec takes."""

from __future__ import annotations

from typing import Annotated, NamedTuple, TypeGuard

from pydantic import Field, PlainValidator, WithJsonSchema

from ..printing import quote
from ..suggestions import did_you_mean, meant, spelled

Initializer = str | dict[str, object]
"""A name, or `{class_name: ..., config: {...}}`."""


class Start(NamedTuple):
    """One of Keras's initializers."""

    aliases: tuple[str, ...] = ()
    """Its names in other tools and papers."""
    for_kernels_alone: bool = False
    """Whether it needs two axes, which a bias has not."""
    needs_config: bool = False
    """Whether its class has no useful default: it has no short name then."""


INITIALIZERS = {
    "zeros": Start(("zero",)),
    "ones": Start(("one",)),
    "random_normal": Start(("normal", "gaussian")),
    "random_uniform": Start(("uniform",)),
    "truncated_normal": Start(),
    "variance_scaling": Start(),
    "orthogonal": Start(for_kernels_alone=True),
    "glorot_normal": Start(("xavier_normal",)),
    "glorot_uniform": Start(("xavier", "xavier_uniform")),
    "he_normal": Start(("kaiming", "kaiming_normal", "msra")),
    "he_uniform": Start(("kaiming_uniform",)),
    "lecun_normal": Start(),
    "lecun_uniform": Start(),
    "constant": Start(needs_config=True),
    "identity": Start(for_kernels_alone=True, needs_config=True),
}

NAMES = tuple(name for name, start in INITIALIZERS.items() if not start.needs_config)
CLASSES = {"".join(word.capitalize() for word in name.split("_")): name for name in INITIALIZERS}
ALIASES = {alias: name for name, start in INITIALIZERS.items() for alias in start.aliases}


def _initializer(value: object) -> Initializer:
    if isinstance(value, str):
        name, known = value, NAMES
    elif _has_class(value):
        name, known = str(value["class_name"]), (*CLASSES, *NAMES)
    else:
        expected = "an initializer's name or {class_name: ..., config: {...}}"
        raise ValueError(f"expected {expected}, not {quote(value)}")
    if name not in known:
        raise ValueError(f"no initializer is called {quote(name)}{_suggestion(name, known)}")
    return value


def _has_class(value: object) -> TypeGuard[dict[str, object]]:
    return (
        isinstance(value, dict)
        and isinstance(value.get("class_name"), str)
        and isinstance(value.get("config", {}), dict)
    )


def _suggestion(name: str, known: tuple[str, ...]) -> str:
    if (start := INITIALIZERS.get(spelled(name))) and start.needs_config:
        return f"; write {{class_name: {name.capitalize()}, config: {{...}}}}"
    if alias := meant(name, known, ALIASES):
        return f"; did you mean {alias!r}?"
    return did_you_mean(name, known) or f"; there are {', '.join(NAMES)}"


def _bias_initializer(value: object) -> Initializer:
    initializer = _initializer(value)
    name = str(initializer["class_name"]) if isinstance(initializer, dict) else initializer
    if INITIALIZERS[CLASSES.get(name, name)].for_kernels_alone:
        raise ValueError(f"{name} initializes kernels: it needs two axes, and a bias has one")
    return initializer


def _schema(names: list[str]) -> WithJsonSchema:
    return WithJsonSchema({"anyOf": [{"enum": names}, {"type": "object"}]})


KernelInitializer = Annotated[
    Initializer, PlainValidator(_initializer), _schema(list(NAMES)), Field(description="how weights start")
]
BiasInitializer = Annotated[
    Initializer,
    PlainValidator(_bias_initializer),
    _schema([name for name in NAMES if not INITIALIZERS[name].for_kernels_alone]),
    Field(description="how biases start"),
]
