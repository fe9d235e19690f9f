"""AlexNet with one tower and with two (Krizhevsky et al. 2012)."""

from .constructor import constructor
from .signatures import standard

AlexNet = constructor("AlexNet", standard)
AlexNetTwoTowers = constructor("AlexNetTwoTowers", standard, "alexnet_two_towers")

__all__ = ["AlexNet", "AlexNetTwoTowers"]
