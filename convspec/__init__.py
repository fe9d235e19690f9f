"""Declarative convolutional networks for Keras: a short YAML spec is checked, analysed, built, trained and tuned.

spec = convspec.load("resnet18")        # or a file; InputError says all that is wrong
convspec.analyze(spec)                  # shapes, parameters, MACs, memory, receptive fields; no Keras needed
model = convspec.build(spec)            # a keras.Model
convspec.train(spec, "digits").model    # and what else the commands do, by their names
"""

from __future__ import annotations

from .hooks import register_connector, register_views
from .lazy import attach
from .registration import register

TYPE_CHECKING = False  # as in typing, whose import takes longer than this module
if TYPE_CHECKING:
    from typing import Any

    from .blocks import Block

__version__ = "0.1.0"
__getattr__, __dir__, __all__ = attach(__name__, __file__)  # the names in `__init__.pyi`


def _notebook_html(value: object) -> str:
    from .reports.notebook import show  # draws, which nobody needs who only looks at numbers

    return show(value)


def _connect_to_keras(block: Block, x: Any, name: str | None) -> Any:
    from .builder import apply_block  # imports Keras, which only a block that is called with its tensors needs

    return apply_block(block, x, name)


register()
register_views(_notebook_html)
register_connector(_connect_to_keras)
