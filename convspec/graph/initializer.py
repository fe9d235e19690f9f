"""How weights start: Keras's initializers, by the names that a spec takes."""

from __future__ import annotations

import math
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
    fields: tuple[str, ...] = ()
    """What its `config` may set: Keras's argument names."""


INITIALIZERS = {
    "zeros": Start(("zero",)),
    "ones": Start(("one",)),
    "random_normal": Start(("normal", "gaussian"), fields=("mean", "stddev", "seed")),
    "random_uniform": Start(("uniform",), fields=("minval", "maxval", "seed")),
    "truncated_normal": Start(fields=("mean", "stddev", "seed")),
    "variance_scaling": Start(fields=("scale", "mode", "distribution", "seed")),
    "orthogonal": Start(for_kernels_alone=True, fields=("gain", "seed")),
    "glorot_normal": Start(("xavier_normal",), fields=("seed",)),
    "glorot_uniform": Start(("xavier", "xavier_uniform"), fields=("seed",)),
    "he_normal": Start(("kaiming", "kaiming_normal", "msra"), fields=("seed",)),
    "he_uniform": Start(("kaiming_uniform",), fields=("seed",)),
    "lecun_normal": Start(fields=("seed",)),
    "lecun_uniform": Start(fields=("seed",)),
    "constant": Start(needs_config=True, fields=("value",)),
    "identity": Start(for_kernels_alone=True, needs_config=True, fields=("gain",)),
}

NAMES = tuple(name for name, start in INITIALIZERS.items() if not start.needs_config)
CLASSES = {"".join(word.capitalize() for word in name.split("_")): name for name in INITIALIZERS}
WORDS = {
    "mode": ("fan_in", "fan_out", "fan_avg"),
    "distribution": ("normal", "truncated_normal", "untruncated_normal", "uniform"),
}
"""The fields of a `config` that are words, each with its words; all others are numbers."""
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
    if isinstance(value, dict):
        _check_config(name, value)
    return value


def _check_config(name: str, value: dict[str, object]) -> None:
    """Raise `ValueError` where Keras's class does not take what `config` says."""
    fields, config = INITIALIZERS[CLASSES.get(name, name)].fields, value.get("config", {})
    for field, setting in config.items() if isinstance(config, dict) else ():
        if field not in fields:
            has = f"; it has {', '.join(fields)}" if fields else "; it has none"
            raise ValueError(f"{name} has no field {quote(field)}{did_you_mean(str(field), fields) or has}")
        if not _is_setting(field, setting):
            raise ValueError(f"{field} of {name} is {_expected(field)}, not {quote(setting)}")


def _expected(field: str) -> str:
    if field in WORDS:
        return f"one of {', '.join(WORDS[field])}"
    return "a whole number or null" if field == "seed" else "a finite number"


def _is_setting(field: str, value: object) -> bool:
    if field in WORDS:
        return value in WORDS[field]
    if field == "seed":
        return value is None or (isinstance(value, int) and not isinstance(value, bool))
    return isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)


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
