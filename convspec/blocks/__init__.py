"""The block templates, one family a file: declared fields and a `connect` over the graph.

`convspec.blocks.Bottleneck(filters=64)(x)` works on a graph's tensors and on Keras's.
"""

from ..lazy import attach

__getattr__, __dir__, __all__ = attach(__name__, __file__)  # the names in `__init__.pyi`
