"""How long a network takes for one image, measured once and kept: what a `latency` constraint is compared with."""

from __future__ import annotations

import json

from ..builder import build
from ..json_files import json_text
from ..training.history import read_json
from ..training.timing import time_inference
from .constraints import ConstraintCheck
from .search_files import LATENCIES
from .space import Values
from .store import Store

REPEATS = 20
"""Predictions of which the median counts."""


class Latencies:
    """Milliseconds for one image by the values of the architecture.

    With a store they are kept in its `latency.json`, so that a resumed search rejects the same candidates.
    """

    def __init__(self, constraint_check: ConstraintCheck, store: Store | None = None) -> None:
        self.constraint_check, self.store = constraint_check, store
        self.path = None if store is None else store.folder / "latency.json"
        self.known: dict[str, float] = {}
        if self.path is not None and self.path.exists():
            remedy = "delete it, and the networks are measured again"
            self.known = read_json(self.path, LATENCIES, "is no table of latencies", remedy)

    def __call__(self, values: Values) -> float:
        """The latency of a network, in milliseconds."""
        key = json.dumps(values, sort_keys=True, default=str)
        if key not in self.known:
            model = build(self.constraint_check.spec(values))
            self.known[key] = time_inference(model, batch=1, repeats=REPEATS).milliseconds
            if self.store is not None and self.path is not None:
                self.store.write(self.path, json_text(self.known, indent=1))
        return self.known[key]
