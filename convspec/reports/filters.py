"""The filters of the first convolution: edges, colours and blobs where it has learnt, noise where it has not."""

from __future__ import annotations

import math
from pathlib import Path

import keras
import numpy as np
from numpy.typing import NDArray

from ..figures import new_figure, save_figure
from ..private_names import inner_layers

MOST = 96  # AlexNet's; of more filters the first are drawn


def draw_filters(model: keras.Model, path: Path) -> bool:
    """Write a PNG; whether there was a first convolution larger than 1x1 that reads grey or colours."""
    kernel = first_kernel(model)
    if kernel is None:
        return False
    from matplotlib.layout_engine import ConstrainedLayoutEngine

    height, width, channels, count = kernel.shape
    shown = min(count, MOST)
    columns = min(shown, 8 if shown <= 32 else 12)
    rows = math.ceil(shown / columns)
    layout = ConstrainedLayoutEngine(w_pad=0.02, h_pad=0.02, wspace=0.02, hspace=0.02)
    more = f", {shown} of {count}" if shown < count else ""
    title = f"first filters, {height}x{width}x{channels}{more}"
    figure = new_figure(0.62 * columns + 0.2, 0.62 * rows + 0.5, title, size=9, layout=layout)
    grid = figure.subplots(rows, columns, squeeze=False)
    for axes in grid.flat:
        axes.axis("off")
    for number, axes in zip(range(shown), grid.flat, strict=False):
        axes.imshow(as_picture(kernel[..., number]), cmap="gray", vmin=0, vmax=1, interpolation="nearest")
    save_figure(figure, path)
    return True


def first_kernel(model: keras.Model) -> NDArray[np.float32] | None:
    """The kernel `(height, width, channels, filters)` of the first convolution, where it can be looked at."""
    layers = [layer for layer in inner_layers(model) if layer.weights]
    layers = [layer for layer in layers if not isinstance(layer, keras.layers.Normalization)]
    if not layers or not isinstance(layers[0], keras.layers.Conv2D):
        return None
    kernel = np.asarray(keras.ops.convert_to_numpy(layers[0].kernel), np.float32)
    return kernel if kernel.shape[2] in (1, 3) and kernel.shape[0] * kernel.shape[1] > 1 else None


def as_picture(filter_: NDArray[np.float32]) -> NDArray[np.float32]:
    """Weights `(height, width, channels)` from 0 to 1 with no weight at 0.5; one channel without its axis."""
    largest = float(np.abs(filter_).max())
    picture: NDArray[np.float32] = 0.5 + 0.5 * filter_ / (largest or 1.0)
    return picture[..., 0] if picture.shape[2] == 1 else picture
