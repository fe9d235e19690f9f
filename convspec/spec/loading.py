"""From a name or a file to a checked network: `load("resnet18")`, `load("my.yaml")`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from .checking import check
from .extending import extended, with_variant
from .opening import folder_of, open_source
from .overriding import with_overrides
from .reading import LocatedMap
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
