"""What a report says of a training run: its result, its learning curves, its recipe, its pictures."""

from __future__ import annotations

import base64
import json
from html import escape
from pathlib import Path
from typing import Any

from ..files import shown
from ..language import Diagnostic, InputError
from .page import Section, tiles
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
            raise InputError(
                Diagnostic("has no column 'epoch'", file=shown(history), remedy="`--resume` writes it anew")
            )
        if rows:
            sections.append(_curves(rows, result.get("epoch")))
    recipe = about.get("recipe")
    if recipe:
        text = json.dumps(_without_empty(recipe), indent=2)
        sections.append(Section("recipe", "Recipe", f"<pre>{escape(text)}</pre>"))
    return sections


def picture_section(folder: Path) -> list[Section]:
    """The pictures that lie in the folder, beside those that the page draws itself."""
    figures = []
    for path in sorted(folder.iterdir()):
        kind = PICTURES.get(path.suffix.lower())
        if kind and path.name not in DRAWN and path.stat().st_size <= LARGEST_PICTURE:
            content = base64.b64encode(path.read_bytes()).decode()
            figures.append(
                f'<figure><img alt="{escape(path.stem)}" src="data:{kind};base64,{content}">'
                f"<figcaption>{escape(path.name)}</figcaption></figure>"
            )
    return [Section("pictures", "Pictures", f'<div class="pictures">{"".join(figures)}</div>')] if figures else []


def line_chart(name: str, title: str, traces: list[dict[str, Any]], x: str, y: str, **more: Any) -> dict[str, Any]:
    """A Plotly figure of lines over one axis."""
    layout = {
        "title": {"text": title, "font": {"size": 14}}, "xaxis": {"title": {"text": x}},
        "yaxis": {"title": {"text": y}}, "legend": {"orientation": "h", "y": -0.22}, **more,
    }  # fmt: skip
    return {"id": name, "traces": traces, "layout": layout}


def chart_places(charts: list[dict[str, Any]], wide: tuple[str, ...] = ()) -> str:
    """The elements that charts are drawn into."""
    places = "".join(
        f'<div class="chart{" wide" if chart["id"] in wide else ""}" id="{chart["id"]}"></div>' for chart in charts
    )
    return f'<div class="charts">{places}</div>'


def _result(result: dict[str, Any], about: dict[str, Any]) -> str:
    words = {"val_accuracy": "validation accuracy", "val_loss": "validation loss", "test_accuracy": "test accuracy",
             "test_loss": "test loss", "epoch": "epoch of the weights", "seconds": "seconds"}  # fmt: skip
    values = {}
    for key, name in words.items():
        value = result.get(key)
        if isinstance(value, (int, float)):
            values[name] = f"{100 * value:.2f} %" if key.endswith("accuracy") else f"{value:.4g}"
    data = about.get("data")
    description = data.get("description") if isinstance(data, dict) else None
    return tiles(values) + (f"<p class='quiet'>{escape(str(description))}</p>" if description else "")


def _curves(rows: list[dict[str, float | None]], best: Any) -> Section:
    epochs = [row["epoch"] for row in rows]
    charts = []
    for key in ("loss", "accuracy"):
        traces = [
            _line(label, epochs, [row.get(name) for row in rows], colour)
            for name, label, colour in ((key, "training", TRAINING), (f"val_{key}", "validation", VALIDATION))
            if any(row.get(name) is not None for row in rows)
        ]
        marked: dict[str, Any] = {"shapes": [_mark(float(best))]} if isinstance(best, (int, float)) else {}
        if traces:
            charts.append(line_chart(f"curve-{key}", key, traces, "epoch", key, **marked))
    rates = [row.get("learning_rate") for row in rows]
    if len(set(rates)) > 1:
        trace = _line("learning rate", epochs, rates, RATE)
        charts.append(line_chart("curve-rate", "learning rate at the end of the epoch", [trace], "epoch", ""))
        charts[-1]["layout"]["yaxis"]["type"] = "log" if all(rate and rate > 0 for rate in rates) else "linear"
    note = "<p class='quiet'>The dotted line is the epoch whose weights were kept.</p>" if best else ""
    return Section("curves", "Learning curves", chart_places(charts) + note, charts)


def _line(label: str, xs: list[Any], ys: list[Any], colour: str) -> dict[str, Any]:
    mode = "lines+markers" if len(xs) < 40 else "lines"
    return {"type": "scatter", "mode": mode, "name": label, "x": xs, "y": ys, "line": {"color": colour}}


def _mark(epoch: float) -> dict[str, Any]:
    return {"type": "line", "x0": epoch, "x1": epoch, "y0": 0, "y1": 1, "yref": "paper",
            "line": {"dash": "dot", "width": 1, "color": VALIDATION}}  # fmt: skip


def _read(path: Path) -> dict[str, Any]:
    """A JSON object; an empty one where there is none that can be read."""
    try:
        content = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return content if isinstance(content, dict) else {}


def _without_empty(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _without_empty(inner) for key, inner in value.items() if inner is not None}
    return value
