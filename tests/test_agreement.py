"""Analysis equals Keras: shapes, parameters, weights and layer order, for shipped and for random specs."""

from __future__ import annotations

import keras
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

import convspec

from .agreement import assert_agreement

CORE = [
    "pattern", "digits", "lenet5", "alexnet", "alexnet_two_towers", "zfnet", "zfnet512", "vgg11", "vgg11_lrn", "vgg13",
    "vgg16", "vgg16c", "vgg19", "googlenet", "resnet18", "resnet34", "squeezenet1_0",
    "squeezenet1_1",
]  # fmt: skip
"""Networks without a twin in Keras, or whose twin is VGG; the catalogue's own tests cover the others."""


@pytest.mark.parametrize("name", CORE)
def test_a_shipped_spec_agrees_with_keras(name: str) -> None:
    keras.backend.clear_session(free_memory=False)
    spec = convspec.load(name)
    assert_agreement(convspec.analyze(spec), convspec.build(spec))


activations = st.sampled_from(
    ["relu", "relu6", "leaky_relu", "prelu", "elu", "selu", "tanh", "sigmoid", "silu", "gelu", "hard_sigmoid",
     "hard_swish", "softmax", "linear", None]
)  # fmt: skip
sizes = st.sampled_from([1, 2, 3, 5, [1, 3], [3, 1]])
strides = st.sampled_from([1, 1, 2, 3])
paddings = st.sampled_from(["same", "same", "valid", 1, [1, 2], [[0, 1], [2, 0]]])
filters = st.sampled_from([2, 4, 6, 8])
gates = st.sampled_from([None, None, {"ratio": 2}, {"channels": 3, "gate_activation": "hard_sigmoid"}])
norms = st.sampled_from([{}, {"kind": "layer"}, {"scale": False}, {"center": False, "momentum": 0.9}])
shortcuts = st.sampled_from(["identity", "projection", "scale", "exclusive_gate", "shortcut_gate", "dropout"])


def block(kind: str, **fields: st.SearchStrategy[object]) -> st.SearchStrategy[dict[str, object]]:
    return st.fixed_dictionaries({"block": st.just(kind)}, optional=fields)


def required(
    kind: str, needed: dict[str, st.SearchStrategy[object]], **fields: st.SearchStrategy[object]
) -> st.SearchStrategy[dict[str, object]]:
    return st.fixed_dictionaries({"block": st.just(kind), **needed}, optional=fields)


width = {"filters": filters}
units = {
    "strides": st.sampled_from([1, 2]), "preactivation": st.booleans(), "shortcut": shortcuts, "norm": norms,
    "downsample": st.sampled_from(["projection", "pool_projection"]), "drop_path_rate": st.sampled_from([0.0, 0.2]),
    "squeeze_excite": gates, "use_bias": st.booleans(),
}  # fmt: skip

simple = st.one_of(
    st.sampled_from(["conv3-4", "conv1x3-6/2", "conv5-8", "batchnorm", "relu", "lrn", "dropout0.3"]),
    required("conv", width, kernel_size=sizes, strides=strides, padding=paddings, activation=activations,
             use_bias=st.booleans(), squeeze_excite=gates),
    required("conv", width, kernel_size=sizes, dilation_rate=st.sampled_from([1, 2]), groups=st.sampled_from([1, 2])),
    block("depthwise_conv", kernel_size=sizes, padding=paddings, depth_multiplier=st.sampled_from([1, 2]),
          activation=activations, use_bias=st.booleans()),
    required("separable_conv", width, kernel_size=sizes, depth_multiplier=st.sampled_from([1, 2]),
             activation=activations, use_bias=st.booleans()),
    required("conv_norm_act", width, kernel_size=sizes, strides=strides, padding=paddings, norm=norms,
             activation=activations),
    required("conv_relu_pool", width, convs=st.sampled_from([1, 2]), norm=st.none() | norms, lrn=st.booleans(),
             pool=st.sampled_from(["max", "avg", None]), pool_padding=st.just("same"), dropout=st.just(0.1)),
    required(
        "depthwise_separable", width, strides=strides, norm=st.none() | norms, padding=paddings, activation=activations,
        layout=st.sampled_from([None, "mobilenet"]),
    ),
    block("max_pool", pool_size=st.sampled_from([1, 2, 3]), strides=strides, padding=st.sampled_from(["same", 1])),
    block("avg_pool", pool_size=st.sampled_from([1, 2]), strides=strides, padding=st.just("same")),
    block("zero_padding", padding=st.sampled_from([1, [1, 2], [[0, 1], [2, 0]]])),
    block("up_sampling", size=st.sampled_from([1, 2])),
    block("maxout", pieces=st.just(1)),
    block("layer_norm", epsilon=st.just(1e-6)),
    block("layer_scale", init_values=st.just(1e-3)),
    block("spatial_dropout"),
    required("stochastic_depth", {"rate": st.just(0.1)}),
    required("scale", {"scale": st.just(0.5)}),
    required("rescaling", {"scale": st.just(2.0)}),
    block("normalization"),
    block("squeeze_excite", ratio=st.sampled_from([1, 2])),
    required("basic", width, **units),
    required("bottleneck", width, width=st.sampled_from([2, 4]), groups=st.sampled_from([1, 2]),
             stride_on=st.sampled_from(["first", "middle"]), **units),
    required("inverted_residual", width, strides=st.sampled_from([1, 2]), expansion=st.sampled_from([1, 2, 4]),
             fused=st.booleans(), squeeze_excite=gates, drop_path_rate=st.just(0.1)),
    required("dense_block", {"layers": st.sampled_from([1, 2, 3]), "growth_rate": st.just(3)},
             bottleneck=st.sampled_from([None, 2]), dropout=st.just(0.1)),
    block("transition", compression=st.sampled_from([0.5, 1.0])),
    required("fire", {"squeeze": st.just(2), "expand": filters}),
    required("chain", {"layers": st.sampled_from(["conv3-4/2 avgpool3/1", "conv1x3-2V (conv1-3 | maxpool3/1) conv1-4"])},
             norm=st.none() | norms, automatic_names=st.booleans()),
    required("mixed", {"towers": st.lists(st.sampled_from(["conv1-2", "avgpool3/1 conv3-4", "conv1-1 (conv1x3-2 | conv3x1-1)"]),
             min_size=2, max_size=3)}, use_bias=st.booleans(), squeeze_excite=gates),
    required("inception_resnet", {"towers": st.sampled_from([["conv1-2"], ["conv1-2", "conv1-2 conv3-4"]])},
             scale=st.sampled_from([0.1, 1.0]), output_activation=st.sampled_from(["relu", None]), squeeze_excite=gates),
    required("xception_module", {"filters": st.sampled_from([[4], [4, 6]])}, activate_first=st.booleans()),
    block("inception", conv1x1=filters, reduce3x3=st.none(), conv3x3=filters, conv5x5=filters, pool_proj=filters,
          norm=st.none() | norms),
)  # fmt: skip


def composites(inner: st.SearchStrategy[object]) -> st.SearchStrategy[dict[str, object]]:
    keeps_size = st.lists(
        st.sampled_from(["batchnorm", "relu", {"block": "depthwise_conv"}, {"block": "stochastic_depth", "rate": 0.1}]),
        min_size=1, max_size=2,
    )  # fmt: skip
    one_size = st.lists(st.sampled_from(["conv3-4", "conv1x3-6", "batchnorm"]), max_size=2)
    return st.one_of(
        required("sequence", {"body": st.lists(inner, min_size=1, max_size=2)}, repeat=st.sampled_from([1, 2])),
        required("residual", {"body": keeps_size}, shortcut=shortcuts, activation=activations),
        required("residual", {"body": st.lists(inner, min_size=1, max_size=2), "shortcut": st.just("projection")}),
        required("parallel", {"branches": st.lists(one_size, min_size=2, max_size=3)}, activation=activations),
    )


heads = st.one_of(
    st.fixed_dictionaries(
        {}, optional={"pooling": st.sampled_from(["avg", "max"]), "fc": st.lists(filters, max_size=2),
                      "dropout": st.sampled_from([0.0, 0.5]), "activation": activations.filter(lambda name: name)},
    ),
    st.fixed_dictionaries({"flatten": st.just(True)}, optional={"fc": st.lists(filters, max_size=2)}),
    st.just(None),
)  # fmt: skip
specs = st.fixed_dictionaries(
    {
        "name": st.just("random"),
        "input": st.sampled_from([[8, 8, 2], [9, 7, 4], [12, 12, 1]]),
        "classes": st.just(3),
        "body": st.lists(st.recursive(simple, composites, max_leaves=3), min_size=1, max_size=4),
        "head": heads,
    }
)


def spec_or_none(document: dict[str, object]) -> convspec.Spec | None:
    try:
        return convspec.load(document)
    except convspec.FaultError:
        return None


@settings(max_examples=500, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
@given(specs)
def test_a_random_spec_agrees_with_keras(document: dict[str, object]) -> None:
    spec = spec_or_none(document)
    assume(spec is not None)  # an example counts only if its shapes work out, so that 500 networks are compared
    keras.backend.clear_session(free_memory=False)
    assert_agreement(convspec.analyze(spec), convspec.build(spec))
