"""What can be said of a network without building it. Imports neither Keras nor TensorFlow."""

from .analysis import Analysis, LayerRecord, Totals, analyze

__all__ = ["Analysis", "LayerRecord", "Totals", "analyze"]
