"""Whole processes, cold: their wall time and peak memory, the smallest of a few runs."""

from __future__ import annotations

import os
import platform
import subprocess
import sys
import time
from pathlib import Path
from typing import NamedTuple


class Cost(NamedTuple):
    """What a process took."""

    seconds: float
    cpu_seconds: float
    megabytes: float

    def __str__(self) -> str:
        return f"{self.seconds:.3f} s ({self.cpu_seconds:.3f} s CPU), {self.megabytes:.0f} MB"


def measure(command: list[str], runs: int = 5) -> Cost:
    """The smallest wall time, CPU time and peak memory of several runs. Raises RuntimeError where one fails.

    The first run leaves compiled bytecode behind, as an installation does.
    """
    seconds, cpu_seconds, kilobytes = [], [], []
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    for _ in range(runs):
        start = time.perf_counter()
        process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        _, status, usage = os.wait4(process.pid, 0)
        seconds.append(time.perf_counter() - start)
        cpu_seconds.append(usage.ru_utime + usage.ru_stime)
        kilobytes.append(usage.ru_maxrss)
        if status:
            raise RuntimeError(f"{' '.join(command)} failed with status {status}")
    return Cost(min(seconds), min(cpu_seconds), min(kilobytes) / 1024)


def python(code: str) -> list[str]:
    """The command that runs a piece of Python in this environment."""
    return [sys.executable, "-c", code]


def convspec(*arguments: str) -> list[str]:
    """The command line of this environment."""
    return [str(Path(sys.executable).parent / "convspec"), *arguments]


def processor() -> str:
    """The processor's own name where the system tells it."""
    try:
        lines = Path("/proc/cpuinfo").read_text("utf-8").splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    return next((line.partition(": ")[2] for line in lines if line.startswith("model name")), platform.machine())
