"""The same computation for one candidate after the other: done once for each way that it can go, then replayed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping

from ..graph.symbolic import Decisions, Number, Recording
from ..language.located import LocatedMap, Mark, Text
from ..language.overriding import with_value
from ..language.search_space_checks import with_values
from ..language.tune import Tune
from .space import Values, dimensions

Compute = Callable[[LocatedMap], list[float]]

MOST = 16
"""Ways through the computation that are kept for one structure."""

TRIES = 8
"""Candidates that are recorded before it has to have paid off."""


class MemoisedConstraints:
    """What `compute` says of a document with a candidate's values in it.

    Candidates whose choices and conditions are the same differ in numbers alone. For the first of them the document is
    computed twice, once with `SymbolicNumber`s in their place; what was noted is replayed for the others where each
    decision on the way is the same. Errors are not recorded. `compute` must be a function of the document alone.
    """

    def __init__(self, document: LocatedMap, tune: Tune, compute: Compute) -> None:
        self.document, self.tune, self.compute = document, tune, compute
        self.numeric = frozenset(one.path for one in dimensions(tune) if one.numeric)
        self.structures: defaultdict[str, _Structure] = defaultdict(_Structure)

    def __call__(self, values: Values) -> list[float]:
        """The results for a candidate. Raises what `compute` raises."""
        numbers = {
            path: value for path, value in values.items() if path in self.numeric and isinstance(value, (int, float))
        }
        rest = [(path, type(value) if path in numbers else value) for path, value in values.items()]
        structure = self.structures[repr(rest)]
        found = structure.replay(list(numbers.values()))
        if found is None:
            document = with_values(self.document, self.tune, values)
            found = self.compute(document)
            if numbers and structure.worth_recording and (new := self._record(document, numbers, found)):
                structure.recordings.insert(0, new)
                del structure.recordings[MOST:]
        return found

    def _record(self, document: LocatedMap, numbers: Mapping[str, Number], found: list[float]) -> Recording | None:
        """How the results come about; None where code that does not take part in it asks for plain numbers."""
        decisions = Decisions()
        for path, number in numbers.items():
            document = with_value(document, path, decisions.input(number), Mark(0, 0, Text(path, "")))
        try:
            recording = decisions.recording(self.compute(document))
        except Exception:  # of any code, a block of another package's too; with the numbers themselves it went well
            return None
        return recording if recording.replay(list(numbers.values())) == found else None


class _Structure:
    """The recordings of candidates that differ in numbers alone, the last one that held first."""

    def __init__(self) -> None:
        self.recordings: list[Recording] = []
        self.asked = self.held = 0

    def replay(self, numbers: list[Number]) -> list[float] | None:
        self.asked += 1
        for index, recording in enumerate(self.recordings):
            found = recording.replay(numbers)
            if found is not None:
                self.held += 1
                if index:
                    self.recordings.insert(0, self.recordings.pop(index))
                return found
        return None

    @property
    def worth_recording(self) -> bool:
        """Whether most candidates are replayed by now, or there were few."""
        return self.asked - self.held <= TRIES + self.held
