"""Declarative convolutional networks for Keras."""
