"""Activations by their names in Keras, and in other tools and papers."""

from __future__ import annotations

from ..graph import ACTIVATIONS

ACTIVATION_NAMES = (*ACTIVATIONS, "prelu", "maxout")
"""What `activation` takes."""

ACTIVATION_ALIASES = {
    "hswish": "hard_swish",
    "hsigmoid": "hard_sigmoid",
    "hsilu": "hard_silu",
    "lrelu": "leaky_relu",
    "rectifier": "relu",
    "logistic": "sigmoid",
    "exp": "exponential",
    "parametric_relu": "prelu",
}
