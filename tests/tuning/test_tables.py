"""The lines of trials."""

from convspec.tuning.store import Record
from convspec.tuning.tables import trial_line


def test_the_line_of_a_trial_has_its_number_score_values_and_what_became_of_it():
    names = {"train.l2": "l2"}
    done = Record("a", 1, 2, {"train.l2": 1.5e-4}, "completed", score=0.75, deviation=0.0125, trial=7)
    aborted = Record("b", 0, 2, {}, "aborted", "the loss is inf", trial=0)
    waiting = Record("c", 1, 2, {"train.l2": 0.5}, "failed", "no memory")
    assert [trial_line(record, "val_accuracy", names, 3, 12) for record in (done, aborted, waiting)] == [
        "0007  val_acc: 0.7500 ± 0.0125  l2: 1.50e-04  (3 / 12)",
        "0000  val_acc: -  as written  (3 / 12)  aborted: the loss is inf",
        "val_acc: -  l2: 0.5  (3 / 12)  failed: no memory",
    ]
