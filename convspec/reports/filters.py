"""The filters of the first convolution: edges, colours and blobs where it has learnt, noise where it has not."""

from __future__ import annotations

import math
from pathlib import Path

import keras
import numpy as np
from numpy.typing import NDArray

from ..figures import inches, new_figure, place_image, save_figure
from ..private_names import inner_layers

MOST = 96  # AlexNet's; of more filters the first are drawn
PITCH, SIDE = 0.62, 0.56  # inches from one filter to the next, and of each


def draw_filters(model: keras.Model, path: Path) -> bool:
    """Write a PNG; whether there was a first convolution larger than 1x1 that reads grey or colours."""
    kernel = first_kernel(model)
    if kernel is None:
        return False
    height, width, channels, count = kernel.shape
    shown = min(count, MOST)
    columns = min(shown, 8 if shown <= 32 else 12)
    rows = math.ceil(shown / columns)
    more = f", {shown} of {count}" if shown < count else ""
    title = f"first filters, {height}x{width}x{channels}{more}"
    width = max(PITCH * columns + 0.2, 1.8)  # of the title, at least
    figure = new_figure(width, PITCH * rows + 0.5, title, size=9, layout=None)
    axes = inches(figure)
    left = (width - PITCH * columns + PITCH - SIDE) / 2
    for number in range(shown):
        row, column = divmod(number, columns)
        place_image(axes, as_picture(kernel[..., number]), left + PITCH * column, 0.36 + PITCH * row, SIDE)
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
