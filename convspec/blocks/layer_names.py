"""Names of layers in Keras, PyTorch and papers, for those who write them where a block's name belongs."""

from __future__ import annotations

from collections.abc import Iterable

from .spelling import did_you_mean

BLOCK_OF = {
    "Activation": "activation",
    "AdaptiveAvgPool2D": "global_avg_pool",
    "AdaptiveMaxPool2D": "global_max_pool",
    "Add": "add",
    "Average": "average",
    "AveragePooling2D": "avg_pool",
    "AvgPool2D": "avg_pool",
    "BasicBlock": "basic",
    "BatchNorm2D": "batch_norm",
    "BatchNormalization": "batch_norm",
    "BN": "batch_norm",
    "Concatenate": "concat",
    "Conv2D": "conv",
    "Convolution2D": "conv",
    "Cropping2D": "cropping",
    "Dense": "dense",
    "DenseNet": "dense_block",
    "DepthwiseConv2D": "depthwise_conv",
    "Dropout": "dropout",
    "FC": "dense",
    "Flatten": "flatten",
    "FullyConnected": "dense",
    "GlobalAveragePooling2D": "global_avg_pool",
    "GlobalAvgPool2D": "global_avg_pool",
    "GlobalMaxPool2D": "global_max_pool",
    "GlobalMaxPooling2D": "global_max_pool",
    "GoogLeNet": "inception",
    "InvertedBottleneck": "inverted_residual",
    "LayerNormalization": "layer_norm",
    "Linear": "dense",
    "LocalResponseNorm": "lrn",
    "Maximum": "maximum",
    "MaxPool2D": "max_pool",
    "MaxPooling2D": "max_pool",
    "MBConv": "inverted_residual",
    "Multiply": "multiply",
    "Normalization": "normalization",
    "ReLU": "relu",
    "Rescaling": "rescaling",
    "Reshape": "reshape",
    "ResidualBlock": "basic",
    "ResNet": "basic",
    "ResNetBlock": "basic",
    "SE": "squeeze_excite",
    "SEBlock": "squeeze_excite",
    "SeparableConv2D": "separable_conv",
    "SeparableConvolution2D": "separable_conv",
    "SpatialDropout2D": "spatial_dropout",
    "Upsample": "up_sampling",
    "UpSampling2D": "up_sampling",
    "Xception": "xception_module",
    "ZeroPadding2D": "zero_padding",
}


def block_meant(name: str, known: Iterable[str]) -> str:
    """`; did you mean 'x'?` for the block of another tool's layer of this name, or else for the nearest known name."""
    plain = _plain(name)
    meant = next((block for layer, block in BLOCK_OF.items() if _plain(layer) == plain), None)
    return did_you_mean(name, known) if meant is None else f"; did you mean {meant!r}?"


def _plain(name: str) -> str:
    """`max_pooling_2d` and `MaxPooling2D` are one."""
    return name.lower().replace("_", "").removesuffix("2d")
