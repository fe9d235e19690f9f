"""Declarative convolutional networks for Keras: a short YAML spec is checked, analysed, built, trained and tuned.

spec = convspec.load("resnet18")        # or a file; InputError says all that is wrong
convspec.analyze(spec)                  # shapes, parameters, MACs, memory, receptive fields; no Keras needed
model = convspec.build(spec)            # a keras.Model
convspec.train(spec, "digits").model    # and what else the commands do, by their names
"""

from .lazy import attach
from .notebook_views import register_views
from .registration import register

__version__ = "0.1.0"
__getattr__, __dir__, __all__ = attach(__name__, __file__)  # the names in `__init__.pyi`


def _notebook_html(value: object) -> str:
    from .report.notebook import show  # draws, which nobody needs who only looks at numbers

    return show(value)


register()
register_views(_notebook_html)
