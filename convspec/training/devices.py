"""One run on several devices, by Keras's own data parallelism: each takes a part of every batch."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

import keras

from ..spec.faults import Fault, FaultError


@contextmanager
def several_devices(count: int) -> Iterator[None]:
    """Build and train inside; the results are those of one device but for rounding. Raises `FaultError`.

    `tf.distribute.MirroredStrategy` with the TensorFlow backend, `keras.distribution.DataParallel` with JAX.
    """
    if count == 1:
        yield
        return
    devices = _devices()
    if not 1 < count <= len(devices):
        message = f"--devices {count}: this machine has {len(devices)} ({', '.join(devices) or 'none'})"
        raise FaultError(Fault(message))
    if keras.backend.backend() == "tensorflow":
        import tensorflow as tf

        with tf.distribute.MirroredStrategy(devices[:count]).scope():
            yield
        return
    before = keras.distribution.distribution()
    keras.distribution.set_distribution(keras.distribution.DataParallel(devices=devices[:count]))
    try:
        yield
    finally:
        keras.distribution.set_distribution(before)


def _devices() -> list[str]:
    """The accelerators of this machine, or its processors where it has none."""
    backend = keras.backend.backend()
    if backend == "tensorflow":
        import tensorflow as tf

        found = tf.config.list_logical_devices("GPU") or tf.config.list_logical_devices("CPU")
        return [device.name for device in found]
    if backend == "jax":
        return list(keras.distribution.list_devices())
    raise FaultError(Fault(f"--devices: Keras has no data parallelism with the backend {backend}"))


def gpus() -> list[Any]:
    """TensorFlow's GPUs, told to take memory as they need it and not all at once; none with another backend."""
    if keras.backend.backend() != "tensorflow":
        return []
    import tensorflow as tf

    found = list(tf.config.list_physical_devices("GPU"))
    for gpu in found:
        with suppress(RuntimeError):  # too late where the GPU is in use already
            tf.config.experimental.set_memory_growth(gpu, True)
    return found
