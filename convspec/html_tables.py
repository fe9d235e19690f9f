"""Tables in HTML, as notebooks show results: without a template engine, since the core shows specs with no extra."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterable, Sequence
from html import escape
from pathlib import Path

STYLE = (
    "<style>.convspec{font-size:13px}.convspec table{border-collapse:collapse}"
    ".convspec td,.convspec th{padding:2px 10px;text-align:right;white-space:nowrap}"
    ".convspec td:first-child,.convspec th:first-child,.convspec td.left{text-align:left}"
    ".convspec .scroll{max-height:520px;overflow:auto}</style>"
)


def framed(inner: str) -> str:
    """HTML with the style of all that notebooks show of convspec."""
    return f'{STYLE}<div class="convspec">{inner}</div>'


def table(names: Sequence[str], rows: str) -> str:
    """A table of rows that are HTML."""
    header = "".join(f"<th>{escape(name)}</th>" for name in names)
    return f"<table><thead><tr>{header}</tr></thead><tbody>{rows}</tbody></table>"


def text_table(title: str, names: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A framed table of texts below a title."""
    cells = "".join("<tr>" + "".join(f"<td>{escape(str(cell))}</td>" for cell in row) + "</tr>" for row in rows)
    return framed(f'<b>{escape(title)}</b><div class="scroll">{table(names, cells)}</div>')


def image(file: Path) -> str:
    """A .png file inside the HTML; nothing where it has been removed."""
    if not file.is_file():
        return ""
    return f'<img src="data:image/png;base64,{b64encode(file.read_bytes()).decode()}" alt="{escape(file.name)}">'
