"""One HTML file out of sections: styles, script, data and charts inside, nothing loaded from elsewhere."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from html import escape
from pathlib import Path
from typing import Any

from ..files import write_text
from ..packages import missing

ASSETS = Path(__file__).parent


@dataclass
class Section:
    """A heading of a report with what stands below. `charts` are Plotly's figures, each for an element's id; `data`
    is more for the page's script."""

    name: str
    title: str
    html: str
    charts: list[dict[str, Any]] = field(default_factory=list)
    data: dict[str, Any] = field(default_factory=dict)


def write_page(path: Path, title: str, subtitle: str, sections: Sequence[Section]) -> None:
    """Write the report. Raises `InputError` where Plotly is missing or the file cannot be written."""
    charts = [chart for section in sections for chart in section.charts]
    data = {"charts": charts, **{key: value for section in sections for key, value in section.data.items()}}
    links = "".join(f'<a href="#{section.name}">{escape(section.title)}</a>' for section in sections)
    body = "".join(
        f'<section id="{section.name}"><h2>{escape(section.title)}</h2>{section.html}</section>' for section in sections
    )
    text = (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f'<link rel="icon" href="data:,"><title>{escape(title)}</title>'
        f"<style>{(ASSETS / 'report.css').read_text('utf-8')}</style></head><body>"
        f'<header><h1>{escape(title)}</h1><p class="quiet">{escape(subtitle)}</p></header>'
        f"<nav><div>{links}</div></nav><main>{body}</main><footer>Written by convspec.</footer>"
        f'<script type="application/json" id="data">{_embedded(data)}</script>'
        f"{_plotly() if charts else ''}<script>{(ASSETS / 'report.js').read_text('utf-8')}</script></body></html>\n"
    )
    write_text(path, text)


def tiles(values: Mapping[str, str]) -> str:
    """Figures in boxes: the name below the value."""
    inner = "".join(
        f'<div class="tile"><b>{escape(value)}</b><span>{escape(name)}</span></div>' for name, value in values.items()
    )
    return f'<div class="tiles">{inner}</div>'


def table(header: Sequence[str], rows: Iterable[str], name: str = "", left: Sequence[int] = (0,)) -> str:
    """A table whose columns sort at a click; `rows` are `<tr>` elements."""
    cells = "".join(
        f"<th data-sort{' class=left' if index in left else ''}>{escape(title)}</th>"
        for index, title in enumerate(header)
    )
    mark = f' id="{name}"' if name else ""
    return (
        f'<div class="scroll"><table{mark}><thead><tr>{cells}</tr></thead><tbody>{"".join(rows)}</tbody></table></div>'
    )


def cell(text: str, value: float | None = None, css: str = "", share: float | None = None) -> str:
    """A table's cell; `value` is what it sorts by, `share` (0 to 1) the length of its bar."""
    kind = f' class="{css}"' if css else ""
    number = f' data-value="{value!r}"' if value is not None else ""
    bar = f' style="--share:{100 * share:.1f}%"' if share else ""
    return f"<td{kind}{number}{bar}>{escape(text)}</td>"


def finite(value: Any) -> Any:
    """JSON has no NaN: a number that is none becomes null."""
    if isinstance(value, dict):
        return {key: finite(inner) for key, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [finite(inner) for inner in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _embedded(data: Any) -> str:
    """JSON that cannot end the script element it stands in."""
    return json.dumps(finite(data), separators=(",", ":"), ensure_ascii=False).replace("<", "\\u003c")


def _plotly() -> str:
    try:
        from plotly.offline import get_plotlyjs
    except ImportError:
        raise missing("a report with charts needs the package plotly", "report") from None
    return f"<script>{get_plotlyjs()}</script>"
