"""Labelled images from many places, checked, split and fed to training."""

from __future__ import annotations

from .dataset import Dataset
from .loading import load_data

__all__ = ["Dataset", "load_data"]
