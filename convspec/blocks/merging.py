"""Blocks of one layer over several inputs: `{block: add, from: [a, b]}`."""

from typing import Literal

from .. import graph
from .layer import Layer


class Add(Layer, graph.Add):
    block: Literal["add"] = "add"


class Average(Layer, graph.Average):
    block: Literal["average"] = "average"


class Maximum(Layer, graph.Maximum):
    block: Literal["maximum"] = "maximum"


class Multiply(Layer, graph.Multiply):
    block: Literal["multiply"] = "multiply"


class Concat(Layer, graph.Concatenate):
    block: Literal["concat"] = "concat"
