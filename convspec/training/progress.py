"""What a person sees while a network trains: a bar on a terminal, one line an epoch elsewhere."""

from __future__ import annotations

import sys
import time
from functools import partial

import keras
from rich.progress import BarColumn, Progress as Bar, TaskID, TextColumn, TimeRemainingColumn

from ..printing import start_display
from .history import Row

COLUMNS = ("loss", "accuracy", "val_loss", "val_accuracy")


class Progress(keras.callbacks.Callback):
    """Prints epochs to standard output, with the time that is left by the pace so far."""

    def __init__(self, rows: list[Row], first: int, epochs: int, steps: int) -> None:
        super().__init__()
        self.rows, self.first, self.epochs, self.steps = rows, first, epochs, steps
        self.bar: Bar | None = None
        self.task = TaskID(0)
        self.started = time.monotonic()

    def on_train_begin(self, logs: dict[str, float] | None = None) -> None:
        self.started = time.monotonic()
        if sys.stdout.isatty():
            self._start_bar()

    def on_epoch_begin(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        if self.bar is not None:
            self.bar.update(self.task, description=f"epoch {epoch + 1}/{self.epochs}")

    def on_train_batch_end(self, batch: int, logs: dict[str, float] | None = None) -> None:
        if self.bar is not None:
            numbers = "  ".join(f"{name} {float(value):.4f}" for name, value in (logs or {}).items() if name in COLUMNS)
            self.bar.update(self.task, advance=1, numbers=numbers)

    def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        line = self._line(epoch)
        if self.bar is not None:
            self.bar.console.print(line, highlight=False, soft_wrap=True)
        else:
            sys.stdout.write(line + "\n")
            sys.stdout.flush()

    def close(self) -> None:
        """Take the bar off the terminal, also after an exception."""
        if self.bar is not None:
            self.bar.stop()
            self.bar = None

    def _line(self, epoch: int) -> str:
        row, width = self.rows[-1], len(str(self.epochs))
        numbers = "  ".join(f"{name} {row[name]:.4f}" for name in COLUMNS if name in row)
        seconds = (time.monotonic() - self.started) / (epoch + 1 - self.first)
        left = duration(seconds * (self.epochs - epoch - 1))
        return f"epoch {epoch + 1:{width}}/{self.epochs}  {numbers}  {duration(row['seconds'])}, {left} left"

    def _start_bar(self) -> None:
        texts = TextColumn("{task.description}"), TextColumn("{task.fields[numbers]}")
        columns = texts[0], BarColumn(), TimeRemainingColumn(), texts[1]
        self.bar = start_display(partial(Bar, *columns, transient=True))
        total, done = self.epochs * self.steps, self.first * self.steps
        self.task = self.bar.add_task("compiling", total=total, completed=done, numbers="")


def duration(seconds: float) -> str:
    """`0.4 s`, `12 s`, `3 min 5 s`, `2 h 10 min`."""
    if seconds < 9.95:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3600} h {whole % 3600 // 60} min"
