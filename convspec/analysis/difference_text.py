"""A difference as text for a terminal, and as Markdown for a pull request."""

from __future__ import annotations

from collections.abc import Iterator

from ..text_tables import aligned, markdown
from .difference import Change, Difference, Effect
from .table import human, number

HEADER = ("", "before", "after", "change")


def render(difference: Difference, before: str, after: str) -> str:
    """As `diff` writes it: what is gone with `-`, new with `+`, different with `~`; then the figures."""
    lines = [f"--- {before}", f"+++ {after}", *(_line(change, change.sign) for change in _changes(difference))]
    rows = [HEADER, *(_row(effect) for effect in difference.effects)]
    return "\n".join([*lines, "", *aligned(rows, ruler=False)])


def render_markdown(difference: Difference, before: str, after: str) -> str:
    """A heading, the changes as a `diff` block, which GitHub colours, and the figures that moved as a table."""
    lines = [f"### `{before}` → `{after}`", "", "```diff"]
    lines += [_line(change, "!" if change.sign == "~" else change.sign) for change in _changes(difference)]
    lines += ["```", ""]
    moved = [effect for effect in difference.effects if effect.before != effect.after]
    if not moved:
        return "\n".join([*lines, "Parameters, MACs, memory and receptive field stay as they are."])
    return "\n".join([*lines, *markdown([HEADER, *map(_row, moved)])])


def _changes(difference: Difference) -> Iterator[Change]:
    yield from difference.network
    yield from difference.training


def _line(change: Change, sign: str) -> str:
    kind = f" ({change.kind})" if change.kind else ""
    return f"{sign} {change.place}{kind}: {'; '.join(change.details)}"


def _row(effect: Effect) -> tuple[str, str, str, str]:
    name = effect.name.removesuffix(" bytes")
    if effect.name.endswith("bytes"):
        name = {"activation": "activations", "weight": "weights"}[name]
        return name, human(effect.before, "B"), human(effect.after, "B"), _change(effect)
    return name, number(effect.before), number(effect.after), _change(effect)


def _change(effect: Effect) -> str:
    if effect.before is None or effect.after is None or effect.before == effect.after:
        return "" if effect.before == effect.after else "?"
    share = f" ({100 * (effect.after / effect.before - 1):+.1f} %)" if effect.before else ""
    difference = effect.after - effect.before
    return (f"{human(abs(difference), 'B')}" if effect.name.endswith("bytes") else f"{abs(difference):,}").join(
        ("+" if difference > 0 else "-", share)
    )
