"""ResNet-50 by the name that keras.applications has for it (He et al. 2015, arXiv:1512.03385)."""

from .resnet import ResNet50, decode_predictions, preprocess_input

__all__ = ["ResNet50", "decode_predictions", "preprocess_input"]
