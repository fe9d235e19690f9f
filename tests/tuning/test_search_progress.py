"""The table of trials on a terminal."""

from convspec.tuning.objective import Metric
from convspec.tuning.search_progress import ranked_lines
from convspec.tuning.store import Record

from .specs import row

ACCURACY, LOSS = Metric("val_accuracy", "max"), Metric("val_loss", "min")


def test_the_table_of_trials_has_ranks_from_1_and_epochs_from_0():
    history = [row(1, val_accuracy=0.3), row(2, val_accuracy=0.4)]
    records = [
        Record("b", 1, 2, {"train.l2": 0.5}, "aborted", trial=1),
        Record("a", 0, 2, {}, "completed", score=0.75, trial=0, history=history),
        Record("c", 2, 2, {"train.l2": 0.25}, "running", trial=2, history=history[:1]),
    ]
    assert ranked_lines(records, ACCURACY, {"train.l2": "l2"}) == [
        "rank  trial  stage          l2  epochs  val_accuracy      state",
        "   1   0000      0  as written     2/2        0.7500  completed",
        "   2   0001      1         0.5     0/2                  aborted",
        "   3   0002      2        0.25     1/2        0.3000    running",
    ]
