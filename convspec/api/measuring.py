"""How long networks take on this machine, row by row."""

from __future__ import annotations

import gc
import os
import platform
from collections.abc import Sequence

import keras

from ..builder import build
from ..language import Spec
from ..training.compiling import reproducible
from ..training.timing import time_inference, time_training
from .results import Measured, Measurements
from .sources import Say


def measure(specs: Sequence[Spec], batch: int, repeats: int, dtype: str, inference: bool, say: Say) -> Measurements:
    """Measure one network after the other; `say` gets the lines of the table."""
    found = Measurements([], {"batch": batch, "dtype": dtype, "repeats": repeats, **_machine()})
    width = max(7, *(len(spec.name) for spec in specs)) if specs else 7
    say(found.heading(width))
    for spec in specs:
        gc.collect()  # the network before, whose parts refer to each other
        with reproducible(spec.train):
            model = build(spec)
            training = None
            timing = time_inference(model, batch, repeats)
            if not inference:
                training = time_training(model, spec.train, batch, repeats, spec.loss_weights)
        found.append(Measured(spec.name, timing, training))
        say(found[-1].row(width))
    return found


def _machine() -> dict[str, str]:
    """What the figures are true for."""
    devices = [device.split("/")[-1] for device in _accelerators()]
    return {
        "device": ", ".join(devices) or f"{platform.processor() or platform.machine()}, {os.cpu_count()} cores",
        "backend": keras.backend.backend(),
        "keras": keras.__version__,
    }


def _accelerators() -> list[str]:
    if keras.backend.backend() == "tensorflow":
        import tensorflow as tf

        found = tf.config.list_physical_devices("GPU")
        return [tf.config.experimental.get_device_details(device).get("device_name", device.name) for device in found]
    if keras.backend.backend() == "jax":
        import jax

        return [device.device_kind for device in jax.devices() if device.platform != "cpu"]
    return []
