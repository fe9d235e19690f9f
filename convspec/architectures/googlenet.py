"""GoogLeNet with its two auxiliary heads (Szegedy et al. 2014, arXiv:1409.4842)."""

from .constructor import constructor
from .signatures import standard

GoogLeNet = constructor("GoogLeNet", standard)

__all__ = ["GoogLeNet"]
