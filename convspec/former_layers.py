"""Layers of models that were saved before Keras's own took their places: kept so that those files still load.

Nothing builds them any more. A file that is loaded and saved again has them again.
"""

from __future__ import annotations

import keras
from keras import ops

from . import layers
from .layers import Configured, registered


@registered
class PadChannels(Configured):
    """Zero channels after the last one, up to `filters` (He et al. 2015, option A, arXiv:1512.03385)."""

    _arguments = ("filters",)

    def call(self, x: keras.KerasTensor) -> keras.KerasTensor:
        """(batch, h, w, c) -> (batch, h, w, filters)."""
        return ops.pad(x, [(0, 0)] * (len(x.shape) - 1) + [(0, self.filters - x.shape[-1])])

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        return (*input_shape[:-1], self.filters)


@registered
class Scale(Configured):
    """x * scale, a fixed number."""

    _arguments = ("scale",)

    def call(self, x: keras.KerasTensor) -> keras.KerasTensor:
        return x * self.scale


@registered
class CustomScaleLayer(layers.CustomScaleLayer):
    """x + branch * scale, as in keras.applications' InceptionResNetV2."""


@registered
class Complement(Configured):
    """1 - x, the other side of a gate."""

    def call(self, x: keras.KerasTensor) -> keras.KerasTensor:
        return 1.0 - x


@registered
class LayerScale(layers.LayerScale):
    """x * gamma, learnt per channel (Touvron et al. 2021, arXiv:2103.17239)."""


@registered
class StochasticDepth(Configured):
    """Drops a whole example's branch in training and scales up the kept ones (Huang et al. 2016, arXiv:1603.09382)."""

    _arguments = ("drop_path_rate",)

    def __init__(self, **kwargs: object) -> None:
        super().__init__(**kwargs)
        self.seed_generator = keras.random.SeedGenerator()

    def call(self, x: keras.KerasTensor, training: bool | None = None) -> keras.KerasTensor:
        if not training or not self.drop_path_rate:
            return x
        keep = 1.0 - self.drop_path_rate
        shape = (ops.shape(x)[0],) + (1,) * (len(x.shape) - 1)
        kept = ops.floor(keep + keras.random.uniform(shape, seed=self.seed_generator, dtype=x.dtype))
        return x / keep * kept
