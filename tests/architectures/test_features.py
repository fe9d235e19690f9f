"""Creating networks by name, and features: the last layer of each resolution."""

from __future__ import annotations

from itertools import pairwise

import keras
import numpy as np
import pytest

from convspec import list_specs
from convspec.architectures import ResNet50, create, feature_info, list_models
from convspec.language import InputError

from .reference import assert_twin, fresh

FEATURES = {
    "vgg16": ["block1_conv2", "block2_conv2", "block3_conv3", "block4_conv3", "block5_conv3", "block5_pool"],
    "resnet50": ["conv1_relu", "conv2_block3_out", "conv3_block4_out", "conv4_block6_out", "conv5_block3_out"],
    "resnet50v2": ["conv1_conv", "conv2_block2_out", "conv3_block3_out", "conv4_block5_out", "post_relu"],
    "mobilenet": [f"conv_pw_{number}_relu" for number in (1, 3, 5, 11, 13)],
    "mobilenet_v2": [
        "block_1_expand_relu",
        "block_3_expand_relu",
        "block_6_expand_relu",
        "block_13_expand_relu",
        "out_relu",
    ],
    "efficientnet_b0": [
        "block2a_expand_activation",
        "block3a_expand_activation",
        "block4a_expand_activation",
        "block6a_expand_activation",
        "top_activation",
    ],
    "nasnet_mobile": ["stem_bn1", "reduction_concat_stem_1", "normal_concat_3", "normal_concat_8", "activation_187"],
    "mobilenet_v3_small": ["activation", "re_lu_2", "activation_1", "activation_11", "activation_17"],
    "inception_v3": ["activation_2", "activation_4", "mixed2", "mixed7", "mixed10"],
}
"""Layers that published segmentation and detection networks tap, where there are any."""


@pytest.mark.parametrize(("name", "layers"), FEATURES.items(), ids=FEATURES.keys())
def test_the_last_layer_of_each_resolution(name, layers):
    assert [feature.name for feature in feature_info(name)] == layers


def test_features_say_stride_channels_and_shape():
    strides = [(feature.stride, feature.channels, feature.shape) for feature in feature_info("resnet50")]
    assert strides == [
        (2, 64, (112, 112, 64)),
        (4, 256, (56, 56, 256)),
        (8, 512, (28, 28, 512)),
        (16, 1024, (14, 14, 1024)),
        (32, 2048, (7, 7, 2048)),
    ]


def test_parameters_of_the_family_change_the_channels():
    assert [feature.channels for feature in feature_info("mobilenet", alpha=0.5)] == [32, 64, 128, 256, 512]


@pytest.mark.parametrize("name", list_specs())
def test_each_network_has_features_of_rising_stride(name):
    found = feature_info(name)
    assert len(found) >= 2
    assert all(later.stride > earlier.stride for earlier, later in pairwise(found))
    assert len({feature.name for feature in found}) == len(found)


@pytest.mark.parametrize(
    "name", ["vgg11", "resnet50v2", "convnext_tiny", "mobilenet_v3_small", "googlenet", "densenet121"]
)
def test_a_model_of_features_has_them_as_outputs(name):
    model = fresh(lambda: create(name, features=True, weights=None, input_shape=(224, 224, 3)))
    features = feature_info(name)
    assert [tuple(output.shape[1:]) for output in model.outputs] == [
        (-(-224 // feature.stride), -(-224 // feature.stride), feature.channels) for feature in features
    ]
    assert [output._keras_history.operation.name for output in model.outputs] == [feature.name for feature in features]


def test_features_are_those_of_the_layers():
    model = fresh(lambda: create("digits", features=True), allocate=True)
    image = np.random.default_rng(0).uniform(size=(1, 8, 8, 1)).astype("float32")
    last = keras.Model(model.input, model.get_layer("block1_relu2").output)
    assert np.array_equal(model(image)[0], last(image))


def test_features_of_any_size():
    model = fresh(lambda: create("resnet18", features=True))
    assert model.input_shape == (None, None, None, 3)


@pytest.mark.parametrize("arguments", [{"include_top": True}, {"pooling": "avg"}])
def test_features_have_neither_top_nor_pooling(arguments):
    with pytest.raises(InputError, match="features are those of the body, without top or pooling"):
        create("resnet50", features=True, weights=None, **arguments)


def test_create_is_the_constructor():
    ours = fresh(lambda: create("resnet50", weights=None, classes=7))
    assert_twin(ours, fresh(lambda: create("ResNet50", weights=None, classes=7)))
    assert_twin(ours, fresh(lambda: ResNet50(weights=None, classes=7)))


def test_names_match_a_pattern():
    assert list_models("vgg1[69]") == ["vgg16", "vgg19"]
    assert list_models() == list_specs()


@pytest.mark.parametrize("call", [create, feature_info])
def test_an_unknown_name_names_the_nearest(call):
    with pytest.raises(InputError, match=r"no network is called 'resnet51'; did you mean .*'resnet50'"):
        call("resnet51")
    with pytest.raises(InputError, match="no network is called 'zzz'\n  list_models"):
        call("zzz")
