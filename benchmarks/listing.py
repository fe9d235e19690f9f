"""The names of the catalogue, in a cold process, against those of timm with its import."""

from __future__ import annotations

import importlib.util

from .processes import convspec, measure, python

TIMM = "import timm; print('\\n'.join(timm.list_models()))"


def run() -> list[str]:
    """Rows: what, cost; then the ratios of wall time, CPU time and memory."""
    ours = measure(convspec("list"))
    rows = ["| names of the catalogue, cold process | cost |", "|---|---|", f"| `convspec list` | {ours} |"]
    rows.append(f"| `convspec list --figures`, computed before | {measure(convspec('list', '--figures'))} |")
    if importlib.util.find_spec("timm") is None:
        return [*rows, "", "timm is not installed: `pip install '.[bench]'`."]
    theirs = measure(python(TIMM), runs=3)
    ratios = ", ".join(
        f"1/{their / our:.1f} of the {what}"
        for what, our, their in zip(("time", "CPU time", "memory"), ours, theirs, strict=True)
    )
    return [*rows, f"| `timm.list_models()` | {theirs} |", "", f"`convspec list` takes {ratios}."]
