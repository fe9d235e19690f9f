"""From a name or a file to a checked network: `load("resnet18")`, `load("my.yaml")`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from .arguments import checked
from .diagnostics import Diagnostic, Diagnostics, InputError
from .extending import extended, with_variant
from .located import LocatedMap, Text
from .overriding import combined, with_overrides
from .sources import folder_of, open_source
from .spec import Spec, check
from .unused import Unused, Usage, equal_variants

Network = str | Path | Mapping[str, object] | Text | Spec
"""The name of a network, a spec file, a mapping, what another program writes, or a network that is read already."""


@checked
def load(
    source: Network,
    *,
    variant: str | None = None,
    overrides: Mapping[str, object] | None = None,
    input_shape: Sequence[int | None] | None = None,
) -> Spec:
    """A network by its name in the catalogue, from a YAML file, a saved `.keras` model of ours, a mapping or a `Spec`.

    `overrides` sets fields by their path (`{"head.dropout": 0.5}`), `input_shape` is (height, width, channels).
    Raises `InputError` with everything that is wrong, and for two values for one field.
    """
    if isinstance(source, Spec):
        return _changed(source, variant, overrides, input_shape)
    diagnostics = Diagnostics()
    family, chosen = _family_of(source, diagnostics)
    try:
        root = _member(family, _one_of(variant, chosen), overrides, input_shape, diagnostics)
    except InputError as error:
        diagnostics.note(*error.diagnostics)
        root = family
    if overrides or input_shape is not None or (isinstance(source, (str, Path)) and str(source).endswith(".keras")):
        return check(root, diagnostics=diagnostics)  # what these leave without a use is no mistake of its author
    usage = Usage()
    diagnostics.note(*equal_variants(family))
    spec = check(root, usage, diagnostics)
    unused = _unused_by_all(family, usage, spec) if spec.unused else []
    diagnostics.note(*(one.diagnostic for one in unused))
    if diagnostics:
        raise diagnostics.error()
    return spec


def _changed(
    spec: Spec, variant: str | None, overrides: Mapping[str, object] | None, input_shape: Sequence[int | None] | None
) -> Spec:
    if variant is not None:
        message = f"variant {variant!r}: a Spec is one network already"
        raise InputError(Diagnostic(message, remedy="name the variant to `load`"))
    changes = combined(overrides, {"input": ("--input", _sizes(input_shape))}, spec.source)
    return spec.with_overrides(changes) if changes else spec


def _unused_by_all(family: LocatedMap, usage: Usage, spec: Spec) -> list[Unused]:
    """What neither a network nor another one of its family uses.

    What comes from a document that it extends is for that one's author to mend.
    """
    for name in (None, *family.section("variants")):
        if not _own(usage.unused(family), spec.source):
            return []
        try:
            check(family if name is None else with_variant(family, name), usage)
        except InputError:
            if name is not None:  # the family need not be a network itself; of this one it is not known what it uses
                return []
    return _own(usage.unused(family), spec.source)


def _own(unused: Iterable[Unused], root: LocatedMap) -> list[Unused]:
    return [one for one in unused if one.mark.text.file == root.mark.text.file]


@checked
def document_of(
    source: str | Path | Mapping[str, object] | Text,
    *,
    variant: str | None = None,
    overrides: Mapping[str, object] | None = None,
    input_shape: Sequence[int | None] | None = None,
) -> LocatedMap:
    """The document of one network, as it will be checked; the arguments are those of `load`. Raises `InputError`."""
    diagnostics = Diagnostics()
    family, chosen = _family_of(source, diagnostics)
    if diagnostics:
        raise diagnostics.error()
    return _member(family, _one_of(variant, chosen), overrides, input_shape)


def _family_of(
    source: str | Path | Mapping[str, object] | Text, diagnostics: Diagnostics
) -> tuple[LocatedMap, str | None]:
    """The document with what it extends filled in, and the variant that the source names.

    Mistakes that let the rest be read are noted. Raises `InputError` for others.
    """
    root, chosen = open_source(source, diagnostics)
    return extended(root, folder_of(source), diagnostics), chosen


def _member(
    root: LocatedMap,
    name: str | None,
    overrides: Mapping[str, object] | None,
    input_shape: Sequence[int | None] | None,
    diagnostics: Diagnostics | None = None,
) -> LocatedMap:
    if name is not None:
        root = with_variant(root, name)
    changes = combined(overrides, {"input": ("--input", _sizes(input_shape))}, root, diagnostics)
    return with_overrides(root, changes, diagnostics)


def _sizes(input_shape: Sequence[int | None] | None) -> list[int | None] | None:
    return None if input_shape is None else list(input_shape)


def _one_of(asked: str | None, named: str | None) -> str | None:
    """The variant that is asked for, or else that which the source names. Raises `InputError` where they differ."""
    if asked is not None and named is not None and asked != named:
        message = f"--variant {asked}: {named} is a variant of its family already"
        raise InputError(Diagnostic(message, remedy="leave one of the two names out"))
    return named if asked is None else asked
