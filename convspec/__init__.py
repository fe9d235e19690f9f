"""Declarative convolutional networks for Keras: a short YAML spec is checked, analysed, built, trained and tuned.

spec = convspec.load("resnet18")        # or a file; FaultError says all that is wrong
convspec.analyze(spec)                  # shapes, parameters, MACs, memory, receptive fields; no Keras needed
model = convspec.build(spec)            # a keras.Model
convspec.train(spec, "digits").model    # and what else the commands do, by their names
"""

from __future__ import annotations

import lazy_loader

from .notebook_views import register_views
from .registration import register

__version__ = "0.1.0"

# The public names stand in the stub, for type checkers too, and are imported when first asked for: reading a spec must
# not wait for Keras. `lazy_loader.attach_stub` would parse it with `ast`, whose import takes longer than all else here.
_homes: dict[str, list[str]] = {}
with open(f"{__file__}i", encoding="utf-8") as _stub:  # noqa: PTH123 - for the same reason
    for _words in map(str.split, _stub):
        if _words[:1] == ["from"]:
            _homes.setdefault(_words[1][1:], []).append(_words[3])
__getattr__, __dir__, __all__ = lazy_loader.attach(__name__, submod_attrs=_homes)


def _notebook_html(value: object) -> str:
    from .report.notebook import show  # draws, which nobody needs who only looks at numbers

    return show(value)


register()
register_views(_notebook_html)
