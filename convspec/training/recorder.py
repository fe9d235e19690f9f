"""When a run writes its history and its checkpoint: at the end of each epoch."""

from __future__ import annotations

import time
from pathlib import Path

import keras

from ..data.pipeline import Pipeline
from .callbacks import Logs, Resumable
from .checkpoint import save_checkpoint
from .compiling import optimizer_of, value_of
from .history import Row, write_history


class Recorder(keras.callbacks.Callback):
    """Keeps the history, and at the end of each epoch writes it and a checkpoint; runs after all other callbacks."""

    def __init__(self, pipeline: Pipeline, folder: Path | None, stateful: dict[str, Resumable]) -> None:
        super().__init__()
        self.pipeline, self.folder, self.stateful = pipeline, folder, stateful
        self.rows: list[Row] = []
        self.began = 0.0

    def on_epoch_begin(self, epoch: int, logs: Logs = None) -> None:
        """Tell the input pipeline which epoch it is; note the time."""
        self.pipeline.epoch, self.began = epoch, time.monotonic()

    def on_epoch_end(self, epoch: int, logs: Logs = None) -> None:
        """Write the history, and a checkpoint that it agrees with."""
        rate = float(value_of(optimizer_of(self.model).learning_rate))
        row = {"epoch": epoch + 1, "learning_rate": rate, "seconds": round(time.monotonic() - self.began, 3)}
        self.rows.append({**row, **{name: float(value) for name, value in (logs or {}).items()}})
        if self.folder is not None:
            state = {name: callback.get_state() for name, callback in self.stateful.items()}
            save_checkpoint(self.folder / "checkpoint.npz", self.model, {**state, "history": self.rows})
            write_history(self.folder, self.rows)
