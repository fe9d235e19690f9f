"""Names of layers in Keras, PyTorch and papers, for those who write them where a block's name belongs."""

from __future__ import annotations

from collections.abc import Iterable

from ..graph.activation import activation_meant
from ..suggestions import did_you_mean, spelled
from .registry import BLOCKS

NAMES = {
    "avg_pool": "AveragePooling2D",
    "basic": "BasicBlock ResBlock ResidualBlock ResNet ResNetBlock",
    "batch_norm": "BatchNormalization BN",
    "concat": "Concatenate",
    "conv": "Convolution2D Conv1x1 Conv3x3 Conv5x5 Conv7x7",
    "conv_norm_act": "BasicConv2D ConvBNAct ConvBNReLU ConvNormActivation Conv2DNormActivation",
    "dense": "FC FullyConnected Linear",
    "dense_block": "DenseNet",
    "global_avg_pool": "AdaptiveAvgPool2D GAP GlobalAveragePooling2D",
    "global_max_pool": "AdaptiveMaxPool2D GlobalMaxPooling2D",
    "inception": "GoogLeNet",
    "inverted_residual": "InvertedBottleneck MBConv",
    "layer_norm": "LayerNormalization",
    "lrn": "LocalResponseNorm",
    "max_pool": "MaxPooling2D",
    "separable_conv": "SeparableConvolution2D",
    "sequence": "Sequential",
    "squeeze_excite": "SE SEBlock",
    "stochastic_depth": "DropPath",
    "up_sampling": "Upsample",
    "xception_module": "Xception",
}
"""block -> what others call it, if not by its own name in another spelling: `Conv2D` is `conv`."""

NO_BLOCK = {
    "blocks work on images, with two dimensions": "Conv1D Conv3D MaxPooling1D MaxPooling3D MaxPool1D MaxPool3D "
    "AveragePooling1D AveragePooling3D",
    "no block transposes a convolution; up_sampling before a conv enlarges a map": "Conv2DTranspose ConvTranspose2D "
    "Deconv Deconvolution",
    "the norms are batch_norm and layer_norm": "GroupNorm GroupNormalization GN GRN GlobalResponseNormalization "
    "InstanceNorm InstanceNormalization RMSNorm RMSNormalization SpectralNormalization UnitNormalization SyncBatchNorm "
    "Norm Normalize",
    "the merges are add, average, concat, maximum and multiply": "Subtract Minimum Dot Merge",
    "a convolution with its norm is conv_norm_act; `activation: null` leaves out the activation": "ConvBN ConvNorm",
    "a convolution with its activation is conv: its field `activation` is relu unless given": "ConvReLU ConvAct "
    "ConvActivation",
    "a convolution without a norm is conv, one with a norm conv_norm_act": "ConvBlock ConvUnit ConvLayer",
    "a block of your own is a template: `templates: {NAME: {body: [...]}}`": "Block Cell Layer Module Stage Stem Unit "
    "Blocks Cells Layers Modules Stages Units",
    "the pools are avg_pool and max_pool, over all of a map global_avg_pool and global_max_pool": "Pool Pooling "
    "GlobalPool GlobalPooling",
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
"""What comes nearest, or where it is written -> layers that no block is."""


def _plain(name: str) -> str:
    """`max_pooling_2d` and `MaxPooling2D` are one."""
    return spelled(name).removesuffix("2d")


BLOCK_OF = {_plain(kind): kind for kind in BLOCKS}
BLOCK_OF |= {_plain(name): block for block, names in NAMES.items() for name in names.split()}
INSTEAD = {name: words for words, names in NO_BLOCK.items() for name in names.split()}


def block_meant(name: str, known: Iterable[str]) -> str:
    """What to write instead of a block that does not exist, as the end of a sentence; empty where nothing is like it.

    Names of another tool's layers and of activations come first: `deconv` is not a misspelt `conv`.
    """
    plain, known = _plain(name), list(known)
    if block := block_called(name):
        return f"; did you mean {block!r}?"
    if (activation := activation_meant(name)) and activation not in known:
        return f"; write {{block: activation, activation: {activation}}}"
    words = next((words for layer, words in INSTEAD.items() if spelled(layer) == spelled(name)), None)
    words = words or next((words for layer, words in INSTEAD.items() if _plain(layer) == plain), None)
    return did_you_mean(name, known) if words is None else f"; {words}"


def block_called(name: str) -> str:
    """The block of which this is the name elsewhere; empty where it is none."""
    return BLOCK_OF.get(_plain(name), "")
