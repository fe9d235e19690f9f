"""No field of a search space overwrites another: what a trial's values say is what its document has."""

import copy

import pytest

from convspec import InputError, load
from convspec.language.overriding import parse_path
from convspec.language.tune import Tune
from convspec.tuning.hypermodel import HyperSpec
from convspec.tuning.planning import Planner

TEXT = """\
name: x
input: [8, 8, 1]
classes: 10
parameters: {w: 8, k: {a: 3}, v: '${2 * w}'}
body:
- {block: conv_norm_act, filters: '${w}', kernel_size: "${k['a']}"}
- {block: conv_norm_act, filters: '${v}', kernel_size: 3}
head: {fc: [16]}
train: {optimizer: {name: adam, learning_rate: 0.001}}
tune:
  stages: [{trials: 4, epochs: 1}]
  space:
"""
RATE = '"train.optimizer.learning_rate": {log_uniform: [1.0e-4, 0.1]}'
GIVES = '"train.optimizer": {choice: [{name: adam, learning_rate: 0.002}, {name: sgd, learning_rate: 0.003}]}'
LACKS = '"train.optimizer": {choice: [{name: adam}, {name: sgd}]}'
OVERWRITING = {
    "a section that gives the field": ((RATE, GIVES), 0, "lies in train.optimizer, which is searched, too, and has a value which gives this field, too: {'name': 'adam', 'learning_rate': 0.002}"),
    "such a section above the field": ((GIVES, RATE), 1, "lies in train.optimizer, which is searched, too, and has a value which gives this field, too"),
    "a section that one choice gives it": (('"head.dropout": {uniform: [0.1, 0.3]}', '"head": {choice: [{fc: [8]}, {fc: [8], dropout: 0.5}]}'), 0, "gives this field, too: {'fc': [8], 'dropout': 0.5}"),
    "a section that may be null": (('"train.schedule.warmup": {int: [0, 1]}', '"train.schedule": {choice: [null, {name: cosine}]}'), 0, "has a value in which there is no such field: null"),
    "an element of a list": (('"head.fc": {choice: [[8], [16]]}', '"head.fc[0]": {int: [3, 5]}'), 1, "lies in head.fc, which is searched, too, and has a value in which there is no such field: [8]"),
    "a field of a block": (('"body[1].filters": {int: [3, 5]}', '"body[-1]": {choice: [{block: conv, filters: 3}, {block: conv, filters: 4}]}'), 0, "lies in body[-1], which is searched, too"),
    "a section far above": ((RATE, '"train": {choice: [{optimizer: {learning_rate: 0.1}}, {l2: 0.1}]}'), 0, "lies in train, which is searched, too"),
    "a parameter's field": (('"parameters.k.a": {choice: [1, 3]}', '"parameters.k": {choice: [{a: 1}, {a: 3}]}'), 0, "lies in parameters.k, which is searched, too"),
    "an index from the end": (('"body[1].filters": {int: [3, 5]}', '"body[-1].filters": {int: [3, 5]}'), 1, "is the same field as body[1].filters"),
    "a spelling of a path": (('"head.dropout": {uniform: [0.1, 0.3]}', '".head.dropout": {uniform: [0.1, 0.3]}'), 1, "is the same field as head.dropout"),
    "epochs of the recipe": (('"train": {choice: [{l2: 0.1}, {epochs: 2}]}',), 0, "a choice gives `epochs`, but each of `stages` has its own epochs, which hold instead"),
    "a split of one choice": (('"train": {choice: [{l2: 0.1}, {validation_split: 0.2}]}',), 0, "`validation_split` is 0.1 in one trial and 0.2 in another, but it decides which images are validation images"),
    "a seed of all choices that the recipe has not": (('"train": {choice: [{l2: 0.1, seed: 2}, {seed: 2}]}',), 0, "`seed` is 1 in one trial and 2 in another"),
    "the uses of a parameter": (('"parameters.w": {int: [4, 8]}', '"body[0].filters": {int: [4, 8]}', '"parameters.v": {int: [4, 8]}'), 0, "is used in body[0].filters and parameters.v alone, which are searched, too"),
    "a section with the use of a parameter": (('"parameters.k.a": {choice: [1, 3]}', '"body[0]": {choice: [{block: conv, filters: 3}, {block: conv, filters: 4}]}'), 0, "is used in body[0] alone, which is searched, too"),
}  # fmt: skip


def written(space):
    return TEXT + "".join(f"    {line}\n" for line in space)


@pytest.mark.parametrize("name", OVERWRITING)
def test_a_field_that_another_overwrites_is_reported_at_its_place(name, tmp_path):
    space, line, message = OVERWRITING[name]
    path = tmp_path / "x.yaml"
    path.write_text(written(space))
    with pytest.raises(InputError) as found:
        load(path)
    (diagnostic,) = found.value.diagnostics
    assert (diagnostic.line, diagnostic.column) == (13 + line, 5)
    assert diagnostic.path == "tune.space." + space[line].split('"')[1]
    assert message in diagnostic.message
    assert diagnostic.remedy


FITTING = {
    "no choice gives the field": (LACKS, RATE),
    "and the field stands first": (RATE, LACKS),
    "nor what it stands in": (RATE, '"train": {choice: [{l2: 0.1}, {l2: 0.2}]}'),
    "a split that all trials have": ('"train": {choice: [{l2: 0.1, validation_split: 0.1}, {l2: 0.2, seed: 1}, {l2: 0.3}, {l2: 0.4}]}',),
    "a field that the block needs": ('"body[1].filters": {int: [3, 9]}', '"body[1]": {choice: [{block: conv_norm_act}, {block: conv, kernel_size: 3}]}'),
    "an index from the end": ('"body[1].kernel_size": {choice: [1, 3]}', '"body[-1]": {choice: [{block: conv_norm_act, filters: 4}, {block: conv_norm_act, filters: 6}]}'),
    "conditions leave one of both": ('"head.flatten": {boolean: true}', GIVES[:-1] + ", when: {head.flatten: true}}", RATE[:-1] + ", when: {head.flatten: false}}"),
    "a condition on the section itself": (
        '"train.optimizer": {choice: [{name: adam, learning_rate: 0.002}, {name: sgd}]}',
        RATE[:-1] + ", when: {train.optimizer: {name: sgd}}}",
    ),
    "a parameter with another use": ('"parameters.w": {int: [4, 8]}', '"body[0].filters": {int: [4, 8]}'),
    "a parameter that all choices of a block use": ('"parameters.w": {int: [4, 8]}', '"body[0]": {choice: [{block: conv, filters: "${w}"}, {block: conv, filters: "${2 * w}"}]}'),
    "a parameter used under a condition": ('"parameters.k.a": {choice: [1, 3]}', '"head.flatten": {boolean: true}', '"parameters.w": {int: [4, 8]}'),
}  # fmt: skip


def has(there, value, deeper):
    """Whether a document has a recorded value; of a section, but for the fields that are recorded themselves."""
    if isinstance(value, dict):
        same = all(key in there and (key in deeper or there[key] == value[key]) for key in value)
        return same and there.keys() - value.keys() <= {*deeper, "epochs"}
    return there == value


@pytest.mark.parametrize("name", FITTING)
def test_a_candidates_values_are_those_of_its_document(name, tmp_path):
    path = tmp_path / "x.yaml"
    path.write_text(written(FITTING[name]))
    spec = load(path)
    candidates = Planner(spec, spec.tune).stage(1, []).candidates
    assert len(candidates) == 4
    for candidate in candidates:
        deeper = {str(step) for path in candidate.values for step in parse_path(path)[1:]}
        for field, value in candidate.values.items():
            there = candidate.spec.source
            for step in parse_path(field):
                there = there[step]
            assert has(there, value, deeper), (field, value, there)


def test_a_search_given_beside_the_spec_is_looked_at_as_well(tmp_path):
    path = tmp_path / "x.yaml"
    path.write_text(written([RATE]))
    space = {
        "train.optimizer.learning_rate": {"log_uniform": [1.0e-4, 0.1]},
        "train.optimizer": {"choice": [{"learning_rate": 0.1}, {"learning_rate": 0.2}]},
    }
    with pytest.raises(InputError, match="which is searched, too"):
        HyperSpec(load(path), Tune.model_validate(copy.deepcopy({"space": space})))
