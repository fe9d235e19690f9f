"""Whoever writes a spec as Keras, PyTorch, timm, Ultralytics, KerasTuner, Ray Tune, Optuna or W&B do learns what to write."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from pydantic import BaseModel

from convspec import InputError, load
from convspec.blocks import BLOCKS, find_block_class
from convspec.blocks.nested_models import models_in
from convspec.blocks.pydantic_model import written_fields
from convspec.language.document import Document
from convspec.language.fields_meant import field_meant
from convspec.language.located import Text
from convspec.language.recipe import Recipe
from convspec.language.tune import Tune
from convspec.synonyms import FIELDS, INSTEAD

from .habits_of_networks import BODY, TRAIN
from .habits_of_searches import DOCUMENT, MORE, NOTHING, PATHS, RANGES, TUNE

HEAD = "name: x\ninput: [16, 16, 3]\nclasses: 3\n"
ONE_BLOCK = "body: [conv3-8, {block: conv, filters: 4}]\n"
SPACE = "{train.l2: {uniform: [0.1, 0.2]}}"


def errors(text: str) -> list[str]:
    """The errors of a file, without the places of its lines and without those of fields that are missing."""
    with pytest.raises(InputError) as caught:
        load(Text("x.yaml", text))
    found = [f"{one.path}: {one.message}{f' || {one.remedy}' * bool(one.remedy)}" for one in caught.value.diagnostics]
    return [line for line in found if not re.search(r" needs `\w+`: ", line)]


def in_train(snippet: str) -> str:
    return f"{HEAD}body: [conv3-8]\ntrain: {snippet}\n"


def in_body(snippet: str) -> str:
    return f"{HEAD}{snippet}\n" if re.match(r"\w+: ", snippet) else f"{HEAD}body: [{snippet}]\n"


def in_document(snippet: str) -> str:
    start = HEAD.replace("input: [16, 16, 3]\n", "") if snippet.startswith("input: ") else HEAD
    return f"{start}body: [conv3-8]\n{snippet}\n"


def in_space(snippet: str, path: str = "train.optimizer.learning_rate") -> str:
    return f'{HEAD}{ONE_BLOCK}tune: {{space: {{"{path}": {snippet}}}}}\n'


def in_tune(snippet: str) -> str:
    return f"{HEAD}{ONE_BLOCK}tune: {{space: {SPACE}, {snippet}}}\n"


@pytest.mark.parametrize(("snippet", "line"), TRAIN.items())
def test_train(snippet: str, line: str) -> None:
    assert line in errors(in_train(snippet))


@pytest.mark.parametrize(("snippet", "line"), (BODY | MORE).items())
def test_blocks(snippet: str, line: str) -> None:
    assert line in errors(in_body(snippet))


@pytest.mark.parametrize(("snippet", "line"), DOCUMENT.items())
def test_the_document(snippet: str, line: str) -> None:
    assert line in errors(in_document(snippet))


@pytest.mark.parametrize(("snippet", "line"), RANGES.items())
def test_ranges(snippet: str, line: str) -> None:
    found = [error.removeprefix("tune.space.train.optimizer.learning_rate") for error in errors(in_space(snippet))]
    assert line in [error.removeprefix(".").replace("a field of the space ", "") for error in found]


@pytest.mark.parametrize(("path", "line"), PATHS.items())
def test_paths_of_a_space(path: str, line: str) -> None:
    (found,) = errors(in_space("{choice: [1, 2]}", path))
    assert found == f"tune.space.{path}: no value of the range gives a network; at 1: {line}"


@pytest.mark.parametrize(("snippet", "line"), TUNE.items())
def test_tune(snippet: str, line: str) -> None:
    assert line in errors(in_tune(snippet))


@pytest.mark.parametrize("name", ["parameters", "params", "search_space", "param_space", "config", "hyperparameters"])
def test_the_space_by_other_names(name: str) -> None:
    text = f"{HEAD}{ONE_BLOCK}tune: {{{name}: {SPACE}}}\n"
    assert errors(text) == [f"tune.{name}: `tune` has no field {name!r}; did you mean 'space'?"]


@pytest.mark.parametrize("where", NOTHING)
def test_nothing_is_suggested_where_it_is_not_clear(where: str) -> None:
    write = {"train": in_train, "body": in_body, "document": in_document, "tune": in_tune}[where]
    for snippet in re.findall(r"\{(?:[^{}]|\{[^{}]*\})*\}", NOTHING[where]):
        lines = errors(write(snippet[1:-1] if where in ("document", "tune") else snippet))
        assert not re.search(r"; |\|\|", " ".join(lines)), lines


def written(table: dict[str, str], form: str) -> list[str]:
    """What the messages of a table say to write, where that is complete."""
    found = [match[1] for line in table.values() if (match := re.search(rf"; write {form}$", line))]
    return [text for text in found if "..." not in text and "} or {" not in text]


def remedies() -> Iterator[str]:
    direct = {snippet: line for snippet, line in TRAIN.items() if re.match(r"train\.\w+: ", line)}
    yield from (in_train(f"{{{text}}}") for text in written(direct, "`([^`]*)`"))
    yield from (in_body(text) for text in written(BODY, r"(\{block: .*\})"))
    yield from (in_space(text) for text in written(RANGES, r"(\{.*\})"))
    sections = {snippet: line for snippet, line in DOCUMENT.items() if re.match(r"\w+: ", line)}
    yield from (in_document(text) for text in written(sections, "`([^`]*)`") if "[height" not in text)
    yield from (in_document(f"head: {text}") for text in written(DOCUMENT, r"(\{pooling: .*\})"))
    yield from (in_document(f"input: {text}") for text in written(DOCUMENT, r"(\[\d+, \d+, \d+\])"))


@pytest.mark.parametrize("text", list(remedies()))
def test_what_a_message_says_to_write_is_accepted(text: str) -> None:
    load(Text("x.yaml", text))


def test_enough_remedies_are_complete() -> None:
    assert len(list(remedies())) > 40


def models() -> set[type[BaseModel]]:
    """Every section and every block."""
    found: set[type[BaseModel]] = {Document}
    waiting: list[type[BaseModel]] = [Recipe, Tune, *filter(None, map(find_block_class, BLOCKS))]
    while waiting:
        model = waiting.pop()
        if model not in found and model.__name__ != "Block":
            found.add(model)
            waiting += [inner for field in model.model_fields.values() for inner in models_in(field.annotation)]
    return found


def test_the_tables_name_fields_sections_and_blocks_that_there_are() -> None:
    names = {name for model in models() for name in written_fields(model)} | {"repeat", "when"}
    assert set(FIELDS) <= names
    assert set(INSTEAD) <= {model.__name__ for model in models()} | set(BLOCKS) | {"Block", "with norm"}


def test_a_word_leads_to_no_field_but_those_that_it_means() -> None:
    """In any section or block, a word of the table is answered with a field that it stands for, or with a sentence."""
    for model in models():
        for word in {word for words in FIELDS.values() for word in words.split()} - set(written_fields(model)):
            answer = field_meant(word, model, {word: 1}, f"body[0].{word}", by_path=False)
            if match := re.fullmatch(r"; did you mean '(\w+)'\?", answer):
                spelled = re.sub(r"\W|_", "", word.lower())
                means = [re.sub(r"\W|_", "", name.lower()) for name in (match[1], *FIELDS.get(match[1], "").split())]
                assert spelled in means, (model, word, answer)


@pytest.mark.parametrize(
    ("path", "meant"),
    {
        "learning_rate": "a spec has no field 'learning_rate'; did you mean 'train.optimizer.learning_rate'?",
        "optimizer.learning_rate": "there is no optimizer; did you mean 'train.optimizer.learning_rate'?",
        "epochs": "a spec has no field 'epochs'; did you mean 'train.epochs'?",
        "body.0.filters": "body is no mapping and has no field '0'; write body[0]",
    }.items(),
)
def test_fields_set_by_their_paths(path: str, meant: str) -> None:
    with pytest.raises(InputError) as caught:
        load(Text("x.yaml", HEAD + ONE_BLOCK), overrides={path: 1})
    assert caught.value.diagnostics[0].message == meant


def test_a_section_by_its_name_alone_where_paths_are_set() -> None:
    text = f"{HEAD}{ONE_BLOCK}tune: {{space: {{train.optimizer: {{choice: [adam, sgd]}}}}}}\n"
    assert errors(text) == [
        "tune.space.train.optimizer: no value of the range gives a network; at 'adam': expected a mapping of keys to "
        "values, not 'adam'; did you mean 'train.optimizer.name'?"
    ]


def test_a_long_value_is_not_written_out() -> None:
    for value in ("x" * 10_000, list(range(10_000)), 10**4000, [[[[[1]]]]]):
        spec = {"name": "x", "input": [8, 8, 1], "body": ["conv3-8"], "epochs": value}
        with pytest.raises(InputError) as caught:
            load(spec)
        assert len(caught.value.diagnostics[0].message) < 120
    assert errors(in_document(f"epochs: [{', '.join(['1'] * 200)}]")) == [
        "epochs: a spec has no field 'epochs'; did you mean 'train.epochs'?"
    ]
