"""The block templates, one family a file: declared fields and a `connect` over the graph.

`convspec.blocks.Bottleneck(filters=64)(x)` works on a graph's tensors and on Keras's.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from .registry import BLOCKS, class_name, find_block_class

if TYPE_CHECKING:  # what `__getattr__` gives, for type checkers and editors; `_CLASSES` is the same list
    from .activation import Activation as Activation, Maxout as Maxout, Relu as Relu
    from .base import Block as Block, Item as Item, parse_block as parse_block
    from .common import Norm as Norm
    from .composite import Parallel as Parallel, Residual as Residual, Sequence as Sequence, Table as Table
    from .convnext import ConvnextBlock as ConvnextBlock
    from .convolution import (
        Conv as Conv,
        ConvNormAct as ConvNormAct,
        ConvReluPool as ConvReluPool,
        DepthwiseConv as DepthwiseConv,
        SeparableConv as SeparableConv,
    )
    from .dense import Dense as Dense
    from .densely_connected import DenseBlock as DenseBlock, Transition as Transition
    from .depthwise_separable import DepthwiseSeparable as DepthwiseSeparable
    from .fire import Fire as Fire
    from .gate import Gate as Gate
    from .head import AuxiliaryClassifier as AuxiliaryClassifier, Head as Head
    from .inception import Inception as Inception
    from .inception_chain import Chain as Chain, InceptionResnet as InceptionResnet, Mixed as Mixed
    from .layer import Layer as Layer
    from .merging import Add as Add, Average as Average, Concat as Concat, Maximum as Maximum, Multiply as Multiply
    from .mobile import HalvingPad as HalvingPad, InvertedResidual as InvertedResidual
    from .model import Model as Model, written_fields as written_fields
    from .nasnet import NasnetCells as NasnetCells
    from .nested import Nested as Nested
    from .normalization import (
        BatchNorm as BatchNorm,
        LayerNorm as LayerNorm,
        LayerScale as LayerScale,
        Lrn as Lrn,
        Normalization as Normalization,
        Rescaling as Rescaling,
        Scale as Scale,
    )
    from .pooling import (
        AvgPool as AvgPool,
        GlobalAvgPool as GlobalAvgPool,
        GlobalMaxPool as GlobalMaxPool,
        MaxPool as MaxPool,
    )
    from .regularization import Dropout as Dropout, SpatialDropout as SpatialDropout, StochasticDepth as StochasticDepth
    from .reshaping import (
        ChannelShuffle as ChannelShuffle,
        Cropping as Cropping,
        Flatten as Flatten,
        Reshape as Reshape,
        UpSampling as UpSampling,
        ZeroPadding as ZeroPadding,
    )
    from .residual import Basic as Basic, Bottleneck as Bottleneck
    from .squeeze_excite import SqueezeExcite as SqueezeExcite
    from .xception import XceptionModule as XceptionModule

_CLASSES = {class_name(kind): module for kind, module in BLOCKS.items()} | {
    "Block": "base",
    "Item": "base",
    "Model": "model",
    "written_fields": "model",
    "parse_block": "base",
    "Gate": "gate",
    "Layer": "layer",
    "Norm": "common",
}

__all__ = ["BLOCKS", "find_block_class", *sorted(_CLASSES)]


def __getattr__(name: str) -> Any:
    """Block classes are imported when first asked for."""
    if name not in _CLASSES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f".{_CLASSES[name]}", __name__), name)


def __dir__() -> list[str]:
    return sorted(__all__)
