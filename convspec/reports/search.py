"""What a search left in its folder: trials, their curves, the space, the best."""

from __future__ import annotations

import csv
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..files import shown
from ..language import InputError
from ..tuning.search_files import cell_text, read_search_file

Value = float | str


@dataclass(frozen=True)
class Trial:
    """One row of `trials.csv`. `finished` counts seconds since the search began; None where a cell is empty."""

    name: str
    stage: int
    state: str
    score: float | None
    epochs: float | None
    seconds: float | None
    finished: float | None
    reason: str
    parameters: float | None
    values: dict[str, Value]


@dataclass(frozen=True)
class Distribution:
    """One field that was searched. `choices` in their order, where it is no range."""

    path: str
    logarithmic: bool
    choices: tuple[str, ...] = ()

    @property
    def label(self) -> str:
        """The last two parts of the path: `optimizer.learning_rate`."""
        return ".".join(self.path.split(".")[-2:])

    def text(self, value: Value) -> str:
        """A value as a table shows it: a member of a choice in full, a number from a range rounded."""
        if isinstance(value, str) or self.choices:
            return _word(value)
        return f"{value:.2e}" if value and not 0.01 <= abs(value) < 10_000 else f"{value:.4g}"

    def position(self, value: Value) -> float | None:
        """A value's place on its hyperparameter's axis: itself, or the number of the choice; 0 has no logarithm."""
        if self.choices:
            return float(self.choices.index(_word(value))) if _word(value) in self.choices else None
        return value if isinstance(value, float) and (value > 0 or not self.logarithmic) else None

    def place(self, trial: Trial) -> float | None:
        """A trial's place on the axis; None where it has no such value."""
        return self.position(trial.values[self.path]) if self.path in trial.values else None


@dataclass(frozen=True)
class Search:
    """A search as its files describe it."""

    folder: Path
    info: dict[str, Any]
    trials: list[Trial]
    curves: dict[str, list[dict[str, float]]]
    distributions: list[Distribution]

    @property
    def objective(self) -> str:
        """What was optimised, such as `val_accuracy`."""
        return str(self.info.get("objective", {}).get("name", "score"))

    @property
    def maximizes(self) -> bool:
        """Whether a higher score is better."""
        return str(self.info.get("objective", {}).get("direction", "max")) != "min"

    @property
    def scored(self) -> list[Trial]:
        """Trials that were completed, the best first: of equal ones that which the search chose, by its loss."""
        found = [trial for trial in self.trials if trial.score is not None and trial.state == "completed"]
        chosen = (self.info.get("best") or {}).get("trial")
        sign = -1 if self.maximizes else 1
        return sorted(found, key=lambda trial: (sign * (trial.score or 0.0), trial.name != chosen))

    @property
    def typical_scores(self) -> tuple[float, float]:
        """The least and the greatest score, the worst tenth left out, so that one bad trial hides nothing."""
        scores = [trial.score or 0.0 for trial in self.scored]
        typical = scores[min(len(scores) - 1, int(0.9 * len(scores)))]
        return min(scores[0], typical), max(scores[0], typical)

    def best_so_far(self) -> list[tuple[float, float, Trial]]:
        """(seconds since the start, best score until then, the trial that reached it), at each improvement."""
        steps: list[tuple[float, float, Trial]] = []
        for trial in sorted(self.scored, key=lambda trial: trial.finished or 0.0):
            score = trial.score or 0.0
            if not steps or (score > steps[-1][1] if self.maximizes else score < steps[-1][1]):
                steps.append((trial.finished or 0.0, score, trial))
        return steps


def is_search(folder: Path) -> bool:
    """Whether a folder is one that a search wrote."""
    return (folder / "search.json").is_file() and (folder / "trials.csv").is_file()


def read_search(folder: Path) -> Search:
    """Read a search folder. Raises `InputError` where a file is missing or damaged."""
    info = read_search_file(folder)
    rows = read_rows(folder / "trials.csv")
    history = folder / "history.csv"
    space = info.get("fields") or info["space"]
    try:
        trials = [_trial(row, space) for row in rows]
    except KeyError as error:
        raise InputError(f"has no column {error}", file=shown(folder / "trials.csv")) from None
    distributions = [_distribution(path, described, trials) for path, described in space.items()]
    return Search(folder, info, trials, _curves(read_rows(history) if history.is_file() else []), distributions)


def read_rows(path: Path) -> list[dict[str, str]]:
    """A table with a header. Raises `InputError` where it cannot be read, or a row is not as long as the header."""
    try:
        with path.open(encoding="utf-8", newline="") as file:
            reader = csv.reader(file, strict=True)
            columns = next(reader, [])
            rows = []
            for cells in reader:
                if len(cells) != len(columns):
                    message = f"has {len(cells)} cells in a row, and {len(columns)} columns"
                    raise InputError(message, file=shown(path), line=reader.line_num)
                rows.append(dict(zip(columns, cells, strict=True)))
            return rows
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise InputError(f"cannot be read: {_reason(error)}", file=shown(path)) from None


def number(text: str | None) -> float | None:
    """A finite number, or None."""
    try:
        value = float(text or "")
    except ValueError:
        return None
    return value if math.isfinite(value) else None


def _reason(error: Exception) -> str:
    return str(getattr(error, "strerror", None) or error)


def _trial(row: dict[str, str], space: Iterable[str]) -> Trial:
    values = {path: _value(row[path]) for path in space if row.get(path)}
    return Trial(
        name=row["trial"],
        stage=int(number(row["stage"]) or 0),
        state=row["state"],
        score=number(row["score"]),
        epochs=number(row.get("epochs")),
        seconds=number(row.get("seconds")),
        finished=number(row.get("finished")),
        reason=row.get("reason") or "",
        parameters=number(row.get("parameters")),
        values=values,
    )


def _value(text: str) -> Value:
    found = number(text)
    return text if found is None else found


def _word(value: Value) -> str:
    """A member of a choice; members that differ have words that differ."""
    if isinstance(value, str):
        return value
    short = f"{value:g}"
    return short if float(short) == value else repr(value).removesuffix(".0")


def _distribution(path: str, described: dict[str, Any], trials: Sequence[Trial]) -> Distribution:
    kind = str(described.get("kind", ""))
    values = [trial.values[path] for trial in trials if path in trial.values]
    if kind == "choice" or any(isinstance(value, str) for value in values):
        listed = [_word(_value(cell_text(value))) for value in described.get("values", ())]
        seen = [_word(value) for value in values]
        return Distribution(path, False, tuple(dict.fromkeys([*listed, *sorted(set(seen) - set(listed))])))
    return Distribution(path, kind.startswith("log"))


def _curves(rows: Sequence[dict[str, str]]) -> dict[str, list[dict[str, float]]]:
    """The epochs of each trial; of one that was run several times, those of the first run."""
    curves: dict[str, list[dict[str, float]]] = {}
    first: dict[str, str] = {}
    for row in rows:
        if first.setdefault(row.get("trial", ""), row.get("run", "")) != row.get("run", ""):
            continue
        numbers = {key: found for key, text in row.items() if key != "trial" and (found := number(text)) is not None}
        curves.setdefault(row.get("trial", ""), []).append(numbers)
    return curves
