"""The pictures of a search as PNG: pairs of hyperparameters, parallel coordinates, progress, learning curves."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations
from math import log10
from pathlib import Path

from matplotlib import colormaps
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colors import Normalize
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from ..figures import dress, legend, new_figure, save_figure
from .search import Distribution, Search, Trial, read_search

MOST_FIELDS = 8
"""More would make 36 and more pairs of pictures too small to read; the report shows them all."""

MAP = "viridis"
FAILED, BEST = "#c0392b", "#d6336c"


def search_pictures(folder: Path) -> list[Path]:
    """Write `pairs.png`, `parallel.png`, `progress.png`, `stages.png` into a search folder, where there is something
    to show; returns the files. Raises `InputError` where the folder holds no search."""
    search = read_search(Path(folder))
    if not search.scored:
        return []
    distributions = [one for one in search.distributions if len(_varied(search, one)) > 1][:MOST_FIELDS]
    figures = {"progress": _progress(search), "stages": _stages(search)}
    if len(distributions) > 1:
        figures = {"pairs": _pairs(search, distributions), "parallel": _parallel(search, distributions), **figures}
    written = []
    for name, figure in figures.items():
        if figure is not None:
            path = Path(folder) / f"{name}.png"
            save_figure(figure, path)
            written.append(path)
    return written


def _varied(search: Search, distribution: Distribution) -> set[float]:
    return {place for trial in search.trials if (place := distribution.place(trial)) is not None}


def _colours(search: Search) -> Normalize:
    """Scores spread over the map; the worst tenth shares its darkest colour."""
    return Normalize(*search.typical_scores, clip=True)


def _pairs(search: Search, distributions: Sequence[Distribution]) -> Figure:
    pairs = list(combinations(distributions, 2))
    columns = min(3, len(pairs))
    rows = -(-len(pairs) // columns)
    figure = new_figure(
        4.3 * columns + 0.8, 3.6 * rows + 0.4, f"{search.objective} of each trial over pairs of hyperparameters"
    )
    axes = figure.subplots(rows, columns, squeeze=False)
    norm = _colours(search)
    for place, (one, other) in zip(axes.flat, pairs, strict=False):
        _scatter(place, search, one, other, norm)
    for place in list(axes.flat)[len(pairs) :]:
        place.set_visible(False)
    _colour_bar(figure, search, norm, list(axes.flat)[: len(pairs)])
    return figure


def _scatter(axes: Axes, search: Search, one: Distribution, other: Distribution, norm: Normalize) -> None:
    failed = [trial for trial in search.trials if trial.state in ("aborted", "failed")]
    axes.scatter(*_points(failed, one, other), marker="x", s=22, color=FAILED, linewidths=1, label="aborted or failed")
    scored = [trial for trial in search.scored[::-1] if _points([trial], one, other)[0]]
    axes.scatter(
        *_points(scored, one, other), c=[trial.score or 0.0 for trial in scored], cmap=_map(search), norm=norm, s=34,
        edgecolors="white", linewidths=0.5,
    )  # fmt: skip
    axes.scatter(
        *_points(search.scored[:1], one, other), s=130, facecolors="none", edgecolors=BEST, linewidths=1.8, label="best"
    )
    dress(axes, one.label, other.label, lines="both")
    _scale(axes, one, "x")
    _scale(axes, other, "y")


def _points(trials: Sequence[Trial], one: Distribution, other: Distribution) -> tuple[list[float], list[float]]:
    places = [(one.place(trial), other.place(trial)) for trial in trials]
    known = [(x, y) for x, y in places if x is not None and y is not None]
    return [x for x, _ in known], [y for _, y in known]


def _scale(axes: Axes, distribution: Distribution, side: str) -> None:
    axis = axes.xaxis if side == "x" else axes.yaxis
    if distribution.logarithmic:
        (axes.set_xscale if side == "x" else axes.set_yscale)("log")
    if distribution.choices:
        axis.set_ticks(range(len(distribution.choices)), distribution.choices)


def _map(search: Search) -> str:
    return MAP if search.maximizes else f"{MAP}_r"


def _colour_bar(figure: Figure, search: Search, norm: Normalize, axes: list[Axes]) -> None:
    bar = figure.colorbar(ScalarMappable(norm, _map(search)), ax=axes, shrink=0.8, pad=0.015)
    bar.set_label(search.objective, fontsize=9)
    bar.ax.tick_params(labelsize=8)


def _parallel(search: Search, distributions: Sequence[Distribution]) -> Figure:
    """Each trial a line over all hyperparameters and the score, each axis from its least to its greatest value."""
    figure = new_figure(1.9 * (len(distributions) + 1) + 2, 4.6, "parallel coordinates: a line a trial")
    axes = figure.subplots()
    norm, names = _colours(search), [*(distribution.label for distribution in distributions), search.objective]
    colour_of = colormaps[_map(search)]
    limits = [_limits(search, distribution) for distribution in distributions]
    scores = [trial.score or 0.0 for trial in search.scored]
    low, high = min(scores), max(scores)
    for rank, trial in reversed(list(enumerate(search.scored))):
        ys = [_height(distribution, trial, limit) for distribution, limit in zip(distributions, limits, strict=True)]
        ys.append(_share(trial.score or 0.0, low, high))
        if rank == 0:
            axes.plot(range(len(ys)), ys, color=BEST, linewidth=2.4)
        else:
            axes.plot(range(len(ys)), ys, color=colour_of(norm(trial.score or 0.0)), linewidth=1.0, alpha=0.75)
    for x, (distribution, limit) in enumerate(zip(distributions, limits, strict=True)):
        axes.axvline(x, color="black", linewidth=0.8)
        for y, label in _ticks(distribution, limit):
            axes.text(x + 0.03, y, label, fontsize=7.5, va="center", bbox={"color": "white", "alpha": 0.7, "pad": 0.6})
    axes.axvline(len(distributions), color="black", linewidth=0.8)
    for value in (low, high):
        axes.text(len(distributions) + 0.03, _share(value, low, high), f"{value:.3g}", fontsize=7.5, va="center")
    axes.set_xticks(range(len(names)), names, fontsize=9)
    axes.set_yticks([])
    axes.set_xlim(-0.1, len(distributions) + 0.3)
    axes.spines[:].set_visible(False)
    _colour_bar(figure, search, norm, [axes])
    return figure


def _limits(search: Search, distribution: Distribution) -> tuple[float, float]:
    found = _varied(search, distribution)
    return min(found), max(found)


def _height(distribution: Distribution, trial: Trial, limits: tuple[float, float]) -> float:
    if (place := distribution.place(trial)) is None:
        return float("nan")
    return _share(*(_along(distribution, value) for value in (place, *limits)))


def _along(distribution: Distribution, value: float) -> float:
    return log10(value) if distribution.logarithmic and value > 0 else value


def _share(value: float, low: float, high: float) -> float:
    return 0.5 if high <= low else (value - low) / (high - low)


def _ticks(distribution: Distribution, limits: tuple[float, float]) -> list[tuple[float, str]]:
    if distribution.choices:
        low, high = limits
        shown = [(index, word) for index, word in enumerate(distribution.choices) if low <= index <= high]
        return [(_share(index, low, high), word) for index, word in shown]
    low, high = (_along(distribution, value) for value in limits)
    middles = [low, (low + high) / 2, high]
    return [(_share(value, low, high), f"{10**value if distribution.logarithmic else value:.3g}") for value in middles]


def _progress(search: Search) -> Figure:
    """Each score where its trial ended, and the best one so far."""
    steps = search.best_so_far()
    end = max(trial.finished or 0.0 for trial in search.trials)
    unit, name = (3600, "hours") if end > 7200 else (60, "minutes") if end > 180 else (1, "seconds")
    figure = new_figure(7.2, 4.0, f"best so far: {search.objective} {steps[-1][1]:.4g} (trial {search.scored[0].name})")
    axes = figure.subplots()
    for stage in sorted({trial.stage for trial in search.scored}):
        trials = [trial for trial in search.scored if trial.stage == stage]
        label = "the spec's own values" if stage == 0 else f"stage {stage}"
        axes.scatter([(t.finished or 0) / unit for t in trials], [t.score or 0 for t in trials], s=16, label=label)
    xs = [*(when / unit for when, _, _ in steps), end / unit]
    axes.step(xs, [*(score for _, score, _ in steps), steps[-1][1]], where="post", color=BEST, label="best so far")
    dress(axes, f"{name} since the search began", search.objective)
    legend(axes)
    return figure


def _stages(search: Search) -> Figure | None:
    """Learning curves of the objective, a panel a stage."""
    key = search.objective
    shown = [trial for trial in search.trials if any(key in row for row in search.curves.get(trial.name, ()))]
    stages = sorted({trial.stage for trial in shown if trial.stage} or {trial.stage for trial in shown})
    if not stages:
        return None
    figure = new_figure(4.8 * len(stages), 3.8, f"learning curves: {key} by epoch")
    best = search.scored[0].name
    for axes, stage in zip(figure.subplots(1, len(stages), squeeze=False, sharey=True).flat, stages, strict=True):
        for trial in [trial for trial in shown if trial.stage == stage]:
            rows = [row for row in search.curves[trial.name] if key in row and "epoch" in row]
            chosen = {"color": BEST, "linewidth": 2.2, "zorder": 5, "label": f"best, trial {best}"}
            colour = FAILED if trial.state in ("aborted", "failed") else "#4c78a8"
            style = chosen if trial.name == best else {"color": colour, "linewidth": 0.8, "alpha": 0.55}
            axes.plot([row["epoch"] for row in rows], [row[key] for row in rows], marker=".", markersize=3, **style)
        dress(axes, "epoch", "", f"stage {stage}")
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
        legend(axes)
    return figure
