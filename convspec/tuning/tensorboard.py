"""Each finished trial as a run for TensorBoard, with its values in the hyperparameter tab (extra `tensorboard`)."""

from __future__ import annotations

from pathlib import Path

from ..packages import missing
from .objective import Metric
from .planning import Candidate
from .store import Record


class TensorBoardLog:
    """A watcher of trials that writes their curves and their values below `folder`."""

    def __init__(self, folder: Path, metric: Metric) -> None:
        try:
            from tensorboardX import SummaryWriter
        except ImportError:
            raise missing("--tensorboard needs tensorboardX", "tensorboard") from None
        self.folder, self.metric, self.writer = folder, metric, SummaryWriter

    def __call__(self, candidate: Candidate, record: Record) -> None:
        """Write a trial that has ended."""
        if not record.done:
            return
        writer = self.writer(logdir=str(self.folder / record.key[:12]), write_to_disk=True)
        for row in record.history:
            for name in row.keys() - {"run", "epoch", "seconds"}:
                label = name if not row["run"] else f"{name}/run_{int(row['run'])}"
                writer.add_scalar(label, row[name], int(row["epoch"]))
        values = {
            path: value if isinstance(value, (int, float)) else str(value) for path, value in record.values.items()
        }
        scores = {f"best {self.metric.name}": record.score} if record.score is not None else {"aborted": 1.0}
        writer.add_hparams({"stage": record.stage, **values}, scores, name="hparams")
        writer.close()
