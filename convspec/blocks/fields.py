"""The types of block fields: each checks once and gives one message with what was written and what would do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field, WithJsonSchema

from ..printing import quote
from .activation_names import ACTIVATION_ALIASES, ACTIVATION_NAMES
from .spelling import did_you_mean, meant, spelled

LARGEST = 2**24
"""No size, count or stride in a network comes near; a slip of the keyboard does."""

Count = Annotated[int, Field(gt=0, le=LARGEST)]
Rate = Annotated[float, Field(ge=0, lt=1)]


def _size(value: Any) -> Any:
    """`3` or `[3, 3]` -> `(3, 3)`."""
    values = value if isinstance(value, (list, tuple)) and len(value) == 2 else (value, value)
    if all(isinstance(one, int) and not isinstance(one, bool) and 0 < one <= LARGEST for one in values):
        return tuple(values)
    raise ValueError(f"expected a whole number above 0, or two as [height, width], not {quote(value)}")


def _padding(value: Any) -> Any:
    """`valid`, `same`, a number of zeros, [vertical, horizontal], or [[top, bottom], [left, right]]."""
    return value if value in ("valid", "same") else _sides(value, "valid, same, a number of zeros")


def _border(value: Any) -> Any:
    """A number of pixels, [vertical, horizontal], or [[top, bottom], [left, right]]."""
    return _sides(value, "a number of pixels")


def _sides(value: Any, first: str) -> Any:
    values = value if isinstance(value, (list, tuple)) and len(value) == 2 else (value, value)
    border = tuple(tuple(one) if isinstance(one, (list, tuple)) else (one, one) for one in values)
    if all(len(side) == 2 and all(_zeros(one) for one in side) for side in border):
        return border
    message = f"expected {first}, [vertical, horizontal] or [[top, bottom], [left, right]], not {quote(value)}"
    raise ValueError(message)


def _zeros(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= LARGEST


def _activation(value: str) -> str:
    if value not in ACTIVATION_NAMES:
        if spelled(value) in ("none", "identity", "null"):
            near = "; linear leaves values as they are"
        elif name := meant(value, ACTIVATION_NAMES, ACTIVATION_ALIASES):
            near = f"; did you mean {name!r}?"
        else:
            near = did_you_mean(value, ACTIVATION_NAMES) or f"; there are {', '.join(ACTIVATION_NAMES)}"
        raise ValueError(f"no activation is called {quote(value)}{near}")
    return value


def _initializer(value: Any) -> Any:
    name = value.get("class_name") if isinstance(value, dict) else value
    if not isinstance(name, str) or (isinstance(value, dict) and not isinstance(value.get("config", {}), dict)):
        raise ValueError(
            f"expected an initializer's name or {{class_name: ..., config: {{...}}}}, not {quote(value)}",
        )
    known = INITIALIZERS if isinstance(value, str) else (*INITIALIZER_CLASSES, *INITIALIZERS)
    if name not in known:
        raise ValueError(f"no initializer is called {quote(name)}{_initializer_meant(name, known)}")
    return value


def _initializer_meant(name: str, known: tuple[str, ...]) -> str:
    if spelled(name) in ("constant", "identity"):
        return f"; write {{class_name: {name.capitalize()}, config: {{...}}}}"
    if alias := meant(name, known, INITIALIZER_ALIASES):
        return f"; did you mean {alias!r}?"
    return did_you_mean(name, known) or f"; there are {', '.join(INITIALIZERS)}"


INITIALIZER_ALIASES = {
    "uniform": "random_uniform",
    "normal": "random_normal",
    "gaussian": "random_normal",
    "xavier": "glorot_uniform",
    "xavier_uniform": "glorot_uniform",
    "xavier_normal": "glorot_normal",
    "kaiming": "he_normal",
    "kaiming_uniform": "he_uniform",
    "kaiming_normal": "he_normal",
    "msra": "he_normal",
    "zero": "zeros",
    "one": "ones",
}
"""Names in other tools and papers."""

INITIALIZERS = (
    "zeros", "ones", "random_normal", "random_uniform", "truncated_normal", "variance_scaling", "orthogonal",
    "glorot_normal", "glorot_uniform", "he_normal", "he_uniform", "lecun_normal", "lecun_uniform",
)  # fmt: skip

INITIALIZER_CLASSES = (
    *("".join(word.capitalize() for word in name.split("_")) for name in INITIALIZERS), "Constant", "Identity",
)  # fmt: skip
"""Keras's classes; two of them need arguments, or a square kernel, and have no short name here."""


_WHOLE = {"type": "integer", "minimum": 1}
_ZEROS = {"type": "integer", "minimum": 0}
_BORDER = {"type": "array", "items": _ZEROS, "minItems": 2, "maxItems": 2}

if TYPE_CHECKING:
    Size = Any  # one number is right, too, but type checkers do not know the validator that makes two of it
else:
    Size = Annotated[
        tuple[int, int],
        BeforeValidator(_size),
        WithJsonSchema({"anyOf": [_WHOLE, {"type": "array", "items": _WHOLE, "minItems": 2, "maxItems": 2}]}),
    ]
"""Height and width: one number for both, or two."""

_SIDES = [_ZEROS, {"type": "array", "items": {"anyOf": [_ZEROS, _BORDER]}, "minItems": 2, "maxItems": 2}]

PaddingField = Annotated[
    Any, BeforeValidator(_padding), WithJsonSchema({"anyOf": [{"enum": ["valid", "same"]}, *_SIDES]})
]
"""Keras's two words, or zeros counted by the author."""

BorderField = Annotated[Any, BeforeValidator(_border), WithJsonSchema({"anyOf": _SIDES})]
"""Pixels at the edges, counted by the author."""

ActivationName = Annotated[str, AfterValidator(_activation), WithJsonSchema({"enum": list(ACTIVATION_NAMES)})]
OF_MATRICES = ("orthogonal", "identity")


def _bias_initializer(value: Any) -> Any:
    """An initializer that does not need two axes."""
    value = _initializer(value)
    name = str(value["class_name"] if isinstance(value, dict) else value)
    if name.lower() in OF_MATRICES:
        raise ValueError(f"{name} initializes kernels: it needs two axes, and a bias has one")
    return value


BiasInitializerField = Annotated[
    Any,
    BeforeValidator(_bias_initializer),
    WithJsonSchema({"anyOf": [{"enum": [one for one in INITIALIZERS if one not in OF_MATRICES]}, {"type": "object"}]}),
]
InitializerField = Annotated[
    Any,
    BeforeValidator(_initializer),
    WithJsonSchema({"anyOf": [{"enum": list(INITIALIZERS)}, {"type": "object"}]}),
]
