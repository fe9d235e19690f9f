"""`convspec.bench`: how long an inference and a training step take on this machine."""

from __future__ import annotations

import gc
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, Literal

from ..keras_import import import_keras
from ..language import Diagnostic, InputError, Spec, load
from .results import Measured, Measurements
from .sources import Network, Shape, check_choice

if TYPE_CHECKING:
    from ..training.timing import Timing

Dtype = Literal["float32", "float16", "bfloat16"]
POLICIES = {"float32": "none", "float16": "float16", "bfloat16": "bfloat16"}  # what a recipe calls them


def bench(
    *networks: Network,
    input_shape: Shape | None = None,
    overrides: Mapping[str, Any] | None = None,
    batch: int = 32,
    repeats: int = 10,
    dtype: Dtype = "float32",
    inference: bool = False,
) -> Measurements:
    """Measure on this machine how long batches take in inference and, unless `inference`, in a training step.

    Raises `InputError` for an invalid spec before the first is measured.
    """
    specs = specs_to_measure(networks, input_shape, overrides, batch, repeats, dtype)
    return Measurements(measure_all(specs, batch, repeats, inference))


def specs_to_measure(
    networks: tuple[Network, ...],
    input_shape: Shape | None,
    overrides: Mapping[str, Any] | None,
    batch: int,
    repeats: int,
    dtype: Dtype,
) -> list[Spec]:
    """The networks, which compute in this dtype."""
    check_choice("dtype", dtype, Dtype)
    if batch < 1 or repeats < 1:
        raise InputError(Diagnostic(f"--batch {batch} --repeats {repeats}: both are 1 or more"))
    recipe = {"train.mixed_precision": POLICIES[dtype], "train.deterministic": False}  # deterministic is slower
    return [load(network, overrides={**(overrides or {}), **recipe}, input_shape=input_shape) for network in networks]


def measure_all(specs: list[Spec], batch: int, repeats: int, inference: bool) -> Iterator[Measured]:
    """Measure one network after the other."""
    import_keras()
    for spec in specs:
        gc.collect()  # the network before, whose parts refer to each other
        yield Measured(spec.name, *_measure(spec, batch, repeats, inference))


def _measure(spec: Spec, batch: int, repeats: int, inference: bool) -> tuple[Timing, Timing | None]:
    from ..builder import build
    from ..training.compiling import reproducible
    from ..training.timing import time_inference, time_training

    with reproducible(spec.train):
        model = build(spec)
        timing = time_inference(model, batch, repeats)
        if inference:
            return timing, None
        return timing, time_training(model, spec.train, batch, repeats, spec.loss_weights)
