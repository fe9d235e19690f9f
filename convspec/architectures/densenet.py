"""DenseNets (Huang et al. 2016, arXiv:1608.06993)."""

from .constructor import constructor
from .imagenet import decode_predictions, preprocessing
from .signatures import standard

DenseNet121 = constructor("DenseNet121", standard, minimum=32)
DenseNet161 = constructor("DenseNet161", standard, minimum=32)
DenseNet169 = constructor("DenseNet169", standard, minimum=32)
DenseNet201 = constructor("DenseNet201", standard, minimum=32)
DenseNet264 = constructor("DenseNet264", standard, minimum=32)

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
