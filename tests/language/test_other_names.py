"""What other libraries and papers call a layer, an activation or an optimizer leads to the name that a spec takes."""

from __future__ import annotations

import inspect

import keras
import pytest

from convspec import InputError, load
from convspec.blocks import BLOCKS, find_block_class
from convspec.blocks.aliases import INSTEAD, NAMES, block_called, block_meant
from convspec.graph.activation import ALIASES as ACTIVATION_ALIASES
from convspec.graph.initializer import ALIASES as INITIALIZER_ALIASES
from convspec.language.optimization import OPTIMIZERS, aliases_of
from convspec.language.schedule import SCHEDULES
from convspec.language.tune import METRIC_ALIASES, METRICS, UNITS, bounds
from convspec.suggestions import did_you_mean

ELSEWHERE = {  # Keras 1 and 2, PyTorch and timm, and the papers' own names
    "conv": "Conv2D Convolution2D conv_2d Conv1x1 Conv3x3 Conv5x5 Conv7x7",
    "conv_norm_act": "BasicConv2D ConvBNAct ConvBNReLU ConvNormAct ConvNormActivation Conv2DNormActivation conv_bn_relu",
    "depthwise_conv": "DepthwiseConv2D",
    "separable_conv": "SeparableConv2D SeparableConvolution2D",
    "max_pool": "MaxPool2D MaxPooling2D max_pooling",
    "avg_pool": "AvgPool2D AveragePooling2D",
    "global_avg_pool": "AdaptiveAvgPool2D AdaptiveAvgPool GAP GlobalAveragePooling2D GlobalAvgPool2D",
    "global_max_pool": "AdaptiveMaxPool2D AdaptiveMaxPool GlobalMaxPooling2D GlobalMaxPool2D",
    "activation": "Activation",
    "add": "Add",
    "average": "Average",
    "concat": "Concatenate",
    "maximum": "Maximum",
    "multiply": "Multiply",
    "batch_norm": "BatchNorm2D BatchNormalization BN",
    "layer_norm": "LayerNormalization",
    "lrn": "LocalResponseNorm",
    "normalization": "Normalization",
    "rescaling": "Rescaling",
    "cropping": "Cropping2D",
    "zero_padding": "ZeroPadding2D",
    "up_sampling": "Upsample UpSampling2D",
    "reshape": "Reshape",
    "flatten": "Flatten",
    "dense": "Dense FC FullyConnected Linear",
    "dropout": "Dropout",
    "spatial_dropout": "SpatialDropout2D",
    "stochastic_depth": "DropPath",
    "relu": "ReLU",
    "sequence": "Sequential",
    "basic": "BasicBlock ResBlock ResidualBlock ResNet ResNetBlock",
    "dense_block": "DenseNet",
    "inception": "GoogLeNet",
    "inverted_residual": "InvertedBottleneck MBConv",
    "squeeze_excite": "SE SEBlock",
    "xception_module": "Xception",
}
INITIALIZERS = {
    "random_uniform": "uniform",
    "random_normal": "normal gaussian",
    "glorot_uniform": "xavier xavier_uniform",
    "glorot_normal": "xavier_normal",
    "he_normal": "kaiming kaiming_normal msra",
    "he_uniform": "kaiming_uniform",
    "zeros": "zero",
    "ones": "one",
}
ACTIVATIONS = {
    "hard_swish": "hswish",
    "hard_sigmoid": "hsigmoid",
    "hard_silu": "hsilu",
    "leaky_relu": "lrelu",
    "relu": "rectifier",
    "sigmoid": "logistic",
    "exponential": "exp",
    "prelu": "parametric_relu",
}
OPTIMIZATION = {
    "sgd": "momentum nesterov sgdm",
    "cosine": "cosine_decay cosine_annealing cosine_annealing_lr",
    "cosine_restarts": "warm_restarts sgdr cosine_annealing_warm_restarts cosine_decay_restarts",
    "exponential": "exponential_decay exponential_lr",
    "plateau": "reduce_lr_on_plateau reduce_on_plateau",
    "step": "piecewise piecewise_constant multistep multistep_lr step_lr",
    "accuracy": "acc",
    "val_accuracy": "val_acc",
    "val_crossentropy": "cross_entropy",
}
NO_BLOCK = {  # what is said instead
    "blocks work on images, with two dimensions": "Conv1D Conv3D MaxPooling1D MaxPooling3D MaxPool1D MaxPool3D "
    "AveragePooling1D AveragePooling3D",
    "no block transposes a convolution; up_sampling before a conv enlarges a map": "Conv2DTranspose "
    "ConvTranspose2D Deconv Deconvolution",
    "the norms are batch_norm and layer_norm": "GroupNorm GroupNormalization GN GRN GlobalResponseNormalization "
    "InstanceNorm InstanceNormalization RMSNorm RMSNormalization SpectralNormalization UnitNormalization SyncBatchNorm "
    "Norm Normalize",
    "a convolution with its norm is conv_norm_act; `activation: null` leaves out the activation": "ConvBN ConvNorm",
    "a convolution with its activation is conv: its field `activation` is relu unless given": "ConvReLU ConvAct "
    "ConvActivation",
    "a convolution without a norm is conv, one with a norm conv_norm_act": "ConvBlock ConvUnit ConvLayer",
    "a block of your own is a template: `templates: {NAME: {body: [...]}}`": "Block Cell Layer Module Stage Stem Unit "
    "Blocks Cells Layers Modules Stages Units",
    "the pools are avg_pool and max_pool, over all of a map global_avg_pool and global_max_pool": "Pool Pooling "
    "GlobalPool GlobalPooling",
    "the merges are add, average, concat, maximum and multiply": "Subtract Minimum Dot Merge",
    "no block works on sequences": "LSTM GRU SimpleRNN RNN Bidirectional TimeDistributed Embedding Masking",
    "no block attends": "Attention MultiHeadAttention SelfAttention Transformer",
    "the gate is squeeze_excite": "CBAM ECA",
    "what drops values is dropout, spatial_dropout and stochastic_depth": "GaussianNoise GaussianDropout AlphaDropout "
    "DropBlock",
    "maps are enlarged by up_sampling": "PixelShuffle DepthToSpace",
    "maps are made smaller by strides and pools": "SpaceToDepth PixelUnshuffle",
    "the order of axes is fixed": "Permute",
    "a spec holds no code": "Lambda",
    "`input: [height, width, channels]` is at the top of the spec": "Input InputLayer",
    "an empty list is a branch that passes its input on, and `shortcut: identity` a field of residual": "Identity",
    "a shortcut is a field of residual": "Skip Shortcut",
    "the classes are `head:`, or the block head": "Classifier",
    "images are resized by `train: {preprocessing: {resize: ...}}`": "Resizing CenterCrop",
    "images are changed in training by `train: {augmentation: ...}`": "RandomFlip RandomCrop RandomRotation RandomZoom "
    "RandomTranslation RandomContrast RandomBrightness",
    "mixing images is `train: {mixup: ...}`": "MixUp",
    "mixing images is `train: {cutmix: ...}`": "CutMix",
    "the penalty on weights is `train: {l2: ...}`": "ActivityRegularization",
}


def each(names: dict[str, str]) -> list[tuple[str, str]]:
    return [(name, meant) for meant, several in names.items() for name in several.split()]


def errors(sections: dict[str, object]) -> str:
    with pytest.raises(InputError) as caught:
        load({"name": "x", "input": [8, 8, 3], "classes": 2, "body": ["conv3-8"], **sections})
    return str(caught.value)


def test_layers() -> None:
    assert [name for name, block in each(ELSEWHERE) if block_meant(name, BLOCKS) != f"; did you mean {block!r}?"] == []
    assert {name for name, _ in each(NAMES)} <= {name for name, _ in each(ELSEWHERE)}


def test_every_name_that_keras_has_for_a_layer_of_ours_is_known() -> None:
    layers = inspect.getmembers(keras.layers, inspect.isclass)
    for name, layer in layers:
        if block := block_called(layer.__name__):
            assert block_called(name) == block
            assert find_block_class(block)


def test_layers_that_no_block_is() -> None:
    assert [name for name, words in each(NO_BLOCK) if block_meant(name, BLOCKS) != f"; {words}"] == []
    assert set(INSTEAD) - {name for name, _ in each(NO_BLOCK)} == set()


def test_activations_and_initializers() -> None:
    for field, names, known in (
        ("activation", ACTIVATIONS, ACTIVATION_ALIASES),
        ("kernel_initializer", INITIALIZERS, INITIALIZER_ALIASES),
    ):
        text = errors({"body": [{"block": "conv", "filters": 1, field: name} for name, _ in each(names)]})
        assert [
            name for name, meant in each(names) if f" is called {name!r}; did you mean {meant!r}?" not in text
        ] == []
        assert len(each(names)) == len(known)


@pytest.mark.parametrize(("name", "meant"), each(OPTIMIZATION))
def test_optimizers_schedules_and_metrics(name: str, meant: str) -> None:
    sections: dict[str, object]
    if meant in (*OPTIMIZERS, *SCHEDULES):
        sections = {"train": {"optimizer" if meant in OPTIMIZERS else "schedule": {"name": name}}}
    else:
        space = {"train.l2": {"uniform": [0, 1]}}
        sections = {"tune": {"objective": {"name": name}, "space": space, "stages": [{"trials": 1, "epochs": 1}]}}
    assert errors(sections).split("\n")[0].endswith(f" is called {name!r}; did you mean {meant!r}?")


def test_no_alias_of_optimization_is_left_out() -> None:
    known = {**aliases_of(OPTIMIZERS), **aliases_of(SCHEDULES), **METRIC_ALIASES}
    assert known == dict(each(OPTIMIZATION))
    assert set(METRICS) >= {"accuracy", "val_accuracy", "val_crossentropy"}


def test_units_of_limits() -> None:
    sizes = {"": 1, "k": 1e3, "M": 1e6, "G": 1e9, "kB": 1000, "MB": 1000**2, "GB": 1000**3, "KiB": 1024}
    sizes |= {"MiB": 1024 * 1024, "GiB": 1024**3, "ms": 1, "s": 1000}
    assert sizes == UNITS
    assert list(bounds("> 1_0 MiB, <= 2e3s")) == [(">", 10 * 1024 * 1024), ("<=", 2e6)]
    assert list(bounds("> 10, < 3 furlongs")) == []


@pytest.mark.parametrize(
    ("name", "known", "hint"),
    [
        ("size", ["pool_size", "strides"], "; did you mean 'pool_size'?"),
        ("size", ["pool_size", "kernel_size"], ""),
        ("dila", ["dilation_rate", "padding"], "; did you mean 'dilation_rate'?"),
        ("di", ["dilation_rate", "padding"], ""),
        ("fliters", ["filters", "padding"], "; did you mean 'filters'?"),
        ("", ["filters"], ""),
    ],
)
def test_the_name_that_was_meant(name: str, known: list[str], hint: str) -> None:
    assert did_you_mean(name, known) == hint


@pytest.mark.parametrize("name", ["MaxPooling2D", "max_pooling_2d", "max_pooling2d", "maxpooling2d"])
def test_a_layer_of_keras_is_a_block_of_ours_however_it_is_spelled(name: str) -> None:
    assert block_meant(name, ["max_pool", "conv"]) == "; did you mean 'max_pool'?"
