"""What a report says of a search: its best, its leaderboard, hyperparameters, progress, what was aborted, and why."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from itertools import combinations
from math import log10

from .page import Cell, Chart, Row, Section, part, table
from .run_sections import chart_places, line_chart
from .search import Distribution, Search, Trial

BEST, BAD = "#d6336c", "#c0392b"
SCALE = "Viridis"
ASIDE = 0.5
"""Decades below the least value at which a logarithmic axis shows what has no logarithm."""


def search_sections(search: Search) -> list[Section]:
    """All that there is to say; charts only where trials were completed."""
    sections = [_summary(search), _leaderboard(search)]
    if search.scored:
        sections += [_parallel(search), _pairs(search), _progress(search), _curves(search)]
    return [section for section in [*sections, _aborted(search)] if section.html]


def _summary(search: Search) -> Section:
    states = Counter(trial.state for trial in search.trials)
    values = {f"{state} trials": str(count) for state, count in states.items()}
    if search.scored:
        best = search.scored[0]
        values = {f"best {search.objective}": f"{best.score:.4f}", "its trial": best.name, **values}
    if isinstance(seconds := search.info.get("seconds"), (int, float)):
        values["time"] = f"{seconds / 60:.0f} min" if seconds >= 120 else f"{seconds:.0f} s"
    if strategy := search.info.get("strategy"):
        values["strategy"] = str(strategy)
    warnings = search.info.get("warnings") or []
    notes = part("warnings", [_warning(warning) for warning in warnings])
    return Section("summary", "Search", part("tiles", values) + notes + _ranges(search))


def _warning(warning: object) -> str:
    return str(warning.get("text", warning)) if isinstance(warning, dict) else str(warning)


def _ranges(search: Search) -> str:
    """The space as it was searched, one row per field."""
    best = search.scored[0].values if search.scored else {}
    distributions = {distribution.path: distribution for distribution in search.distributions}
    rows = []
    for path, described in search.info["space"].items():
        limits = [
            _plain(distributions[path], value) for value in described.get("range") or described.get("values") or []
        ]
        shown = (" … " if "range" in described else ", ").join(limits)
        own = _plain(distributions[path], best[path]) if path in best else ""
        rows.append(Row([path, str(described.get("kind", "")), shown, own]))
    return table(["field", "kind", "searched", "best"], rows, "space", left=(0, 1, 2))


def _leaderboard(search: Search) -> Section:
    """Every trial, the best first; any column sorts."""
    order = {id(trial): rank for rank, trial in enumerate(search.scored)}
    trials = sorted(search.trials, key=lambda trial: order.get(id(trial), len(order)))
    labels = (distribution.label for distribution in search.distributions)
    header = ["rank", "trial", "stage", search.objective, *labels, "parameters", "epochs", "seconds", "state"]
    rows = [_trial_row(search, trial, order.get(id(trial))) for trial in trials]
    return Section("leaders", "Leaderboard", part("leaderboard_note") + table(header, rows, "leaderboard", left=()))


def _trial_row(search: Search, trial: Trial, rank: int | None) -> Row:
    values = []
    for distribution in search.distributions:
        value = trial.values.get(distribution.path, "")
        values.append(Cell(_plain(distribution, value), value if isinstance(value, float) else None))
    cells = [
        "" if rank is None else Cell(str(rank + 1), rank + 1.0),
        trial.name,
        str(trial.stage),
        "" if trial.score is None else Cell(f"{trial.score:.4f}", trial.score),
        *values,
        *(_count(value) for value in (trial.parameters, trial.epochs, trial.seconds)),
        trial.state,
    ]
    return Row(cells, "best" if rank == 0 else trial.state, trial.name)


def _count(value: float | None) -> Cell:
    return Cell("" if value is None else f"{value:,.0f}", value)


def _plain(distribution: Distribution, value: object) -> str:
    return distribution.text(value) if isinstance(value, (float, str)) else json.dumps(value)


def _colours(search: Search) -> Chart:
    least, greatest = search.typical_scores
    return {"colorscale": SCALE, "reversescale": not search.maximizes, "cmin": least, "cmax": greatest}


def _parallel(search: Search) -> Section:
    trials = search.scored
    dimensions = [axis for distribution in search.distributions if (axis := _dimension(distribution, trials))]
    if not dimensions:
        return Section("parallel-coordinates", "Parallel coordinates", "")
    scores = [trial.score for trial in trials]
    dimensions.append({"label": search.objective, "values": scores})
    trace = {
        "type": "parcoords", "dimensions": dimensions, "customdata": [trial.name for trial in trials],
        "line": {"color": scores, "showscale": True, **_colours(search)},
    }  # fmt: skip
    chart: Chart = {"id": "parallel", "traces": [trace], "layout": {}}
    note = part(
        "quiet",
        "Drag along an axis to brush; the leaderboard and the pairs below show what is inside. "
        "A click on the axis takes the brush away. Logarithmic axes show powers of ten.",
    )
    return Section("parallel-coordinates", "Parallel coordinates", note + chart_places([chart], ("parallel",)), [chart])


def _dimension(distribution: Distribution, trials: Sequence[Trial]) -> Chart | None:
    places = [distribution.place(trial) for trial in trials]
    known = [place for place in places if place is not None]
    if len(set(known)) < 2:
        return None
    if distribution.choices:
        ticks = list(range(len(distribution.choices)))
        return {"label": distribution.label, "values": places, "tickvals": ticks,
                "ticktext": list(distribution.choices), "range": [-0.3, len(distribution.choices) - 0.7]}  # fmt: skip
    if not distribution.logarithmic:
        return {"label": distribution.label, "values": places}
    low, high = log10(min(known)), log10(max(known))
    decades = [float(power) for power in range(-30, 30) if low <= power <= high] or [low, high]
    words = [f"{10.0**power:.0e}" if power.is_integer() else f"{10.0**power:.1e}" for power in decades]
    if len(known) < len(places):
        decades, words = [low - ASIDE, *decades], ["0 or none", *words]
    values = [low - ASIDE if place is None else log10(place) for place in places]
    return {"label": distribution.label, "values": values, "tickvals": decades, "ticktext": words}


def _pairs(search: Search) -> Section:
    """A scatter of every pair of fields, on the scales that they were drawn from."""
    varied = [distribution for distribution in search.distributions if _dimension(distribution, search.scored)]
    charts = [_pair(search, one, other, f"pair-{index}") for index, (one, other) in enumerate(combinations(varied, 2))]
    note = part("quiet", f"The colour is {search.objective}; crosses were aborted or failed.")
    return Section("pairs", "Pairs of fields", note + chart_places(charts) if charts else "", charts)


def _pair(search: Search, one: Distribution, other: Distribution, name: str) -> Chart:
    scored = [trial for trial in search.scored if one.path in trial.values and other.path in trial.values]
    bad = [trial for trial in search.trials if trial.state in ("aborted", "failed")]
    marker = {"color": [trial.score for trial in scored], "size": 9, "line": {"width": 0.5, "color": "white"},
              "showscale": True, **_colours(search)}  # fmt: skip
    traces = [
        {**_points(bad, one, other), "marker": {"symbol": "x-thin", "size": 8, "line": {"width": 1.5, "color": BAD}},
         "hovertemplate": "trial %{customdata}: aborted or failed<extra></extra>"},
        {**_points(scored, one, other), "marker": marker,
         "hovertemplate": f"trial %{{customdata}}<br>{search.objective} %{{marker.color:.4f}}<extra></extra>"},
        {**_points(scored[:1], one, other), "hoverinfo": "skip",
         "marker": {"symbol": "circle-open", "size": 17, "line": {"width": 2.5}, "color": BEST}},
    ]  # fmt: skip
    layout = {"xaxis": _axis(one), "yaxis": _axis(other), "showlegend": False}
    return {"id": name, "traces": traces, "layout": layout, "linked": True}


def _points(trials: Sequence[Trial], one: Distribution, other: Distribution) -> Chart:
    both = [trial for trial in trials if one.path in trial.values and other.path in trial.values]
    return {
        "type": "scatter", "mode": "markers", "customdata": [trial.name for trial in both],
        "x": [_at(one, trial) for trial in both], "y": [_at(other, trial) for trial in both],
    }  # fmt: skip


def _at(distribution: Distribution, trial: Trial) -> float | str | None:
    place = distribution.place(trial)
    return distribution.choices[int(place)] if distribution.choices and place is not None else place


def _axis(distribution: Distribution) -> Chart:
    axis: Chart = {"title": {"text": distribution.label}}
    if distribution.choices:
        return {**axis, "type": "category", "categoryorder": "array", "categoryarray": list(distribution.choices)}
    return axis | ({"type": "log", "exponentformat": "power"} if distribution.logarithmic else {"type": "linear"})


def _progress(search: Search) -> Section:
    steps = search.best_so_far()
    end = max(trial.finished or 0.0 for trial in search.trials)
    traces: list[Chart] = []
    hover = "trial %{customdata}: %{y:.4f}<extra></extra>"
    for stage in sorted({trial.stage for trial in search.scored}):
        trials = [trial for trial in search.scored if trial.stage == stage]
        traces.append({
            "type": "scatter", "mode": "markers", "name": "as written" if stage == 0 else f"stage {stage}",
            "x": [trial.finished for trial in trials], "y": [trial.score for trial in trials],
            "customdata": [trial.name for trial in trials], "hovertemplate": hover,
        })  # fmt: skip
    xs, ys = [when for when, _, _ in steps], [score for _, score, _ in steps]
    traces.append({"type": "scatter", "mode": "lines", "name": "best so far", "x": [*xs, end], "y": [*ys, ys[-1]],
                   "line": {"shape": "hv", "color": BEST, "width": 2.5}, "hoverinfo": "skip"})  # fmt: skip
    chart = line_chart("progress", "", traces, "seconds since the search began", search.objective)
    return Section("best-so-far", "Best so far", chart_places([chart], ("progress",)), [chart])


def _curves(search: Search) -> Section:
    """Learning curves of the objective, a chart a stage."""
    charts = []
    best = search.scored[0]
    for stage in sorted({trial.stage for trial in search.trials}):
        traces = [_curve(search, trial, trial is best) for trial in search.trials if trial.stage == stage]
        shown = [trace for trace in traces if trace["x"]]
        if shown:
            title = "as written" if stage == 0 else f"stage {stage}"
            charts.append(line_chart(f"stage-{stage}", title, shown, "epoch", search.objective, showlegend=False))
    return Section("curves", "Learning curves by stage", chart_places(charts) if charts else "", charts)


def _curve(search: Search, trial: Trial, best: bool) -> Chart:
    rows = [row for row in search.curves.get(trial.name, ()) if search.objective in row and "epoch" in row]
    bad = trial.state in ("aborted", "failed")
    line = {"color": BEST if best else BAD if bad else "#4c78a8", "width": 3 if best else 1}
    return {
        "type": "scatter", "mode": "lines+markers", "name": f"trial {trial.name}", "line": line,
        "marker": {"size": 4}, "opacity": 1 if best else 0.55, "x": [row["epoch"] for row in rows],
        "y": [row[search.objective] for row in rows],
    }  # fmt: skip


def _aborted(search: Search) -> Section:
    """What was not completed, and why."""
    rows = [
        Row([trial.name, str(trial.stage), trial.state, Cell(trial.reason, css="wrap")])
        for trial in search.trials
        if trial.state not in ("completed", "running")
    ]
    html = table(["trial", "stage", "state", "reason"], rows, left=(2, 3)) if rows else ""
    return Section("aborted", "Aborted trials", html)
