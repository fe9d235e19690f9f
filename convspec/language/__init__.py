"""The spec document: reading, checking and expanding it, and the catalogue of those that ship."""

from ..lazy import attach

__getattr__, __dir__, __all__ = attach(__name__, __file__)  # the names in `__init__.pyi`
