"""The graph: symbolic tensors, nodes, and the primitive operations with Keras's names and arguments.

`Graph.layers()` lists nodes in the order of Keras's `model.layers`.
"""

from .activation import ACTIVATIONS, Activation, LeakyReLU, Maxout, PReLU, ReLU, Softmax
from .arguments import pair
from .convolution import Conv2D, DepthwiseConv2D, SeparableConv2D, SlidingWindow
from .dense import Dense
from .graph import Fit, Graph, snake_case
from .initializer import Initializer
from .merging import (
    Add,
    AddConstant,
    AddOp,
    Average,
    Complement,
    Concatenate,
    CustomScaleLayer,
    LayerScale,
    Maximum,
    Multiply,
    MultiplyConstant,
    Scale,
)
from .nested import Sequential
from .node import GraphError, Node, Scope, Shape, Tensor, add_up, count_values, format_shape
from .normalization import BatchNormalization, LayerNormalization, LocalResponseNormalization, Normalization, Rescaling
from .operation import EVERYWHERE, POINT, InputLayer, Operation, ReceptiveFieldStep, Weight, positions
from .pooling import AveragePooling2D, GlobalAveragePooling2D, GlobalMaxPooling2D, MaxPooling2D
from .regularization import Dropout, SpatialDropout2D, StochasticDepth
from .reshaping import (
    ChannelShuffle,
    Cropping2D,
    Flatten,
    HalvingPadding2D,
    PadChannels,
    Reshape,
    UpSampling2D,
    ZeroPadding2D,
)

__all__ = [
    "ACTIVATIONS",
    "EVERYWHERE",
    "POINT",
    "Activation",
    "Add",
    "AddConstant",
    "AddOp",
    "Average",
    "AveragePooling2D",
    "BatchNormalization",
    "ChannelShuffle",
    "Complement",
    "Concatenate",
    "Conv2D",
    "Cropping2D",
    "CustomScaleLayer",
    "Dense",
    "DepthwiseConv2D",
    "Dropout",
    "Fit",
    "Flatten",
    "GlobalAveragePooling2D",
    "GlobalMaxPooling2D",
    "Graph",
    "GraphError",
    "HalvingPadding2D",
    "Initializer",
    "InputLayer",
    "LayerNormalization",
    "LayerScale",
    "LeakyReLU",
    "LocalResponseNormalization",
    "MaxPooling2D",
    "Maximum",
    "Maxout",
    "Multiply",
    "MultiplyConstant",
    "Node",
    "Normalization",
    "Operation",
    "PReLU",
    "PadChannels",
    "ReLU",
    "ReceptiveFieldStep",
    "Rescaling",
    "Reshape",
    "Scale",
    "Scope",
    "SeparableConv2D",
    "Sequential",
    "Shape",
    "SlidingWindow",
    "Softmax",
    "SpatialDropout2D",
    "StochasticDepth",
    "Tensor",
    "UpSampling2D",
    "Weight",
    "ZeroPadding2D",
    "add_up",
    "count_values",
    "format_shape",
    "pair",
    "positions",
    "snake_case",
]
