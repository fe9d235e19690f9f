"""A look at a network in a warm process, against torchinfo's on torch's meta device, which computes shapes alone."""

from __future__ import annotations

import gc
import importlib.util
import io
import time
from collections.abc import Callable, Iterator
from contextlib import redirect_stdout

from convspec import analyze, load
from convspec.analysis.table import render

NETWORKS = {
    "vgg16": "vgg16",
    "resnet18": "resnet18",
    "resnet50": "resnet50",
    "resnet152": "resnet152",
    "resnext50_32x4d": "resnext50_32x4d",
    "densenet121": "densenet121",
    "mobilenet_v2": "mobilenet_v2",
    "efficientnet_b0": "efficientnet_b0",
    "efficientnet_b7": "efficientnet_b7",
    "efficientnet_v2_l": "efficientnet_v2_l",
    "convnext_tiny": "convnext_tiny",
    "squeezenet1_0": "squeezenet1_0",
}
"""Our name and torchvision's."""

RUNS = 3


def run() -> Iterator[str]:
    """Rows: network, our look, torch's build and summary, ratio; torch's summary alone, ratio."""
    if any(importlib.util.find_spec(name) is None for name in ("torchinfo", "torchvision")):
        yield "torchinfo and torchvision are not installed: `pip install '.[bench]'`."
        return
    import torch
    import torchinfo
    import torchvision

    yield "| network | look | torchinfo with the build | ratio | torchinfo alone | ratio |"
    yield "|---|---|---|---|---|---|"
    for ours, theirs in NETWORKS.items():
        shape = load(ours).graph.inputs[0].shape

        def build(name: str = theirs) -> torch.nn.Module:
            with torch.device("meta"):
                return torchvision.models.get_model(name, weights=None).eval()

        def summary(model: torch.nn.Module, shape: tuple[int | None, ...] = shape) -> None:
            height, width, channels = shape
            print(torchinfo.summary(model, (1, channels, height, width), device="meta", verbose=0))

        look = _seconds(lambda name=ours: print(render(analyze(name))))
        whole = _seconds(lambda build=build, summary=summary: summary(build()))
        model = build()
        alone = _seconds(lambda model=model, summary=summary: summary(model))
        yield (
            f"| {ours} | {look * 1000:.0f} ms | {whole * 1000:.0f} ms | 1/{whole / look:.1f} | "
            f"{alone * 1000:.0f} ms | 1/{alone / look:.1f} |"
        )


def _seconds(work: Callable[[], object]) -> float:
    """The least CPU time of a few runs, their output thrown away."""
    times = []
    for _ in range(RUNS):
        gc.collect()
        with redirect_stdout(io.StringIO()):
            start = time.process_time()
            work()
            times.append(time.process_time() - start)
    return min(times)
