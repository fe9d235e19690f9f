"""Latencies that a search has measured."""

import pytest

from convspec import InputError
from convspec.tuning import latency


def test_a_table_of_latencies_that_cannot_be_read_is_named_with_its_remedy(tmp_path):
    assert latency._read(tmp_path / "latency.json") == {}
    (tmp_path / "latency.json").write_text('{"a": "fast"}')
    with pytest.raises(InputError) as caught:
        latency._read(tmp_path / "latency.json")
    (diagnostic,) = caught.value.diagnostics
    assert diagnostic.file.endswith("latency.json")
    assert diagnostic.message.startswith("is no table of latencies: ")
    assert diagnostic.remedy == "delete it, and the networks are measured again"
