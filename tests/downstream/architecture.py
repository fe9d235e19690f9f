"""A network of the catalogue as a constructor, and one that is written in Python."""

import keras

from convspec import build
from convspec.architectures import ResNet50, create, list_models
from convspec.blocks import Bottleneck


def resnet(classes: int) -> keras.Model:
    """ResNet-50 without its weights, for images of 64x64."""
    return ResNet50(weights=None, input_shape=(64, 64, 3), classes=classes)


def by_name(pattern: str) -> keras.Model:
    """The first network of a pattern."""
    return create(list_models(pattern)[0], weights=None)


def own() -> keras.Model:
    """Two bottlenecks on Keras's tensors, behind a network of the catalogue."""
    inputs = keras.Input((32, 32, 1))
    x = Bottleneck(filters=4, strides=2)(inputs)
    outputs = Bottleneck(filters=4)(x, name="second")
    model: keras.Model = keras.Model(inputs, outputs)
    assert build("lenet5").input_shape == model.input_shape
    return model
