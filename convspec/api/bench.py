"""`convspec.bench`: how long an inference and a training step take on this machine."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from ..keras_import import import_keras
from ..language import InputError, Spec, load
from ..language.arguments import checked
from ..language.merging_overrides import merged
from ..language.overriding import combined
from .results import Measurements
from .sources import Network, Shape, printer

Dtype = Literal["float32", "float16", "bfloat16"]
POLICIES = {"float32": "none", "float16": "float16", "bfloat16": "bfloat16"}  # what a recipe calls them


@checked
def bench(
    *networks: Network,
    input_shape: Shape | None = None,
    overrides: Mapping[str, object] | None = None,
    batch: int = 32,
    repeats: int = 10,
    dtype: Dtype | None = None,
    inference: bool = False,
    verbose: bool = False,
) -> Measurements:
    """Measure on this machine how long batches take in inference and, unless `inference`, in a training step.

    `dtype` is what is computed in: float32 unless given, or unless `overrides` set `train.mixed_precision`.
    `verbose` prints the command's table, each row as soon as it is measured. Raises `InputError` for an invalid spec
    before the first is measured.
    """
    if batch < 1 or repeats < 1:
        raise InputError(f"--batch {batch} --repeats {repeats}: both are 1 or more")
    specs = [spec_in(dtype, network, input_shape, overrides) for network in networks]
    import_keras()
    from .measuring import measure

    policy = next((spec.train.mixed_precision for spec in specs), "none")
    return measure(specs, batch, repeats, "float32" if policy == "none" else policy, inference, printer(verbose))


def spec_in(dtype: Dtype | None, network: Network, shape: Shape | None, overrides: Mapping[str, object] | None) -> Spec:
    """A network that computes in this dtype; unless given, in float32 or what the overrides set."""
    policy = None if dtype is None else POLICIES[dtype]
    given = combined(overrides, {"train.mixed_precision": (f"--dtype {dtype}", policy)})
    changes = merged({"train.deterministic": False, "train.mixed_precision": "none"}, given)  # deterministic is slower
    return load(network, overrides=changes, input_shape=shape)
