"""Keras's names of layers, for those who write them where a block's name belongs."""

from __future__ import annotations

from collections.abc import Iterable

from .spelling import did_you_mean

BLOCK_OF = {
    "Activation": "activation",
    "Add": "add",
    "Average": "average",
    "AveragePooling2D": "avg_pool",
    "AvgPool2D": "avg_pool",
    "BatchNormalization": "batch_norm",
    "Concatenate": "concat",
    "Conv2D": "conv",
    "Convolution2D": "conv",
    "Cropping2D": "cropping",
    "Dense": "dense",
    "DepthwiseConv2D": "depthwise_conv",
    "Dropout": "dropout",
    "Flatten": "flatten",
    "GlobalAveragePooling2D": "global_avg_pool",
    "GlobalAvgPool2D": "global_avg_pool",
    "GlobalMaxPool2D": "global_max_pool",
    "GlobalMaxPooling2D": "global_max_pool",
    "LayerNormalization": "layer_norm",
    "MaxPool2D": "max_pool",
    "MaxPooling2D": "max_pool",
    "Maximum": "maximum",
    "Multiply": "multiply",
    "Normalization": "normalization",
    "ReLU": "relu",
    "Rescaling": "rescaling",
    "Reshape": "reshape",
    "SeparableConv2D": "separable_conv",
    "SeparableConvolution2D": "separable_conv",
    "SpatialDropout2D": "spatial_dropout",
    "UpSampling2D": "up_sampling",
    "ZeroPadding2D": "zero_padding",
}


def block_meant(name: str, known: Iterable[str]) -> str:
    """`; did you mean 'x'?` for the block of Keras's layer of this name, or else for the nearest known name."""
    plain = _plain(name)
    meant = next((block for layer, block in BLOCK_OF.items() if _plain(layer) == plain), None)
    return did_you_mean(name, known) if meant is None else f"; did you mean {meant!r}?"


def _plain(name: str) -> str:
    """`max_pooling_2d` and `MaxPooling2D` are one."""
    return name.lower().replace("_", "").removesuffix("2d")
