"""NASNet-A (Zoph et al. 2017, arXiv:1707.07012). Without its top it has the size of its training by default."""

from .constructor import constructor
from .imagenet import decode_predictions, preprocessing
from .signatures import nasnet

NASNetMobile = constructor(
    "NASNetMobile", nasnet, "nasnet_mobile", minimum=32, open_without_top=False, automatic_pool=True
)
NASNetLarge = constructor(
    "NASNetLarge", nasnet, "nasnet_large", minimum=32, open_without_top=False, automatic_pool=True
)

preprocess_input = preprocessing("tf")

__all__ = ["NASNetLarge", "NASNetMobile", "decode_predictions", "preprocess_input"]
