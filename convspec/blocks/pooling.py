"""Pooling layers as blocks."""

from typing import Literal

from .. import graph
from .layer import Layer


class MaxPool(Layer, graph.MaxPooling2D):
    block: Literal["max_pool"] = "max_pool"


class AvgPool(Layer, graph.AveragePooling2D):
    block: Literal["avg_pool"] = "avg_pool"


class GlobalAvgPool(Layer, graph.GlobalAveragePooling2D):
    block: Literal["global_avg_pool"] = "global_avg_pool"


class GlobalMaxPool(Layer, graph.GlobalMaxPooling2D):
    block: Literal["global_max_pool"] = "global_max_pool"
