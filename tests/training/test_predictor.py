"""How many images are predicted together."""

from __future__ import annotations

from convspec.training.predictor import BATCH, BATCH_VALUES, _batch_size


def test_images_are_predicted_together_in_whole_numbers_of_as_many_values_as_memory_is_for():
    assert _batch_size((8, 8, 1)) == BATCH
    found = _batch_size((None, 70, 3))
    assert 1 < found < BATCH
    assert isinstance(found, int)
    assert found * 1000 * 70 * 3 <= BATCH_VALUES < (found + 1) * 1000 * 70 * 3
    assert _batch_size((100_000, 100_000, 3)) == 1
