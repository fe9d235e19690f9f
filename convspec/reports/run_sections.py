"""What a report says of a training run: its result, its learning curves, its recipe, its pictures."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping, Sequence
from pathlib import Path

from ..files import shown
from ..language import InputError
from .page import Chart, Section, part
from .search import number, read_rows

PICTURES = {".png": "image/png", ".jpg": "image/jpeg", ".jpeg": "image/jpeg", ".svg": "image/svg+xml"}
LARGEST_PICTURE = 8_000_000
"""Bytes of a picture that is still put into the page."""

DRAWN = ("curves.png", "pairs.png", "parallel.png", "progress.png", "stages.png")
"""Pictures that the page draws itself."""

TRAINING, VALIDATION, RATE = "#8a94a3", "#3b82d0", "#3f9a58"


def run_sections(folder: Path) -> list[Section]:
    """Result, learning curves, recipe and data, where the folder has them."""
    result, about = _read(folder / "result.json"), _read(folder / "run.json")
    sections = [Section("result", "Result", _result(result, about))] if result or about else []
    history = folder / "history.csv"
    if history.is_file():
        rows = [{key: number(text) for key, text in row.items()} for row in read_rows(history)]
        if rows and "epoch" not in rows[0]:
            raise InputError("has no column 'epoch'", file=shown(history), remedy="`--resume` writes it anew")
        if rows:
            sections.append(_curves(rows, result.get("epoch")))
    recipe = about.get("recipe")
    if recipe:
        text = json.dumps(_without_empty(recipe), indent=2)
        sections.append(Section("recipe", "Recipe", part("preformatted", text)))
    return sections


def picture_section(folder: Path) -> list[Section]:
    """The pictures that lie in the folder, beside those that the page draws itself."""
    found = []
    for path in sorted(folder.iterdir()):
        kind = PICTURES.get(path.suffix.lower())
        if kind and path.name not in DRAWN and path.stat().st_size <= LARGEST_PICTURE:
            address = f"data:{kind};base64,{base64.b64encode(path.read_bytes()).decode()}"
            found.append({"alt": path.stem, "address": address, "name": path.name})
    return [Section("pictures", "Pictures", part("pictures", found))] if found else []


def line_chart(name: str, title: str, traces: list[Chart], x: str, y: str, **more: object) -> Chart:
    """A Plotly figure of lines over one axis."""
    layout: Chart = {
        "title": {"text": title, "font": {"size": 14}}, "xaxis": {"title": {"text": x}},
        "yaxis": {"title": {"text": y}}, "legend": {"orientation": "h", "y": -0.22},
    }  # fmt: skip
    return {"id": name, "traces": traces, "layout": layout | more}


def chart_places(charts: Sequence[Chart], wide: Sequence[str] = ()) -> str:
    """The elements that charts are drawn into."""
    return part("charts", [chart["id"] for chart in charts], wide)


def _result(result: Mapping[str, object], about: Mapping[str, object]) -> str:
    words = {"val_accuracy": "validation accuracy", "val_loss": "validation loss", "test_accuracy": "test accuracy",
             "test_loss": "test loss", "epoch": "epoch of the weights", "seconds": "seconds"}  # fmt: skip
    values = {}
    for key, name in words.items():
        value = result.get(key)
        if isinstance(value, (int, float)):
            values[name] = f"{100 * value:.2f} %" if key.endswith("accuracy") else f"{value:.4g}"
    data = about.get("data")
    description = data.get("description") if isinstance(data, dict) else None
    return part("tiles", values) + part("quiet", description)


def _curves(rows: list[dict[str, float | None]], best: object) -> Section:
    epochs = [row["epoch"] for row in rows]
    charts = []
    for key in ("loss", "accuracy"):
        traces = [
            _line(label, epochs, [row.get(name) for row in rows], colour)
            for name, label, colour in ((key, "training", TRAINING), (f"val_{key}", "validation", VALIDATION))
            if any(row.get(name) is not None for row in rows)
        ]
        marks = [_mark(float(best))] if isinstance(best, (int, float)) else []
        if traces:
            charts.append(line_chart(f"curve-{key}", key, traces, "epoch", key, shapes=marks))
    rates = [row.get("learning_rate") for row in rows]
    if len(set(rates)) > 1:
        trace = _line("learning rate", epochs, rates, RATE)
        axis = {"title": {"text": ""}, "type": "log" if all(rate and rate > 0 for rate in rates) else "linear"}
        title = "learning rate at the end of the epoch"
        charts.append(line_chart("curve-rate", title, [trace], "epoch", "", yaxis=axis))
    note = part("quiet", "The dotted line is the epoch whose weights were kept." if best else "")
    return Section("curves", "Learning curves", chart_places(charts) + note, charts)


def _line(label: str, xs: Sequence[float | None], ys: Sequence[float | None], colour: str) -> Chart:
    mode = "lines+markers" if len(xs) < 40 else "lines"
    return {"type": "scatter", "mode": mode, "name": label, "x": xs, "y": ys, "line": {"color": colour}}


def _mark(epoch: float) -> Chart:
    return {"type": "line", "x0": epoch, "x1": epoch, "y0": 0, "y1": 1, "yref": "paper",
            "line": {"dash": "dot", "width": 1, "color": VALIDATION}}  # fmt: skip


def _read(path: Path) -> dict[str, object]:
    """A JSON object; an empty one where there is none that can be read."""
    try:
        content = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return content if isinstance(content, dict) else {}


def _without_empty(value: object) -> object:
    if isinstance(value, dict):
        return {key: _without_empty(inner) for key, inner in value.items() if inner is not None}
    return value
