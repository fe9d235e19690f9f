"""Which block a name in a spec means: ours, imported when first asked for, and those of installed packages."""

from __future__ import annotations

import importlib
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .base import Block

MODULES = {
    "convolution": "conv depthwise_conv separable_conv conv_relu_pool conv_norm_act",
    "dense": "dense",
    "pooling": "max_pool avg_pool global_avg_pool global_max_pool",
    "merging": "add average concat maximum multiply",
    "reshaping": "channel_shuffle cropping flatten reshape up_sampling zero_padding",
    "activation": "activation relu maxout",
    "normalization": "batch_norm layer_norm layer_scale lrn normalization rescaling scale",
    "regularization": "dropout spatial_dropout stochastic_depth",
    "inception": "inception",
    "inception_chain": "chain mixed inception_resnet",
    "xception": "xception_module",
    "nasnet": "nasnet_cells",
    "residual": "basic bottleneck",
    "depthwise_separable": "depthwise_separable",
    "mobile": "inverted_residual stride2_padding",
    "convnext": "convnext_block",
    "squeeze_excite": "squeeze_excite",
    "densely_connected": "dense_block transition",
    "fire": "fire",
    "composite": "sequence parallel residual table",
    "nested": "nested",
    "head": "head auxiliary_classifier",
}
"""module of this package -> the blocks it holds; a module is imported when one of its blocks is first used."""

BLOCKS = {kind: module for module, kinds in MODULES.items() for kind in kinds.split()}


FORMER_NAMES = {"halving_pad": "stride2_padding"}
"""Names that specs of earlier versions have -> the names of today."""


def current_name(kind: object) -> object:
    """The name of a block today; what is no former name stays as it is."""
    return FORMER_NAMES.get(kind, kind) if isinstance(kind, str) else kind


def class_name(kind: str) -> str:
    """`conv_relu_pool` -> `ConvReluPool`, the class of a block of ours."""
    return "".join(word.capitalize() for word in kind.split("_"))


ENTRY_POINTS = "convspec.blocks"


# Kept, since each block of each candidate of a search asks for its class.
@cache
def find_block_class(kind: str) -> type[Block] | None:
    """The class of a block by its name in a spec; None where there is none."""
    kind = FORMER_NAMES.get(kind, kind)
    if kind in BLOCKS:
        module = importlib.import_module(f".{BLOCKS[kind]}", __package__)
        found: type[Block] = getattr(module, class_name(kind))
        return found
    return installed().get(kind)


@cache
def installed() -> dict[str, type[Block]]:
    """Blocks that other packages offer under the entry-point group `convspec.blocks`."""
    from importlib.metadata import entry_points  # takes longer to import than a small spec to read

    return {point.name: point.load() for point in entry_points(group=ENTRY_POINTS)}
