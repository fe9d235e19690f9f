"""Blocks of one layer that moves, cuts or pads values."""

from typing import Literal

from .. import graph
from ..graph.reshaping import CroppingSides
from .layer import Layer


class ZeroPadding(Layer, graph.ZeroPadding2D):
    block: Literal["zero_padding"] = "zero_padding"


class Cropping(Layer, graph.Cropping2D):
    block: Literal["cropping"] = "cropping"
    cropping: CroppingSides = ((1, 1), (1, 1))


class UpSampling(Layer, graph.UpSampling2D):
    block: Literal["up_sampling"] = "up_sampling"


class Flatten(Layer, graph.Flatten):
    block: Literal["flatten"] = "flatten"


class Reshape(Layer, graph.Reshape):
    block: Literal["reshape"] = "reshape"


class ChannelShuffle(Layer, graph.ChannelShuffle):
    block: Literal["channel_shuffle"] = "channel_shuffle"
