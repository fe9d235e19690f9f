"""What `convspec.build` makes of a Keras tensor that it is given."""

import re

import keras
import numpy as np
import pytest

import convspec


@pytest.mark.parametrize("shape", [(28, 28, 1), (32, 32, 3), (32, 28, 1), (32, 32, None), (None, 28, 1), (784,)])
def test_a_tensor_of_another_shape_is_refused(shape):
    told = "x".join("?" if size is None else str(size) for size in shape)
    with pytest.raises(ValueError, match=re.escape(f"input_tensor is {told}, but the network reads 32x32x1")):
        convspec.build(convspec.load("lenet5"), input_tensor=keras.Input(shape))


def test_the_remedy_gives_the_network_for_the_tensor():
    tensor = keras.Input((28, 28, 1))
    with pytest.raises(ValueError, match=re.escape("load(..., input_shape=(28, 28, 1)) gives the network")):
        convspec.build(convspec.load("lenet5"), input_tensor=tensor)
    model = convspec.build(convspec.load("lenet5", input_shape=(28, 28, 1)), input_tensor=tensor)
    assert model.input_shape == (None, 28, 28, 1)


@pytest.mark.parametrize(("spec", "tensor"), [((None, None, 1), (8, 8, 1)), ((8, 8, 1), (None, None, 1))])
def test_open_heights_and_widths_are_any(spec, tensor):
    document = {"name": "x", "input": list(spec), "classes": 3, "body": ["conv3-4"], "head": {"pooling": "avg"}}
    model = convspec.build(convspec.load(document), input_tensor=keras.Input(tensor))
    assert model([np.zeros((2, 8, 8, 1), np.float32)]).shape == (2, 3)
