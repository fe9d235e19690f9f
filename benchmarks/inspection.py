"""`convspec inspect` in a cold process against Keras: import, build the same network, print its summary."""

from __future__ import annotations

from .processes import convspec, measure, python

KERAS_RESNET18 = """
import keras
from keras import layers

def unit(x, filters, strides):
    shortcut = x
    y = layers.Conv2D(filters, 3, strides, padding="same", use_bias=False)(x)
    y = layers.ReLU()(layers.BatchNormalization()(y))
    y = layers.BatchNormalization()(layers.Conv2D(filters, 3, padding="same", use_bias=False)(y))
    if strides > 1 or x.shape[-1] != filters:
        shortcut = layers.BatchNormalization()(layers.Conv2D(filters, 1, strides, use_bias=False)(x))
    return layers.ReLU()(layers.Add()([shortcut, y]))

inputs = x = keras.Input((224, 224, 3))
x = layers.ReLU()(layers.BatchNormalization()(layers.Conv2D(64, 7, 2, padding="same", use_bias=False)(x)))
x = layers.MaxPooling2D(3, 2, padding="same")(x)
for stage in range(4):
    for block in range(2):
        x = unit(x, 64 * 2**stage, 2 if stage and not block else 1)
x = layers.Dense(1000, activation="softmax")(layers.GlobalAveragePooling2D()(x))
model = keras.Model(inputs, x)
model.summary()
assert sum(w.shape.num_elements() for w in model.trainable_weights) == 11_689_512
"""

KERAS_RESNET50 = "import keras; keras.applications.ResNet50(weights=None).summary()"


def run() -> list[str]:
    """Rows: what, convspec, Keras, ratios of wall time, CPU time and memory."""
    rows = [
        "| network, cold process | convspec inspect | Keras: import, build, summary | time | CPU | memory |",
        "|---|---|---|---|---|---|",
    ]
    for name, code in (("resnet18", KERAS_RESNET18), ("resnet50", KERAS_RESNET50)):
        ours, theirs = measure(convspec("inspect", name)), measure(python(code), runs=3)
        ratios = " | ".join(f"1/{their / our:.1f}" for our, their in zip(ours, theirs, strict=True))
        rows.append(f"| {name} | {ours} | {theirs} | {ratios} |")
    return rows
