"""Training by a recipe: compile, fit, record, resume, save."""

from __future__ import annotations

from ..keras_import import import_silently
from ..packages import require_training

require_training()  # before Keras, whose import takes seconds
import_silently()
