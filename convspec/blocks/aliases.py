"""Names of layers in Keras, PyTorch and papers, for those who write them where a block's name belongs."""

from __future__ import annotations

from collections.abc import Iterable

from ..graph.activation import activation_meant
from ..suggestions import did_you_mean, spelled

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
    "DropPath": "stochastic_depth",
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
    "Sequential": "sequence",
    "SeparableConv2D": "separable_conv",
    "SeparableConvolution2D": "separable_conv",
    "SpatialDropout2D": "spatial_dropout",
    "Upsample": "up_sampling",
    "UpSampling2D": "up_sampling",
    "Xception": "xception_module",
    "ZeroPadding2D": "zero_padding",
}


_NORMS = "the norms are batch_norm and layer_norm"
_IMAGES = "blocks work on images, with two dimensions"
_SEQUENCES = "no block works on sequences"
_MERGES = "the merges are add, average, concat, maximum and multiply"
_AUGMENTED = "images are changed in training by `train: {augmentation: ...}`"
_TRANSPOSED = "no block transposes a convolution; up_sampling before a conv enlarges a map"

INSTEAD = {
    "Conv1D": _IMAGES,
    "Conv3D": _IMAGES,
    "MaxPooling1D": _IMAGES,
    "MaxPooling3D": _IMAGES,
    "MaxPool1D": _IMAGES,
    "MaxPool3D": _IMAGES,
    "AveragePooling1D": _IMAGES,
    "AveragePooling3D": _IMAGES,
    "Conv2DTranspose": _TRANSPOSED,
    "ConvTranspose2D": _TRANSPOSED,
    "Deconv": _TRANSPOSED,
    "Deconvolution": _TRANSPOSED,
    "GroupNorm": _NORMS,
    "GroupNormalization": _NORMS,
    "GN": _NORMS,
    "GRN": _NORMS,
    "GlobalResponseNormalization": _NORMS,
    "InstanceNorm": _NORMS,
    "InstanceNormalization": _NORMS,
    "RMSNorm": _NORMS,
    "RMSNormalization": _NORMS,
    "SpectralNormalization": _NORMS,
    "UnitNormalization": _NORMS,
    "SyncBatchNorm": _NORMS,
    "Norm": _NORMS,
    "Subtract": _MERGES,
    "Minimum": _MERGES,
    "Dot": _MERGES,
    "Merge": _MERGES,
    "LSTM": _SEQUENCES,
    "GRU": _SEQUENCES,
    "SimpleRNN": _SEQUENCES,
    "RNN": _SEQUENCES,
    "Bidirectional": _SEQUENCES,
    "TimeDistributed": _SEQUENCES,
    "Embedding": _SEQUENCES,
    "Attention": "no block attends",
    "MultiHeadAttention": "no block attends",
    "SelfAttention": "no block attends",
    "Transformer": "no block attends",
    "CBAM": "the gate is squeeze_excite",
    "ECA": "the gate is squeeze_excite",
    "GaussianNoise": "what drops values is dropout, spatial_dropout and stochastic_depth",
    "GaussianDropout": "what drops values is dropout, spatial_dropout and stochastic_depth",
    "AlphaDropout": "what drops values is dropout, spatial_dropout and stochastic_depth",
    "DropBlock": "what drops values is dropout, spatial_dropout and stochastic_depth",
    "PixelShuffle": "maps are enlarged by up_sampling",
    "DepthToSpace": "maps are enlarged by up_sampling",
    "SpaceToDepth": "maps are made smaller by strides and pools",
    "PixelUnshuffle": "maps are made smaller by strides and pools",
    "Permute": "the order of axes is fixed",
    "Lambda": "a spec holds no code",
    "Masking": _SEQUENCES,
    "Input": "`input: [height, width, channels]` is at the top of the spec",
    "InputLayer": "`input: [height, width, channels]` is at the top of the spec",
    "Identity": "an empty list is a branch that passes its input on, and `shortcut: identity` a field of residual",
    "Skip": "a shortcut is a field of residual",
    "Shortcut": "a shortcut is a field of residual",
    "Classifier": "the classes are `head:`, or the block head",
    "Resizing": "images are resized by `train: {preprocessing: {resize: ...}}`",
    "CenterCrop": "images are resized by `train: {preprocessing: {resize: ...}}`",
    "RandomFlip": _AUGMENTED,
    "RandomCrop": _AUGMENTED,
    "RandomRotation": _AUGMENTED,
    "RandomZoom": _AUGMENTED,
    "RandomTranslation": _AUGMENTED,
    "RandomContrast": _AUGMENTED,
    "RandomBrightness": _AUGMENTED,
    "MixUp": "mixing images is `train: {mixup: ...}`",
    "CutMix": "mixing images is `train: {cutmix: ...}`",
    "ActivityRegularization": "the penalty on weights is `train: {l2: ...}`",
}
"""Layers that no block is, and what comes nearest or where it is written."""


def block_meant(name: str, known: Iterable[str]) -> str:
    """What to write instead of a block that does not exist, as the end of a sentence; empty where nothing is like it.

    Names of another tool's layers and of activations come first: `deconv` is not a misspelt `conv`.
    """
    plain, known = _plain(name), list(known)
    block = next((block for layer, block in BLOCK_OF.items() if _plain(layer) == plain), None)
    if block is not None:
        return f"; did you mean {block!r}?"
    if (activation := activation_meant(name)) and activation not in known:
        return f"; write {{block: activation, activation: {activation}}}"
    words = next((words for layer, words in INSTEAD.items() if spelled(layer) == spelled(name)), None)
    words = words or next((words for layer, words in INSTEAD.items() if _plain(layer) == plain), None)
    return did_you_mean(name, known) if words is None else f"; {words}"


def _plain(name: str) -> str:
    """`max_pooling_2d` and `MaxPooling2D` are one."""
    return spelled(name).removesuffix("2d")
