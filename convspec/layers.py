"""The few layers that `keras.layers` lacks: four of our own, and two that keras.applications keeps to itself.

Ours are written in `keras.ops` and registered, so that saved models load again: `import convspec` before
`keras.models.load_model` makes Keras know them. Models with keras.applications' two load without convspec.
"""

from __future__ import annotations

import keras
from keras import ops

from .private_names import layer_beside

registered = keras.saving.register_keras_serializable(package="convspec")


LayerScale = layer_beside(keras.applications.ConvNeXtTiny, "LayerScale")
"""x * gamma, learnt per channel (Touvron et al. 2021, arXiv:2103.17239)."""

CustomScaleLayer = layer_beside(keras.applications.InceptionResNetV2, "CustomScaleLayer")
"""x + branch * scale, of Inception-ResNet (Szegedy et al. 2016, arXiv:1602.07261)."""


class Configured(keras.layers.Layer):
    """A layer whose constructor arguments are the attributes named in `_arguments`."""

    _arguments: tuple[str, ...] = ()

    def __init__(self, **kwargs: object) -> None:
        for name in self._arguments:
            setattr(self, name, kwargs.pop(name))
        super().__init__(**kwargs)

    def get_config(self) -> dict[str, object]:
        """Keras's configuration and the layer's own arguments."""
        return {**super().get_config(), **{name: getattr(self, name) for name in self._arguments}}

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        """The input's shape, unless a layer says otherwise."""
        return input_shape


@registered
class LocalResponseNormalization(Configured):
    """x / (bias + alpha * sum of squares over neighbouring channels) ** beta (Krizhevsky et al. 2012, section 3.3)."""

    _arguments = ("depth_radius", "bias", "alpha", "beta")

    def call(self, x: keras.KerasTensor) -> keras.KerasTensor:
        """(batch, h, w, c) -> (batch, h, w, c)."""
        channels, radius = x.shape[-1], self.depth_radius
        squares = ops.pad(ops.square(x), [(0, 0)] * (len(x.shape) - 1) + [(radius, radius)])
        total = squares[..., :channels]
        for shift in range(1, 2 * radius + 1):
            total = total + squares[..., shift : shift + channels]
        return x / ops.power(self.bias + self.alpha * total, self.beta)


@registered
class Maxout(Configured):
    """The largest of each `pieces` neighbouring channels (Goodfellow et al. 2013, arXiv:1302.4389)."""

    _arguments = ("pieces",)

    def call(self, x: keras.KerasTensor) -> keras.KerasTensor:
        """(batch, ..., c) -> (batch, ..., c / pieces)."""
        shape = ops.shape(x)
        return ops.max(ops.reshape(x, (*shape[:-1], x.shape[-1] // self.pieces, self.pieces)), axis=-1)

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        return (*input_shape[:-1], (input_shape[-1] or 0) // self.pieces)


@registered
class ChannelShuffle(Configured):
    """Deals the channels of each group out in turn (Zhang et al. 2017, arXiv:1707.01083)."""

    _arguments = ("groups",)

    def call(self, x: keras.KerasTensor) -> keras.KerasTensor:
        """(batch, h, w, c) -> (batch, h, w, c)."""
        shape, channels = ops.shape(x), x.shape[-1]
        x = ops.reshape(x, (*shape[:-1], self.groups, channels // self.groups))
        return ops.reshape(ops.swapaxes(x, -1, -2), shape)


@registered
class HalvingPadding2D(Configured):
    """Zeros for a window of stride 2, one row and column fewer at the near edges of an even map."""

    _arguments = ("kernel_size",)

    def call(self, x: keras.KerasTensor) -> keras.KerasTensor:
        """(batch, h, w, c) -> (batch, h + kernel_size - 2 + h % 2, ..., c)."""
        shape, half = ops.shape(x), self.kernel_size // 2
        x = ops.pad(x, [(0, 0), (half, half), (half, half), (0, 0)])
        return x[:, 1 - shape[1] % 2 :, 1 - shape[2] % 2 :]

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        more = self.kernel_size // 2 * 2 - 1
        sizes = (None if size is None else size + more + size % 2 for size in input_shape[1:3])
        return (input_shape[0], *sizes, input_shape[3])
