"""What the figures are true for: the device, its driver, the versions."""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
from importlib.metadata import version

import jax
import keras
import keras_tuner  # loaded before the searches are forked

from ..processes import processor
from .processes import Send


def facts(send: Send) -> None:
    """Send the device's platform, the bytes that its allocator may take, and lines for the head of the table."""
    device = jax.devices()[0]
    statistics = device.memory_stats() or {}
    kind = device.device_kind
    if device.platform == "cpu":
        kind = f"{processor()}, {os.cpu_count()} cores"
    versions = (
        f"JAX {jax.__version__}, Keras {keras.__version__}, KerasTuner {keras_tuner.__version__}, "
        f"NumPy {version('numpy')}, Python {platform.python_version()}, "
        f"{device.client.platform_version.splitlines()[0]}"
    )
    send(
        {
            "platform": device.platform,
            "limit": statistics.get("bytes_limit"),
            "lines": [f"{len(jax.devices())} x {kind}{_driver()}", versions],
        }
    )


def _driver() -> str:
    """The driver of an NVIDIA GPU, where its tool tells it."""
    tool = shutil.which("nvidia-smi")
    if tool is None:
        return ""
    command = [tool, "--query-gpu=driver_version,memory.total", "--format=csv,noheader"]
    try:
        found = subprocess.run(command, capture_output=True, text=True, timeout=20, check=True).stdout
    except (OSError, subprocess.SubprocessError):
        return ""
    return f", driver and memory {found.splitlines()[0]}" if found.strip() else ""
