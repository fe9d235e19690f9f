"""NASNet-A (Zoph et al. 2017, arXiv:1707.07012). Without its top it has the size of its training by default."""

from .constructor import Architecture
from .imagenet import decode_predictions, preprocessing
from .signatures import nasnet

network = Architecture(nasnet, minimum=32, open_without_top=False, automatic_pool=True)

NASNetMobile = network("NASNetMobile", "nasnet_mobile")
NASNetLarge = network("NASNetLarge", "nasnet_large")

preprocess_input = preprocessing("tf")

__all__ = ["NASNetLarge", "NASNetMobile", "decode_predictions", "preprocess_input"]
