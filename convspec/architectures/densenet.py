"""DenseNets (Huang et al. 2016, arXiv:1608.06993)."""

from .constructor import Architecture
from .imagenet import decode_predictions, preprocessing
from .signatures import standard

network = Architecture(standard, minimum=32)

DenseNet121 = network("DenseNet121")
DenseNet161 = network("DenseNet161")
DenseNet169 = network("DenseNet169")
DenseNet201 = network("DenseNet201")
DenseNet264 = network("DenseNet264")

preprocess_input = preprocessing("torch")

__all__ = [
    "DenseNet121",
    "DenseNet161",
    "DenseNet169",
    "DenseNet201",
    "DenseNet264",
    "decode_predictions",
    "preprocess_input",
]
