"""What belongs to the whole process: all that a library can leave changed behind in one that is not its own."""

from __future__ import annotations

import gc
import locale
import logging
import os
import random
import signal
import sys
import threading
import warnings
from pathlib import Path
from typing import Any

import keras
import matplotlib
import numpy as np
import tensorflow as tf
from keras.src.backend.common import global_state
from PIL import Image, ImageFile
from tensorflow.python.eager import context
from tensorflow.python.framework import config


def process_state() -> dict[str, Any]:
    """All that a library can leave changed behind in a process that is not its own."""
    return {
        "warning filters": list(warnings.filters),
        "showwarning": warnings.showwarning,
        "descriptor 1": os.fstat(1)[:2],
        "descriptor 2": os.fstat(2)[:2],
        "streams": (sys.stdin, sys.stdout, sys.stderr),
        "stdout's errors": getattr(sys.stdout, "errors", None),
        "hooks": (sys.excepthook, threading.excepthook, sys.displayhook, sys.unraisablehook),
        "gc": (gc.isenabled(), gc.get_threshold()),
        "environment": dict(os.environ),
        "import hooks": list(sys.meta_path),
        "path": list(sys.path),
        "recursion limit": sys.getrecursionlimit(),
        "working directory": Path.cwd(),
        "umask": _umask(),
        "locale": locale.setlocale(locale.LC_ALL),
        "signals": {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGCHLD)},
        "wakeup descriptor": _wakeup(),
        "NumPy's errors": np.geterr(),
        "NumPy's printing": np.get_printoptions(),
        "Pillow": (Image.MAX_IMAGE_PIXELS, ImageFile.LOAD_TRUNCATED_IMAGES),
        "matplotlib": {name: matplotlib.rcParams[name] for name in matplotlib.rcParams if name != "backend"},
        "matplotlib's backend": matplotlib.get_backend(auto_select=False),
        "pyplot's figures": sys.modules["matplotlib.pyplot"].get_fignums()
        if "matplotlib.pyplot" in sys.modules
        else [],
        "logging": (logging.root.level, list(logging.root.handlers), logging.root.manager.disable),
        "loggers": {
            name: logging.getLogger(name).level for name in ("tensorflow", "absl", "keras", "jax", "h5py", "ray")
        },
        "dtype policy": keras.config.dtype_policy().name,
        "Keras": (keras.config.floatx(), keras.config.image_data_format(), keras.config.epsilon()),
        "interactive logging": keras.config.is_interactive_logging_enabled(),
        "distribution": tf.distribute.has_strategy(),
        "graph rewriting": context.context().function_call_options.config_proto_serialized,
        "determinism": config.is_op_determinism_enabled(),
        "eager functions": tf.config.functions_run_eagerly(),
        "soft placement": tf.config.get_soft_device_placement(),
        "seed": context.context()._seed,
    }


def random_state() -> dict[str, Any]:
    """The global random numbers."""
    generator = global_state.get_global_attribute("global_seed_generator")
    return {
        "Python": random.getstate(),
        "NumPy": [str(part) for part in np.random.get_state()],
        "Keras's seed": global_state.get_global_attribute("global_random_seed"),
        "Keras's generator": None if generator is None else generator.state.numpy().tolist(),
        "TensorFlow's generator": repr(vars(context.context()).get("_rng")),
    }


def _umask() -> int:
    now = os.umask(0o022)
    os.umask(now)
    return now


def _wakeup() -> int:
    now = signal.set_wakeup_fd(-1)
    signal.set_wakeup_fd(now)
    return now


def changes(before: dict[str, Any], after: dict[str, Any]) -> dict[str, Any]:
    return {name: (before[name], after[name]) for name in before if before[name] != after[name]}
