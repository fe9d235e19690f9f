"""What is on disk of a search: one file a trial, each replaced as a whole, and what the search as a whole is."""

from __future__ import annotations

import math
import zipfile
from collections.abc import Iterable
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass, field, fields, replace
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any

import numpy as np
from numpy.typing import NDArray
from pydantic import TypeAdapter

from ..data.npz import write_arrays
from ..files import refusals, shown, write_text
from ..json_files import STRICT, Measured, having, json_text, parse_json
from ..language import InputError
from .search_files import State


class StoreError(InputError):
    """The disk does not take what was found; the search has to stop."""


REMEDY = "free some space or mend the folder, then give the same command again: finished trials are kept"

FINISHED: tuple[State, ...] = ("completed", "aborted", "pruned", "failed")


COLUMNS = (
    *("run", "epoch", "learning_rate", "loss", "accuracy"),
    *("val_loss", "val_accuracy", "val_crossentropy", "seconds"),
)
"""What each row of a trial's history has."""

Row = Annotated[dict[str, int | Measured], having(*COLUMNS, whole=("run", "epoch"))]
"""One epoch of a trial; `run` counts the trainings of a trial with folds or runs."""


@dataclass(frozen=True)
class Record:
    """A trial as its file holds it.

    `key` is the fingerprint of its network and recipe, `trial` its number, which never changes; `document` is its whole
    spec as YAML. `finished` is seconds of searching until its end, over all sessions. `node` and `versions` say where
    it was trained and with what; `crashes` how the workers ended that it took along.
    """

    __pydantic_config__ = STRICT

    key: str
    stage: int
    epochs: int
    values: dict[str, Any]
    state: State = "running"
    reason: str = ""
    score: float | None = None
    deviation: float | None = None
    best_epoch: int = 0
    parameters: int = 0
    seconds: float = 0.0
    finished: float = 0.0
    history: list[Row] = field(default_factory=list)
    trial: int | None = None
    document: str | None = None
    node: str = ""
    versions: dict[str, str] = field(default_factory=dict)
    crashes: list[str] = field(default_factory=list)

    @property
    def done(self) -> bool:
        """Whether the trial has ended."""
        return self.state in FINISHED

    @cached_property
    def tie(self) -> float:
        """Which of two trials with one score is the better: the validation loss without L2 at the best epoch."""
        found = [row["val_crossentropy"] for row in self.history if row["epoch"] == self.best_epoch]
        return found[-1] if found and math.isfinite(found[-1]) else math.inf


def trial_name(record: Record) -> str:
    """The number of a trial as tables and the terminal have it, `0012`; empty for one that has none yet."""
    return "" if record.trial is None else f"{record.trial:04d}"


RECORD: TypeAdapter[Record] = TypeAdapter(Record)


class Store:
    """The folder of a search. A `worker` writes its trials only: the tables are the chief's.

    `set_aside` renames files of trials that cannot be read, so that these run again; who only reads leaves them.
    """

    def __init__(self, folder: Path, *, worker: bool = False, set_aside: bool = True) -> None:
        self.folder, self.trials, self.worker, self.set_aside = folder, folder / "trials", worker, set_aside
        self.records: dict[str, Record] = {}
        self.broken: list[Path] = []
        self.earlier: set[str] = set()  # trials of the search that this one extends
        self.numbers: dict[str, int] = {}

    def extend(self, keys: Iterable[str]) -> None:
        """Take over trials of the search that this one extends, with their numbers."""
        self.earlier = set(keys)
        known = [record for key, record in self.records.items() if key in self.earlier]
        known.sort(key=lambda one: (math.inf if one.trial is None else one.trial, one.stage, one.finished, one.key))
        self.numbers = {record.key: record.trial for record in known if record.trial is not None}
        for record in known:
            self.number(record.key)

    def number(self, key: str) -> int:
        """The number of a trial: the next one when it is planned, and always that."""
        if key not in self.numbers:
            self.numbers[key] = 1 + max(self.numbers.values(), default=-1)
        return self.numbers[key]

    def numbered(self) -> list[Record]:
        """The finished trials of this search in the order of their numbers."""
        found = sorted((number, key) for key, number in self.numbers.items() if key in self.records)
        return [replace(self.records[key], trial=number) for number, key in found]

    def write_numbers(self) -> None:
        """Write numbers into the files of trials that other processes ran. Raises `StoreError`."""
        for record in self.numbered():
            if self.records[record.key].trial != record.trial:
                self.put(record)

    def open(self) -> None:
        """Make the folder, or read what is in it; a file that cannot be read is set aside and named in `broken`."""
        with self._writing(self.trials):
            self.trials.mkdir(parents=True, exist_ok=True)
        self.read()

    def files(self) -> list[Path]:
        """The files of trials; what a process is still writing, or was when it was killed, has a hidden name."""
        return sorted(self.trials.glob("[!.]*.json"))

    def read(self) -> None:
        """Take in the trials that other processes wrote too. Raises `StoreError` where the disk does not give them."""
        for path in self.files():
            self.get(path.stem)

    def get(self, key: str) -> Record | None:
        """A finished trial; also one that another process finished since."""
        if key not in self.records:
            record = self._read(self.trials / f"{key}.json")
            if record is not None and record.done:
                self.records[key] = record
        return self.records.get(key)

    def unfinished(self, key: str) -> Record | None:
        """What is on disk of a trial that has not ended."""
        record = self._read(self.trials / f"{key}.json")
        return None if record is None or record.done else record

    def put(self, record: Record) -> None:
        """Write a trial's file. Raises `StoreError` where that cannot be done; what is on disk stays."""
        content = {one.name: getattr(record, one.name) for one in fields(record)}
        self.write(self.trials / f"{record.key}.json", json_text(content))
        if record.done:
            self.records[record.key] = record

    def put_weights(self, key: str, weights: list[NDArray[np.generic]]) -> None:
        """Keep the weights of the best trial so far. Raises `StoreError`."""
        write_arrays(self.folder / "best.npz", weights, remedy=REMEDY, error=StoreError, key=np.array(key))

    def get_weights(self, key: str) -> list[NDArray[np.generic]] | None:
        """The weights that were kept, if they are those of this trial."""
        try:
            with np.load(self.folder / "best.npz", allow_pickle=False) as archive:
                if str(archive["key"]) != key:
                    return None
                return [archive[name] for name in sorted(set(archive.files) - {"key"})]
        except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
            return None

    def write(self, path: Path, text: str) -> None:
        """Write a file under another name and move it into place, unless it says so already. Raises `StoreError`."""
        if self.worker and path.parent != self.trials:
            return
        with suppress(OSError, UnicodeDecodeError):
            if path.read_text(encoding="utf-8") == text:
                return
        write_text(path, text, remedy=REMEDY, error=StoreError)

    def seconds(self) -> float:
        """Seconds of searching up to the last finished trial."""
        return max((record.finished for record in self.records.values()), default=0.0)

    def _read(self, path: Path) -> Record | None:
        try:
            record: Record = parse_json(path.read_bytes(), RECORD)
            if record.key != path.stem:
                raise ValueError(f"is the file of another trial, {record.key}")
            return record
        except FileNotFoundError:  # there is none, or another process has set it aside in this moment
            return None
        except OSError as error:
            message = f"cannot be read: {error.strerror or error}"
            raise StoreError(message, file=shown(path), remedy="mend it, or delete it: its trial runs again") from error
        except ValueError:
            if not self.set_aside:
                self.broken.append(path)
                return None
            aside = path.with_suffix(".broken")
            with self._writing(aside):
                path.replace(aside)
            self.broken.append(aside)
            return None

    def _writing(self, path: Path) -> AbstractContextManager[None]:
        return refusals(path, remedy=REMEDY, error=StoreError)
