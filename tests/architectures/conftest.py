"""What the tests of networks share."""

from __future__ import annotations

import gc

import keras

assert keras  # imported before the freeze, for the sake of its half a million objects
gc.collect()
gc.freeze()
"""Objects of libraries never become garbage; without them a collection takes a hundredth of the time."""
