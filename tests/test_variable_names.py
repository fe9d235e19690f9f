"""What TensorFlow calls the variables of a network."""

import keras
import pytest

from convspec import build, load
from convspec.blocks import Conv
from convspec.variable_names import short_variable_names

pytestmark = pytest.mark.skipif(keras.backend.backend() != "tensorflow", reason="the names are TensorFlow's")


def test_tensorflow_leaves_the_layers_out_and_keras_does_not():
    model = build(load("resnet20"))
    paths = [weight.path for weight in model.weights]
    assert len(set(paths)) == len(paths)
    assert "conv2_block1_1_conv/kernel" in paths
    assert [weight.value.name for weight in model.weights] == [f"{path.split('/')[-1]}:0" for path in paths]


def test_so_it_is_with_a_block_on_keras_tensors():
    x = keras.Input((8, 8, 3))
    model = keras.Model(x, Conv(filters=4)(x, "first"))
    kernel = model.get_layer("first").kernel
    assert (kernel.path, kernel.value.name) == ("first/kernel", "kernel:0")


def test_layers_made_later_have_their_scope_even_after_an_error():
    with pytest.raises(ZeroDivisionError), short_variable_names():
        raise ZeroDivisionError
    layer = keras.layers.Dense(2, name="own")
    layer.build((None, 3))
    assert layer.kernel.value.name == "own/kernel:0"
