"""Training by a recipe: compile, fit, record, resume, save."""

from __future__ import annotations

from ..keras_import import import_silently

import_silently()
