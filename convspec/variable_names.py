"""What TensorFlow calls a model's variables: Keras's names of them, without the scopes of the layers they are in."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import keras


@contextmanager
def short_variable_names() -> Iterator[None]:
    """Create variables that TensorFlow knows as `kernel:0`, not `conv1/kernel:0`; Keras's `path` has the layer's name.

    What TensorFlow needs to create a variable, it keeps for further ones of the same name, shape and type, and makes
    anew for any other: a sixth of the time of building a network. With other backends nothing is done.
    """
    if keras.backend.backend() != "tensorflow":
        yield
        return
    import tensorflow as tf

    def create(next_creator: Callable[..., tf.Variable], **options: object) -> tf.Variable:
        with tf.name_scope(""):
            return next_creator(**options)

    with tf.variable_creator_scope(create):
        yield
