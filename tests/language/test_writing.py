"""A document that was written reads back equal, whatever its names and values look like."""

import hypothesis.strategies as st
import pytest
from hypothesis import example, given

import convspec
from convspec.language.located import Text
from convspec.language.writing import plain, yaml_text
from convspec.language.yaml_loader import parse

DECEPTIVE = [
    "1e5", "1E5", "-1e+5", "1.0e5", "1e-7", "on", "Off", "yes", "y", "n", "true", "null", "~", "", "0x10", "0o14", "010",
    "1_000", "12:30", "2020-01-01", "2020-01-01T00:00:00Z", ".inf", "-.inf", ".nan", "+1", "1.", ".5", "0b1", "=", "<<",
    "-", "?", ":", "a: b", "a #b", "#", "&a", "*a", "!t", "%", "@", "`", "|", ">", "[", "{", "'", '"', "\\", " a", "a ",
    "a\nb", "\n", "\t", "a\r\nb", "\u0085", "\u2028", "\ufeff", "\U0001f600", "ü", "x" * 100 + " " + "y " * 40,
]  # fmt: skip
TEXTS = st.one_of(st.sampled_from(DECEPTIVE), st.text(st.characters(exclude_categories=["Cs"]), max_size=30))
NUMBERS = st.one_of(st.integers(-(10**25), 10**25), st.floats(allow_nan=False))
SCALARS = st.one_of(st.none(), st.booleans(), NUMBERS, TEXTS)
VALUES = st.recursive(SCALARS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4))


def kinds(value):
    """The value with the type of each part: 1, 1.0 and True are equal in Python."""
    if isinstance(value, dict):
        return {key: kinds(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [kinds(inner) for inner in value]
    return type(value).__name__, value


@given(st.dictionaries(TEXTS, VALUES, min_size=1, max_size=5))
@example({text: [text, {text: text}] for text in DECEPTIVE})
def test_what_is_written_reads_back_equal(document):
    text = yaml_text(document, "a remark\nof two lines\x07")
    assert kinds(plain(parse(Text("written", text)))) == kinds(document)


@pytest.mark.parametrize("text", DECEPTIVE)
def test_other_yaml_parsers_take_texts_for_texts(text):
    """YAML 1.2 reads 1e5 and 0o14 as numbers where they stand without quotes."""
    written = yaml_text({"a": text}).strip()
    if text[:1].isdigit() or (text[:1] in "+-." and text[1:2].isalnum()):
        assert f"'{text}'" in written


def test_a_spec_with_names_that_look_like_other_things_survives(tmp_path):
    weights = {"1e5": 1.0, "on": 2.0, "0x10": 3.0, "~": 0.5, "12:30": 1.5}
    document = {
        "name": "1e5", "description": "null", "input": [8, 8, 1], "classes": 5, "body": ["conv3-4"],
        "train": {"class_weights": weights},
    }  # fmt: skip
    spec = convspec.load(document)
    (tmp_path / "again.yaml").write_text(spec.to_yaml(), encoding="utf-8")
    again = convspec.load(tmp_path / "again.yaml")
    assert again.to_dict() == spec.to_dict() == document
    assert again.train.class_weights == weights
    assert again.fingerprint == spec.fingerprint


def test_the_spec_inside_a_saved_model_is_the_spec(tmp_path):
    tune = {"space": {"head.fc": {"choice": [None, [1], [16, 16]]}, "head.dropout": {"uniform": [0.0, 0.5]}}}
    document = {"name": "a", "input": [8, 8, 1], "classes": 2, "body": ["conv3-4"], "head": {"fc": [4]}, "tune": tune}
    tune["space"]["head.fc"]["choice"].pop(0)
    spec = convspec.load(document)
    convspec.build(spec).save(tmp_path / "a.keras")
    again = convspec.load(tmp_path / "a.keras")
    assert again.to_dict() == document
    assert again.tune == spec.tune


@pytest.mark.parametrize(
    ("source", "overrides", "path"),
    [
        ({"name": "x\ud800"}, None, "name"),
        ({"body": [{"block": "conv", "x\udfff": 1}]}, None, "body[0].x\\udfff"),
        ("lenet5", {"description": "\udc80"}, "description"),
    ],
)
def test_half_of_a_surrogate_pair_which_no_file_can_hold_is_refused(source, overrides, path):
    with pytest.raises(convspec.InputError) as caught:
        convspec.load(source, overrides=overrides)
    assert f": {path}: " in str(caught.value)
    assert "half of a surrogate pair, which is no character" in str(caught.value)
