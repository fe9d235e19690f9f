"""Labelled images from many places, checked, split and fed to training."""

from __future__ import annotations

from ..packages import require_training

require_training()  # before what needs NumPy is imported

from .dataset import Dataset  # noqa: E402
from .loading import load_data  # noqa: E402

__all__ = ["Dataset", "load_data"]
