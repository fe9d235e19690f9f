"""A network for 8x8 images, and the lectures' general pattern."""

from .constructor import constructor
from .signatures import standard

Digits = constructor("Digits", standard, classes=10)
Pattern = constructor("Pattern", standard, classes=10)

__all__ = ["Digits", "Pattern"]
