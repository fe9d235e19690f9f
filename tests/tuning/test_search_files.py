"""Whatever a search writes reads back equal, and a file that was damaged or forged is not taken for a search."""

import csv
import io
import json

import hypothesis.strategies as st
import pytest
from hypothesis import HealthCheck, assume, example, given, settings

from convspec import InputError
from convspec.files import whole_file
from convspec.json_files import json_text
from convspec.language.tune import Distribution
from convspec.tuning.search_files import cell_text, read_cell, read_search_file
from convspec.tuning.store import COLUMNS, Record, Store
from convspec.tuning.tables import history_csv, trials_csv
from tests.language.test_writing import TEXTS, VALUES, kinds

ROWS = st.fixed_dictionaries(
    {**dict.fromkeys(COLUMNS, st.floats()), "run": st.integers(0, 9), "epoch": st.integers(1, 99)}
)
RECORDS = st.builds(
    Record,
    key=st.just("0123456789abcdef"),
    stage=st.integers(0, 5),
    epochs=st.integers(1, 99),
    values=st.dictionaries(
        TEXTS.filter(str.isprintable), VALUES.filter(lambda value: "inf" not in repr(value)), max_size=4
    ),
    state=st.sampled_from(["running", "completed", "aborted", "pruned", "failed"]),
    reason=TEXTS.filter(str.isprintable),
    score=st.none() | st.floats(allow_nan=False, allow_infinity=False),
    history=st.lists(ROWS, max_size=3),
    trial=st.none() | st.integers(0, 9999),
    document=st.none() | TEXTS,
)


def same(one, other):
    """Equal in values and types; NaN equals NaN."""
    return repr(kinds(vars(one))) == repr(kinds(vars(other)))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(RECORDS)
def test_a_trial_file_reads_back_equal(tmp_path, record):
    store, again = Store(tmp_path), Store(tmp_path)
    store.open()
    store.put(record)
    found = again._read(store.trials / f"{record.key}.json")
    assert not again.broken
    assert same(found, record)


@given(VALUES)
@example("1e5")
@example("[16, 16]")
@example("")
@example('"')
def test_a_cell_of_a_table_reads_back_equal(value):
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerow([cell_text(value)])
    (row,) = csv.reader(io.StringIO(text.getvalue()))
    assert kinds(read_cell(row[0])) == kinds(value)
    assert row[0].isprintable()


@given(st.lists(RECORDS, max_size=3))
def test_tables_read_back_equal(records):
    paths = list(dict.fromkeys(path for record in records for path in record.values))
    header = set(trials_csv([], [])[:-1].split(","))
    rows = list(csv.DictReader(io.StringIO(trials_csv(records, paths), newline="")))
    for row, record in zip(rows, records, strict=True):
        assert row["reason"] == record.reason
        for path in set(paths) - header:
            assert (row[path] == "") == (path not in record.values)
            if path in record.values:
                assert kinds(read_cell(row[path])) == kinds(record.values[path])
    epochs = list(csv.DictReader(io.StringIO(history_csv(records))))
    wanted = [row["val_crossentropy"] for record in records for row in record.history]
    assert [repr(float(row["val_crossentropy"])) for row in epochs] == [repr(value) for value in wanted]


@given(st.lists(VALUES, min_size=2, max_size=4))
def test_the_values_of_a_choice_are_plain_data(values):
    """What was read remembers its place; a copy of such a list is empty."""
    from convspec.language.located import Mark, located

    distinct = [value for number, value in enumerate(values) if value not in values[:number]]
    assume(len(distinct) > 1 and "inf" not in repr(distinct))
    distribution = Distribution.model_validate({"choice": located(distinct, Mark(1, 1), "choice")})
    assert json.loads(json_text(list(distribution.choice))) == distinct


SEARCH = {
    "format": 1, "network": "a", "name": "a", "fingerprint": "f", "strategy": "staged", "seed": 1, "abort": 3.0,
    "data": {"name": "d", "fingerprint": "f", "description": "d"}, "objective": {"name": "loss", "direction": "min"},
    "pruning": None, "folds": None, "runs": 1, "space": {"a": {"kind": "uniform", "range": [0.0, 1.0]}},
    "constraints": {}, "stages": [{"trials": 1, "epochs": 1, "narrow_to": None}], "started": "now",
    "asked": {"space": {}, "constraints": {}, "stages": []},
}  # fmt: skip


def test_a_search_file_is_checked(tmp_path):
    (tmp_path / "search.json").write_text(json.dumps(SEARCH))
    assert read_search_file(tmp_path) == SEARCH


@pytest.mark.parametrize(
    ("forged", "why"),
    [
        ({"space": 5}, "space: Input should be"),
        ({"space": {"a": {"kind": "magic"}}}, "space.a.kind"),
        ({"objective": {"name": "loss"}}, "objective.direction: Field required"),
        ({"stages": [{"trials": "many", "epochs": 1, "narrow_to": None}]}, "stages.0.trials"),
        ({"foreign": "all"}, "foreign"),
        ({"best": {"trial": 3}}, "best.trial"),
        ({"format": 2}, "format"),
        ({"surplus\x1b[31m": 1}, "surplus?[31m: Extra inputs"),
    ],
)
def test_a_forged_search_file_is_refused_with_its_place(tmp_path, forged, why):
    (tmp_path / "search.json").write_text(json.dumps(SEARCH | forged))
    with pytest.raises(InputError) as error:
        read_search_file(tmp_path)
    assert f"search.json: is not a search.json of this version: {why}" in str(error.value).replace(str(tmp_path), "")


@pytest.mark.parametrize("text", ["", "[]", "{", "null", "[" * 10_000, '{"format": 1}', b"\xff\xfe", '{"format": NaN}'])
def test_a_damaged_search_file_is_refused(tmp_path, text):
    (tmp_path / "search.json").write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(InputError, match=r"is not a search\.json of this version"):
        read_search_file(tmp_path)


GOOD = {"key": "0123", "stage": 1, "epochs": 1, "values": {}, "state": "completed", "score": 0.5}


@pytest.mark.parametrize(
    "forged",
    [
        {"key": "another"}, {"score": "0.5"}, {"score": [1]}, {"state": "won"}, {"values": []}, {"stage": None},
        {"history": [[]]}, {"history": [{"epoch": "one"}]}, {"history": [{"run": 0, "epoch": 1}]},
        {"history": [dict.fromkeys(COLUMNS, 0) | {"epoch": None}]}, {"history": [dict.fromkeys(COLUMNS, 0) | {"run": 0.5}]}, {"surplus": 1}, {"trial": "0003"}, {"document": {}},
    ],
)  # fmt: skip
def test_a_forged_trial_is_set_aside(tmp_path, forged):
    store = Store(tmp_path)
    store.trials.mkdir(parents=True)
    (store.trials / "0123.json").write_text(json.dumps(GOOD | forged))
    store.open()
    assert store.records == {}
    assert [path.name for path in store.broken] == ["0123.broken"]


@pytest.mark.parametrize(
    "text", ["", '{"key": "01', json.dumps(GOOD | {"key": "4567"})], ids=["empty", "half", "whole"]
)
def test_a_file_that_a_process_is_writing_is_no_trial(tmp_path, text):
    store = Store(tmp_path)
    store.trials.mkdir(parents=True)
    with whole_file(store.trials / "4567.json") as beside:
        beside.write_text(text)
        store.open()
        assert beside.exists()
        assert (store.files(), store.records, store.broken) == ([], {}, [])


def test_a_trial_file_of_an_earlier_version_is_read(tmp_path):
    store = Store(tmp_path)
    store.trials.mkdir(parents=True)
    (store.trials / "0123.json").write_text(json.dumps(GOOD))
    store.open()
    assert store.records["0123"].score == 0.5


def test_who_only_looks_leaves_a_broken_file_where_it_is(tmp_path):
    """It may be whole for a newer version, whose search goes on with it."""
    (tmp_path / "trials").mkdir()
    path = tmp_path / "trials" / "0123.json"
    path.write_text('{"of a newer version": 1}')
    store = Store(tmp_path, set_aside=False)
    store.read()
    assert (store.records, store.broken) == ({}, [path])
    assert [one.name for one in (tmp_path / "trials").iterdir()] == ["0123.json"]
