"""From a name or a file to a checked network: `load("resnet18")`, `load("my.yaml")`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from .checking import check
from .extending import extended, with_variant
from .opening import folder_of, open_source
from .overriding import located, with_value, without_idle_parameters
from .reading import LocatedMap, Mark, Text
from .spec import Spec


def load(
    source: str | Path | Mapping[str, Any],
    *,
    variant: str | None = None,
    overrides: Mapping[str, Any] | None = None,
    input_shape: Sequence[int | None] | None = None,
) -> Spec:
    """A network by its name in the catalogue, from a YAML file, a saved `.keras` model of ours, or a mapping.

    `overrides` sets fields by their path (`{"head.dropout": 0.5}`), `input_shape` is (height, width, channels).
    Raises `FaultError` with everything that is wrong.
    """
    return check(document_of(source, variant=variant, overrides=overrides, input_shape=input_shape))


def document_of(
    source: str | Path | Mapping[str, Any],
    *,
    variant: str | None = None,
    overrides: Mapping[str, Any] | None = None,
    input_shape: Sequence[int | None] | None = None,
) -> LocatedMap:
    """The document of one network, as it will be checked; the arguments are those of `load`. Raises `FaultError`."""
    root, chosen = open_source(source)
    root = extended(root, folder_of(source))
    name = variant if variant is not None else chosen
    if name is not None:
        root = with_variant(root, name)
    changes = dict(overrides or {})
    if input_shape is not None:
        changes["input"] = list(input_shape)
    return with_overrides(root, changes)


def with_overrides(root: LocatedMap, overrides: Mapping[str, Any]) -> LocatedMap:
    """The document with fields set by their paths. Raises `FaultError` where a path leads nowhere."""
    before = root
    for path, value in overrides.items():
        mark = Mark(0, 0, Text(f"{path}={value}", ""))
        root = with_value(root, path, located(value, mark, path), mark)
    set_here = [path.removeprefix("parameters.") for path in overrides if path.startswith("parameters.")]
    return without_idle_parameters(root, before, set_here)
