"""One run on several devices, by Keras's own data parallelism: each takes a part of every batch."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

import keras

from ..data.pipeline import Pipeline
from ..language.diagnostics import InputError
from ..option_names import spoken

if TYPE_CHECKING:
    import tensorflow as tf


def devices_in_use() -> int:
    """How many devices share each batch where this is called, if batches have to divide evenly; else 1."""
    if keras.backend.backend() != "jax":
        return 1  # TensorFlow gives the devices parts of different sizes
    distribution = keras.distribution.distribution()
    return int(distribution.device_mesh.devices.size) if distribution is not None else 1


def check_divides(batch_size: int, count: int) -> None:
    """Raise `InputError` for batches that so many devices cannot share evenly."""
    if batch_size % count:
        below = batch_size - batch_size % count
        sizes = f"{below} or {below + count}" if below else f"{count}"
        message = f"--devices {count}: JAX divides each batch evenly, and {batch_size} images do not divide by {count}"
        raise InputError(message, path="train.batch_size", remedy=f"such as --batch-size {sizes}")


def left_out(parts: Mapping[str, Pipeline]) -> str:
    """A line for the images that batches of even parts leave out; empty where there are none."""
    rest = {name: len(part.y) - part.count for name, part in parts.items() if part.count < len(part.y)}
    if not rest:
        return ""
    devices = next(iter(parts.values())).multiple
    counts = ", ".join(f"{number} of {len(parts[name].y):,} {name} images" for name, number in rest.items())
    return spoken(f"--devices {devices}: JAX divides each batch evenly; left out of each epoch: {counts}\n")


@contextmanager
def data_parallel(count: int) -> Iterator[None]:
    """Build and train inside; the results are those of one device except for rounding. Raises `InputError`.

    `tf.distribute.MirroredStrategy` with the TensorFlow backend, where batch normalisation uses the statistics of each
    device's part of a batch; `keras.distribution.DataParallel` with JAX, where it uses those of the batch. The latter
    needs batches that divide evenly: up to `count - 1` images are left out of an epoch, others each time in training.
    """
    if count == 1:
        yield
        return
    devices = _devices()
    if not 1 < count <= len(devices):
        raise InputError(f"--devices {count}: this machine has {len(devices)} ({', '.join(devices) or 'none'})")
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
    raise InputError(f"--devices: Keras has no data parallelism with the backend {backend}")


def gpus() -> list[tf.config.PhysicalDevice]:
    """TensorFlow's GPUs, set to take memory as they need it instead of all at once; none with another backend."""
    if keras.backend.backend() != "tensorflow":
        return []
    import tensorflow as tf

    found = list(tf.config.list_physical_devices("GPU"))
    for gpu in found:
        with suppress(RuntimeError):  # too late where the GPU is in use already
            tf.config.experimental.set_memory_growth(gpu, True)
    return found
