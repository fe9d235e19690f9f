"""Latencies that a search has measured."""

import pytest

from convspec import InputError
from convspec.tuning.latency import Latencies
from convspec.tuning.store import Store


def test_a_table_of_latencies_that_cannot_be_read_is_named_with_its_remedy(tmp_path):
    store = Store(tmp_path)
    assert Latencies(None, store).known == {}
    (tmp_path / "latency.json").write_text('{"a": "fast"}')
    with pytest.raises(InputError) as caught:
        Latencies(None, store)
    (diagnostic,) = caught.value.diagnostics
    assert diagnostic.file.endswith("latency.json")
    assert diagnostic.message.startswith("is no table of latencies: ")
    assert diagnostic.remedy == "delete it, and the networks are measured again"
