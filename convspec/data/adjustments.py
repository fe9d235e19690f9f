"""Changes of images `(batch, height, width, channels)` from 0 to 1, of a strength for each image; clipped to 0 to 1."""

from __future__ import annotations

from keras import KerasTensor, ops

Pair = tuple[KerasTensor, KerasTensor]
GREY = (0.299, 0.587, 0.114)  # ITU-R BT.601, as Pillow's


def per_image(numbers: KerasTensor) -> KerasTensor:
    """One number per image, shaped to meet `(batch, height, width, channels)`."""
    return ops.reshape(numbers, (-1, 1, 1, 1))


def affine(x: KerasTensor, row_x: Pair, row_y: Pair, shift: Pair, fill_mode: str = "nearest") -> KerasTensor:
    """Each pixel `(x, y)` from the middle takes the value of the place `(row_x . (x, y), row_y . (x, y)) + shift`.

    Bilinear; `fill_mode` is Keras's: places outside the image have the value of its nearest edge, or are black, or
    mirror it. All numbers are one per image.
    """
    middle_x, middle_y = (x.shape[2] - 1) / 2, (x.shape[1] - 1) / 2
    (a0, a1), (b0, b1) = row_x, row_y
    a2 = middle_x + shift[0] - a0 * middle_x - a1 * middle_y
    b2 = middle_y + shift[1] - b0 * middle_x - b1 * middle_y
    none = ops.zeros_like(a0)
    transform = ops.stack([a0, a1, a2, b0, b1, b2, none, none], axis=1)
    return ops.image.affine_transform(
        x, transform, interpolation="bilinear", fill_mode=fill_mode, data_format="channels_last"
    )


def blend(x: KerasTensor, other: KerasTensor | float, share: KerasTensor) -> KerasTensor:
    """`other` at a share of 0, the image at 1, and beyond it the difference of the two enlarged."""
    return ops.clip(other + (x - other) * share, 0.0, 1.0)


def grey(x: KerasTensor) -> KerasTensor:
    """The luminance `(batch, height, width, 1)` of colour images."""
    return ops.sum(x * ops.convert_to_tensor(GREY, "float32"), axis=-1, keepdims=True)


def mean_grey(x: KerasTensor) -> KerasTensor:
    """The mean luminance of each image, `(batch, 1, 1, 1)`; the mean of channels that are not colours."""
    return ops.mean(grey(x) if x.shape[-1] == 3 else x, axis=(1, 2, 3), keepdims=True)


def smooth(x: KerasTensor) -> KerasTensor:
    """Pillow's filter SMOOTH: the mean of 3x3 pixels, the middle one five times; the border stays as it is."""
    height, width = x.shape[1], x.shape[2]
    if height < 3 or width < 3:
        return x
    mean = ops.average_pool(x, 3, strides=1, padding="valid", data_format="channels_last")
    inner = (9.0 * mean + 4.0 * x[:, 1:-1, 1:-1]) / 13.0
    middle = ops.concatenate([x[:, 1:-1, :1], inner, x[:, 1:-1, -1:]], axis=2)
    return ops.concatenate([x[:, :1], middle, x[:, -1:]], axis=1)


def auto_contrast(x: KerasTensor) -> KerasTensor:
    """Each channel from its darkest to its brightest pixel stretched to 0 to 1; one of a single value stays."""
    low, high = ops.min(x, axis=(1, 2), keepdims=True), ops.max(x, axis=(1, 2), keepdims=True)
    varies = high > low
    return ops.where(varies, (x - low) / ops.where(varies, high - low, 1.0), x)


def posterize(x: KerasTensor, bits: float) -> KerasTensor:
    """The first so many bits of each pixel's 8."""
    step = 2.0 ** (8.0 - bits)
    return ops.floor(ops.round(255.0 * x) / step) * step / 255.0


def solarize(x: KerasTensor, threshold: float) -> KerasTensor:
    """Pixels inverted from a threshold on, by their level of 256."""
    return ops.where(ops.round(255.0 * x) >= 255.0 * threshold - 1e-3, 1.0 - x, x)


def equalize(x: KerasTensor) -> KerasTensor:
    """Each channel's histogram of 256 levels made even, by the integer arithmetic of Pillow's `ImageOps.equalize`."""
    channels = x.shape[-1]
    level = ops.cast(ops.round(255.0 * x), "int32")
    planes = ops.reshape(ops.arange(ops.shape(x)[0] * channels, dtype="int32"), (-1, 1, 1, channels))
    place = ops.reshape(level + 256 * planes, (-1,))
    counts = ops.segment_sum(ops.ones_like(place), place, num_segments=256 * ops.shape(x)[0] * channels)
    counts = ops.reshape(counts, (-1, 256))
    below = ops.cumsum(counts, axis=1) - counts
    last = ops.max(level, axis=(1, 2))  # the brightest level of each plane
    step = ops.reshape(ops.take_along_axis(below, ops.reshape(last, (-1, 1)), axis=1) // 255, (-1, 1))
    divisor = ops.maximum(step, 1)
    table = ops.minimum((divisor // 2 + below) // divisor, 255)
    table = ops.where(step > 0, table, ops.arange(256, dtype="int32")[None])
    found = ops.take(ops.reshape(table, (-1,)), place)
    return ops.reshape(ops.cast(found, "float32"), ops.shape(x)) / 255.0
