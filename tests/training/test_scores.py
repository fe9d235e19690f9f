"""What evaluation computes from probabilities and labels."""

import numpy as np
import pytest

from convspec.data import Dataset
from convspec.language.diagnostics import InputError
from convspec.training.scores import score


def test_labels_follow_their_names_into_another_order():
    x = np.zeros((12, 2, 2, 1), np.uint8)
    names = tuple(map(str, range(11)))  # as an archive has them
    y = np.array([*range(11), 2])
    data = Dataset("mine", x, y, x, y[::-1], x, (y + 1) % 11, names)
    other = data.in_order_of(tuple(sorted(names)))  # as folders have them
    for part in ("train", "val", "test"):
        before, after = (getattr(given, f"y_{part}") for given in (data, other))
        assert [other.class_names[label] for label in after] == [names[label] for label in before]
    assert other.fingerprint != data.fingerprint
    assert data.in_order_of(names) is data
    assert data.in_order_of(other.class_names).in_order_of(names).fingerprint == data.fingerprint
    for wrong, told in (
        ((*names[:9], "11", "9"), "'10' where the network has '11'"),
        (names[:9], "'9' where the network has none"),
    ):
        with pytest.raises(InputError, match=f"its classes are others than the network's: {told}"):
            data.in_order_of(wrong)


def test_scores_by_hand():
    probabilities = np.array([[0.7, 0.2, 0.1], [0.2, 0.5, 0.3], [0.6, 0.3, 0.1], [0.1, 0.1, 0.8]])
    scores = score(probabilities, np.array([0, 1, 1, 2]), ("a", "b", "c"))
    assert (scores.accuracy, scores.confused) == (0.75, ("b", "a", 1))
    assert [(row.precision, row.recall) for row in scores.classes] == [(0.5, 1.0), (1.0, 0.5), (1.0, 1.0)]
    assert scores.loss == pytest.approx(-np.log([0.7, 0.5, 0.3, 0.8]).mean())
