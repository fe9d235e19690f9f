"""Where in an image a network sees a class: Grad-CAM and occlusion."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import keras
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from ..data.pixels import PixelRange
from ..figures import new_figure, save_figure
from ..language.diagnostics import InputError, did_you_mean
from ..private_names import layer_of
from ..process import random_states_kept
from ..training.predictor import Predictor, main_output
from .mistakes import pixels_shown

Scores = Callable[[keras.KerasTensor], keras.KerasTensor]

WINDOW, STEPS = 4, 16  # the square is a quarter of the side, and moves in so many steps along it


@dataclass(frozen=True)
class Explanation:
    """A map `(height, width)` over an image: how much each place speaks for a class, nothing below 0.

    `label` and `probability` are the class's, and `meaning` says what the numbers are.
    """

    map: NDArray[np.float32]
    label: int
    probability: float
    meaning: str


def grad_cam(
    predictor: Predictor,
    image: NDArray[np.generic],
    label: int | None = None,
    layer: str = "",
    pixel_range: PixelRange | None = None,
) -> Explanation:
    """Grad-CAM (Selvaraju et al. 2017, arXiv:1610.02391): the maps of a layer, each weighted by its mean gradient.

    `image` is `(height, width, channels)` as it lies in a file, `label` the likeliest class unless given, `layer` the
    last one whose output has height and width, before its pooling, `pixel_range` the range of the image's pixels as in
    `Predictor.probabilities`. The gradient is that of the class's score before
    the softmax. The maps of several networks are averaged. Raises `InputError` where the network cannot be cut at the
    layer.
    """
    given = pixel_range or predictor.pixel_range
    probabilities = predictor.probabilities(image[None], given)[0]
    label = int(probabilities.argmax()) if label is None else label
    maps = []
    for model, inputs in zip(predictor.models, predictor.inputs, strict=True):
        at = _layer(model, layer)
        with random_states_kept():  # layers of the parts draw seeds when they are made
            front, back = _cut(model, at)
            features = front(inputs.normalizer.reading(given)(image[None].astype(np.float32)), training=False)
            gradient = _gradient(_scores(back, at.output), features, label)
        weights = gradient.mean(axis=(1, 2), keepdims=True)
        seen = np.maximum((np.asarray(keras.ops.convert_to_numpy(features)) * weights).sum(axis=-1)[0], 0.0)
        maps.append(_stretched(seen / (seen.max() or 1.0), image.shape[:2]))
    height, width = seen.shape
    meaning = f"Grad-CAM at {at.name}, {height}x{width}"
    return Explanation(np.mean(maps, axis=0, dtype=np.float32), label, float(probabilities[label]), meaning)


def occlusion(
    predictor: Predictor, image: NDArray[np.generic], label: int | None = None, pixel_range: PixelRange | None = None
) -> Explanation:
    """How far the class's probability falls when a grey square hides a place (Zeiler & Fergus 2013, arXiv:1311.2901).

    The square has a quarter of the image's shorter side, and the colour of its mean; a place's number is the mean over
    the squares that hide it. `pixel_range` is that of the image's pixels, as in `Predictor.probabilities`.
    """
    given = pixel_range or predictor.pixel_range
    probabilities = predictor.probabilities(image[None], given)[0]
    label = int(probabilities.argmax()) if label is None else label
    height, width = image.shape[:2]
    side = max(1, min(height, width) // WINDOW)
    corners = [(top, left) for top in _starts(height, side) for left in _starts(width, side)]
    hidden = np.repeat(image[None].astype(np.float32), len(corners), axis=0)
    for number, (top, left) in enumerate(corners):
        hidden[number, top : top + side, left : left + side] = image.mean(axis=(0, 1))
    falls = probabilities[label] - predictor.probabilities(hidden, given)[:, label]
    total, times = np.zeros((height, width)), np.zeros((height, width))
    for fall, (top, left) in zip(falls, corners, strict=True):
        total[top : top + side, left : left + side] += fall
        times[top : top + side, left : left + side] += 1
    seen = np.maximum(total / times, 0.0).astype(np.float32)
    return Explanation(seen, label, float(probabilities[label]), f"fall of its probability, {side}x{side} hidden")


def draw_explanation(
    found: Explanation, image: NDArray[np.generic], pixel_range: PixelRange, name: str, path: Path
) -> None:
    """Write a PNG: the image, and the map over it in grey."""
    height, width = found.map.shape
    figure = new_figure(7.0, 3.6 * max(0.7, min(1.6, height / width)))
    left, right = figure.subplots(1, 2)
    for axes, shown in ((left, image), (right, image.mean(axis=2, keepdims=True))):
        axes.imshow(pixels_shown(shown, pixel_range), cmap="gray", vmin=0, vmax=1, interpolation="nearest")
    largest = float(found.map.max()) or 1.0
    drawn = right.imshow(found.map, cmap="inferno", alpha=0.65, vmin=0, vmax=largest, interpolation="nearest")
    figure.colorbar(drawn, ax=right, fraction=0.045).ax.tick_params(labelsize=7)
    for axes, title in ((left, f"{name} {100 * found.probability:.1f} %"), (right, found.meaning)):
        axes.set_title(title, fontsize=9)
        axes.axis("off")
    save_figure(figure, path)


def place_of(found: Explanation) -> tuple[int, int]:
    """The row and column of the middle of what speaks most for the class: the mean of places above 0.9 of the most."""
    rows, columns = np.nonzero(found.map >= 0.9 * found.map.max())
    return round(float(rows.mean())), round(float(columns.mean()))


def _starts(size: int, side: int) -> list[int]:
    """Where squares begin along an axis: evenly, the last at its end."""
    return sorted({round(start) for start in np.linspace(0, size - side, min(STEPS, size - side + 1))})


def _layer(model: keras.Model, asked: str) -> keras.Layer:
    """The layer of this name, or the last one whose output has height and width, before its pooling."""
    maps = [layer for layer in model.layers if len(getattr(layer.output, "shape", ())) == 4]
    maps = [layer for layer in maps if layer.output.shape[1] != 1 or layer.output.shape[2] != 1]
    names = [layer.name for layer in maps]
    if asked and asked not in names:
        message = f"{model.name} has no layer {asked!r} whose output has height and width{did_you_mean(asked, names)}"
        raise InputError(message, path="--layer")
    if not maps:
        raise InputError(f"{model.name} has no layer whose output has height and width")
    if asked:
        return maps[names.index(asked)]
    return next((layer for layer in reversed(maps) if "Pooling" not in type(layer).__name__), maps[-1])


def _cut(model: keras.Model, layer: keras.Layer) -> tuple[keras.Model, keras.Model]:
    """The network up to a layer, and from there on."""
    output = main_output(model.output)
    if isinstance(layer_of(output), keras.layers.Softmax):
        output = layer_of(output).input
    try:
        back = keras.Model(layer.output, output)
    except ValueError as error:
        message = f"{model.name} cannot be cut at {layer.name}: other ways lead past it"
        remedy = f"take a layer that all of them go through, such as {_last_before(model, layer)}"
        raise InputError(message, path="--layer", remedy=remedy) from error
    return keras.Model(model.inputs[0], layer.output), back


def _last_before(model: keras.Model, layer: keras.Layer) -> str:
    others = (other for other in reversed(model.layers) if other is not layer and len(other.output.shape) == 4)
    return str(next(others).name)


def _scores(back: keras.Model, features: keras.KerasTensor) -> Scores:
    """From the values of `features`, a tensor of the network, to its scores: the last layer's without its softmax.

    Other threads may be predicting with these layers, so that none is changed: a copy of the last one has none.
    """
    last = back.layers[-1]
    alone = isinstance(last, keras.layers.Softmax)  # a layer that is nothing else
    if not alone and getattr(last, "activation", None) is not keras.activations.softmax:
        return lambda values: main_output(back(values, training=False))
    hidden = keras.Model(features, last.input)
    if alone:
        return lambda values: hidden(values, training=False)
    with random_states_kept():  # the copy draws seeds that nothing needs
        linear = type(last).from_config({**last.get_config(), "activation": "linear"})
        linear.build(last.input.shape)
    linear.set_weights(last.get_weights())
    return lambda values: linear(hidden(values, training=False))


def _gradient(scores: Scores, features: keras.KerasTensor, label: int) -> NDArray[np.float32]:
    """The derivative of a class's score by the features, with the backend's own means."""
    backend = keras.backend.backend()
    if backend == "tensorflow":
        import tensorflow as tf

        with tf.GradientTape() as tape:
            tape.watch(features)
            score = scores(features)[0, label]
        return np.asarray(tape.gradient(score, features))
    if backend == "jax":
        import jax

        return np.asarray(jax.grad(lambda x: scores(x)[0, label])(features))
    raise InputError(f"Grad-CAM needs gradients, which it takes of TensorFlow and JAX, not of {backend}")


def _stretched(seen: NDArray[np.generic], size: tuple[int, ...]) -> NDArray[np.float32]:
    """A map brought to the image's height and width, bilinear."""
    image = Image.fromarray(seen.astype(np.float32)).resize((size[1], size[0]), Image.Resampling.BILINEAR)
    return np.asarray(image, np.float32)
