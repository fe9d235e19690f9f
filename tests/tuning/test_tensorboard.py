"""Trials as TensorBoard shows them."""

from pathlib import Path

from convspec.tuning.objective import Metric
from convspec.tuning.store import Record
from convspec.tuning.tensorboard import TensorBoardLog

ACCURACY, LOSS = Metric("val_accuracy", "max"), Metric("val_loss", "min")


def test_tensorboard_has_the_score_of_a_trial_and_else_that_it_was_aborted():
    written = []

    class Writer:
        def __init__(self, **options):
            written.append(options["logdir"])

        def add_scalar(self, *scalar):
            written.append(scalar)

        def add_hparams(self, *parameters, name):
            written.append(parameters)

        def close(self):
            written.append("closed")

    log = TensorBoardLog.__new__(TensorBoardLog)
    log.folder, log.metric, log.writer = Path("logs"), LOSS, Writer
    one = {"run": 1, "epoch": 2, "seconds": 0.5, "loss": 0.25}
    log(None, Record("0123456789abcdef", 1, 2, {"a": 1, "b": [1, 2]}, "completed", score=0.5, history=[one]))
    log(None, Record("0123456789abcdef", 1, 2, {}, "running"))
    log(None, Record("abcdef0123456789", 2, 2, {}, "aborted"))
    assert written == [
        str(Path("logs", "0123456789ab")),
        ("loss/run_1", 0.25, 2),
        ({"stage": 1, "a": 1, "b": "[1, 2]"}, {"best val_loss": 0.5}),
        "closed",
        str(Path("logs", "abcdef012345")),
        ({"stage": 2}, {"aborted": 1.0}),
        "closed",
    ]
