"""LeNet-5 (LeCun et al. 1998)."""

from .constructor import constructor
from .signatures import standard

LeNet5 = constructor("LeNet5", standard, classes=10)

__all__ = ["LeNet5"]
