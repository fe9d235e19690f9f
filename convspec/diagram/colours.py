"""Colours of pictures and pages, light and dark."""

from __future__ import annotations

from pathlib import Path
from string import Template

LIGHT = {
    "paper": "#ffffff",
    "text": "#1c2430",
    "quiet": "#5d6b7e",
    "line": "#8592a3",
    "frame": "#c3ccd8",
    "panel": "#f6f8fa",
}
DARK = {
    "paper": "#14181f",
    "text": "#e6eaf0",
    "quiet": "#9aa7b8",
    "line": "#74839a",
    "frame": "#3b4656",
    "panel": "#1b212b",
}

FILLS = {
    "input": ("#eceff3", "#9aa5b4", "#2a313c", "#7c8899"),
    "conv": ("#dbe8fb", "#5b8fd6", "#1c3556", "#6b9de2"),
    "depthwise": ("#d6f1f0", "#3fa7a3", "#123c3e", "#4dbdb8"),
    "dense": ("#dff3dd", "#5dab58", "#1b3f22", "#6cbd68"),
    "pool": ("#fde5d3", "#e08e4f", "#4a2c16", "#e39a61"),
    "merge": ("#ffffff", "#7d8a9c", "#232a35", "#8e9bad"),
    "light": ("#f4ecfb", "#a283c9", "#33264a", "#a98cd0"),
    "other": ("#eef0f3", "#8995a6", "#2a313c", "#8995a6"),
    "port": ("#8592a3", "#8592a3", "#74839a", "#74839a"),
    "stage": ("#e6e9fb", "#7883d2", "#262c56", "#8791e0"),
    "block0": ("#e6e9fb", "#7883d2", "#262c56", "#8791e0"),
    "block1": ("#fbe3ea", "#d5718f", "#4c1f2f", "#df849f"),
    "block2": ("#fdf0cc", "#cfa12f", "#463614", "#d9b04b"),
    "block3": ("#d9f2e6", "#46a57c", "#153d2d", "#57b98e"),
    "block4": ("#f0e4fa", "#9b72c8", "#38264f", "#ac85d6"),
    "block5": ("#dff0f8", "#4f9fc4", "#18394a", "#62b0d4"),
}
"""Fill and edge of each kind of box: light, then dark."""

FOLDER = Path(__file__).parent


def diagram_style(scheme: str = "auto") -> str:
    """CSS of a diagram: `light`, `dark`, or what the reader's system prefers."""
    if scheme != "auto":
        return _rules(dark=scheme == "dark")
    return _rules(dark=False) + "@media (prefers-color-scheme:dark){" + _rules(dark=True, colours_only=True) + "}"


def _rules(*, dark: bool, colours_only: bool = False) -> str:
    rules = Template(_rules_in("colours.css")).substitute(DARK if dark else LIGHT).splitlines()
    for kind, colours in FILLS.items():
        fill, edge = colours[2:] if dark else colours[:2]
        rules.append(f".{kind}{{fill:{fill};stroke:{edge}}}")
    if not colours_only:
        rules += _rules_in("forms.css").splitlines()
    return "".join(f".net {rule}" for rule in rules)


def _rules_in(file: str) -> str:
    """CSS with a rule on each line."""
    return (FOLDER / file).read_text("utf-8")
