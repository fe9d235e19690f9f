"""The learning-rate range test (Smith 2015, arXiv:1506.01186): a rising rate, and where the loss falls and breaks."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import keras
import numpy as np

from ..data.pipeline import Pipeline
from ..figures import dress, legend, new_figure, save_figure
from .compiling import optimizer_of

LOWEST, HIGHEST, UPDATES = 1e-6, 10.0, 120
SPAN = 12  # updates; a bit more than half a decade of rates
SMOOTHING = 0.9  # of the running mean of the loss
BROKEN = 2.0  # times its lowest value: the loss has broken out


@dataclass(frozen=True)
class RangeTest:
    """Rates and smoothed losses, update by update; the rate of the steepest fall, and the one where it breaks."""

    rates: tuple[float, ...]
    losses: tuple[float, ...]
    steepest: float
    breaks: float | None

    @property
    def last(self) -> float:
        """The highest rate that was tried."""
        return self.rates[-1]


def range_test(model: keras.Model, pipeline: Pipeline, picture: Path | None, chosen: float) -> RangeTest:
    """Train a compiled model for some updates while the rate climbs from 1e-6 to 10; its weights are spoilt."""
    optimizer, mean = optimizer_of(model), 0.0
    rates: list[float] = []
    losses: list[float] = []
    breaks = None
    for update, batch in enumerate(_endless(pipeline)):
        rate = LOWEST * (HIGHEST / LOWEST) ** (update / (UPDATES - 1))
        optimizer.learning_rate = rate
        model.reset_metrics()
        loss = float(model.train_on_batch(*batch, return_dict=True)["loss"])
        mean = SMOOTHING * mean + (1 - SMOOTHING) * (loss if math.isfinite(loss) else 1e9)
        rates.append(rate)
        losses.append(mean / (1 - SMOOTHING ** (update + 1)))
        if not math.isfinite(loss) or losses[-1] > BROKEN * min(losses):
            breaks = rate
            break
        if update + 1 == UPDATES:
            break
    result = RangeTest(tuple(rates), tuple(losses), _steepest(rates, losses), breaks)
    if picture is not None:
        _draw(result, picture, chosen)
    return result


def _endless(pipeline: Pipeline) -> Iterator[tuple[keras.KerasTensor, ...]]:
    """The batches of one epoch after the other."""
    pipeline.epoch = 0
    while True:
        for raw in pipeline.raw():
            yield pipeline.finish(*raw)
        pipeline.epoch += 1


def _steepest(rates: list[float], losses: list[float]) -> float:
    """Where the smoothed loss falls fastest over the logarithm of the rate, up to its lowest point.

    The fall is taken over `SPAN` updates, so that the noise of single batches, which rules where the rate is too low
    to matter, does not decide.
    """
    lowest = max(int(np.argmin(losses)), 2 * SPAN)
    fall = np.array(losses[: lowest + 1])
    if len(fall) <= SPAN:
        return rates[int(np.argmin(losses))]
    return rates[int(np.argmin(fall[SPAN:] - fall[:-SPAN])) + SPAN // 2]


def _draw(result: RangeTest, path: Path, chosen: float) -> None:
    figure = new_figure(6.4, 3.8)
    axes = figure.subplots()
    axes.plot(result.rates, result.losses, color="#1f77b4")
    axes.axvline(result.steepest, color="#2ca02c", linestyle="--", label=f"steepest fall, {result.steepest:.1e}")
    if result.breaks is not None:
        axes.axvline(result.breaks, color="#d62728", linestyle="--", label=f"breaks out, {result.breaks:.1e}")
    axes.axvline(chosen, color="#7f7f7f", linestyle=":", label=f"the recipe's, {chosen:.1e}")
    axes.set_xscale("log")
    top = result.losses[0] * 1.5
    axes.set_ylim(top=max(top, min(result.losses) * BROKEN))
    dress(axes, "learning rate", "training loss, smoothed", "learning-rate range test")
    legend(axes)
    save_figure(figure, path)
