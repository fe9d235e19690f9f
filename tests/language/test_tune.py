"""What is said of a wrong `tune:` section, word for word."""

from __future__ import annotations

from pathlib import Path

import pytest

from convspec import load

from .wrong_specs import diagnostics, places

DOCUMENTS = {
    "epochs of a search": ("name: x\ninput: [8, 8, 3]\nbody: [conv3-8]\ntune: {space: {train.epochs: {int: [1, 3]}}}\n", "4:16: tune.space.train.epochs: each of `stages` has its own epochs, which hold instead; leave it out"),
    "a split that is searched": ("name: x\ninput: [8, 8, 3]\nbody: [conv3-8]\ntune: {space: {train.validation_split: {uniform: [0.1, 0.2]}}}\n", "4:16: tune.space.train.validation_split: decides which images are validation images, and trials are compared on the same ones; leave it out, `folds` trains each trial on several splits"),
    "a seed that is searched": ("name: x\ninput: [8, 8, 3]\nbody: [conv3-8]\ntune: {space: {.train.seed: {int: [1, 3]}}}\n", "4:16: tune.space..train.seed: decides which images are validation images, and trials are compared on the same ones; leave it out, `runs` trains each trial with several seeds"),
    "a condition on true for 1": ("name: x\ninput: [8, 8, 3]\nbody: [conv3-8]\ntune: {space: {train.batch_size: {choice: [1, 2]}, train.l2: {uniform: [0, 1], when: {train.batch_size: [2, true]}}}}\n", "4:87: tune.space.train.l2.when.train.batch_size: 'train.batch_size' never is true; it is one of [1, 2]"),
    "a condition on 0 for false": ("name: x\ninput: [8, 8, 3]\nbody: [conv3-8]\ntune: {space: {train.balanced: {boolean: true}, train.l2: {uniform: [0, 1], when: {train.balanced: 0}}}}\n", "4:84: tune.space.train.l2.when.train.balanced: 'train.balanced' never is 0; it is one of [false, true]"),
    "a range of no kind": ("name: x\ninput: [8, 8, 3]\nbody: [conv3-8]\ntune: {space: {train.l2: {log: [1.0e-6, 1.0]}}}\n", "4:27: tune.space.train.l2.log: a field of the space has no field 'log'; it takes log_uniform or uniform for numbers, log_int or int for whole ones, choice, or boolean"),
    "a kind of range misspelt": ("name: x\ninput: [8, 8, 3]\nbody: [conv3-8]\ntune: {space: {train.l2: {log_unifrom: [1.0e-6, 1.0]}}}\n", "4:27: tune.space.train.l2.log_unifrom: a field of the space has no field 'log_unifrom'; did you mean 'log_uniform'?"),
    "an end that float32 takes for 0": ("name: x\ninput: [8, 8, 3]\nbody: [conv3-8]\ntune: {space: {train.optimizer.learning_rate: {log_uniform: [1.0e-320, 0.1]}}}\n", "4:62: tune.space.train.optimizer.learning_rate.log_uniform[0]: float32 holds 0 and 1.18e-38 to 3.4e+38, not 1e-320"),
    "a boolean that is not searched": ("name: x\ninput: [8, 8, 3]\nbody: [conv3-8]\ntune: {space: {train.l2: {boolean: false}}}\n", "4:36: tune.space.train.l2.boolean: expected true, not false"),
    "two kinds of a range": ("name: x\ninput: [8, 8, 3]\nbody: [conv3-8]\ntune: {space: {train.batch_size: {int: [1, 3], choice: [1, 2]}}}\n", "4:16: tune.space.train.batch_size: has int and choice; it needs one of log_uniform, uniform, log_int, int, choice, boolean"),
    "no range": ("name: x\ninput: [8, 8, 3]\nbody: [conv3-8]\ntune: {space: {train.batch_size: {when: {}}}}\n", "4:16: tune.space.train.batch_size: has no range; it needs one of log_uniform, uniform, log_int, int, choice, boolean"),
    "a choice of one value": ("name: x\ninput: [8, 8, 3]\nbody: [conv3-8]\ntune: {space: {train.batch_size: {choice: [1]}}}\n", "4:43: tune.space.train.batch_size.choice: needs at least 2 elements, not 1"),
    "a choice of too many values": ("name: x\ninput: [8, 8, 3]\nbody: [conv3-8]\ntune: {space: {train.batch_size: {choice: " + str(list(range(1, 502))) + "}}}\n", "4:43: tune.space.train.batch_size.choice: needs at most 500 elements, not 501"),
    "a seed too large": ("name: x\ninput: [8, 8, 3]\nbody: [conv3-8]\ntune: {seed: 2147483648, space: {train.l2: {uniform: [0, 1]}}}\n", "4:14: tune.seed: must be below 2,147,483,648, not 2147483648"),
    "a seed below 0": ("name: x\ninput: [8, 8, 3]\nbody: [conv3-8]\ntune: {seed: -1, space: {train.l2: {uniform: [0, 1]}}}\n", "4:14: tune.seed: must be at least 0, not -1"),
    "epochs of a stage that the recipe does not fit": (
        "name: x\ninput: [8, 8, 3]\nclasses: 3\nbody: [conv3-8]\ntrain: {epochs: 9, schedule: {name: cosine, warmup: 3}}\n"
        "tune:\n  space: {train.l2: {uniform: [0, 1]}}\n  stages: [{trials: 2, epochs: 2}]\n",
        "8:32: tune.stages[0].epochs: the trials of stage 1 have 2 epochs: schedule.warmup is 3 epochs, but training ends after 2; raise epochs or lower the warm-up",
    ),
    "an infinite range": ("name: x\ninput: [8, 8, 3]\nbody: [conv3-8]\ntune: {space: {train.l2: {uniform: [0, .inf]}}}\n", "4:40: tune.space.train.l2.uniform[1]: expected a finite number, not .inf"),
    "a range beyond all": ("name: x\ninput: [8, 8, 3]\nbody: [conv3-8]\ntune: {space: {train.batch_size: {log_int: [1, 1" + "0" * 320 + "]}}}\n", "4:44: tune.space.train.batch_size: `log_int` goes beyond 9,007,199,254,740,992, the largest number"),
    "the ends of a range": ("name: x\ninput: [8, 8, 3]\nbody: [conv3-8]\ntune: {space: {train.batch_size: {int: [1" + "0" * 320 + ", 1]}}}\n", "4:40: tune.space.train.batch_size: `int` goes from the lowest to the highest value, but is [1" + "0" * 320 + ", 1]"),
}  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), DOCUMENTS.values(), ids=DOCUMENTS.keys())
def test_a_mistake_in_the_document(tmp_path: Path, text: str | bytes, expected: str) -> None:
    assert diagnostics(tmp_path, text).split("\n")[0] == f"toy.yaml:{expected}"


@pytest.mark.parametrize("name", ["val_accuracy", "val_loss", "val_crossentropy", "accuracy", "loss"])
def test_the_direction_of_an_objective_is_its_metrics(tmp_path: Path, name: str) -> None:
    own, other, better = ("max", "min", "higher") if name.endswith("accuracy") else ("min", "max", "lower")
    text = "name: x\ninput: [8, 8, 3]\nclasses: 3\nbody: [conv3-8]\ntune:\n  objective: {name: NAME, direction: WAY}\n  space: {train.l2: {uniform: [0, 1]}}\n"
    assert diagnostics(tmp_path, text.replace("NAME", name).replace("WAY", other)).split("\n")[0] == (
        f"toy.yaml:6:{34 + len(name)}: tune.objective: a {better} `{name}` is better: with `direction: {other}` the search would "
        f"return its worst trial; leave `direction` out, or write {own}"
    )
    (tmp_path / "toy.yaml").write_text(text.replace("NAME", name).replace("WAY", own))
    assert load(tmp_path / "toy.yaml").tune.objective.direction == own


def test_limits_and_conditions_are_reported_at_their_places(tmp_path: Path) -> None:
    text = """
        name: toy
        input: [8, 8, 3]
        body: [conv3-8]
        tune:
          objective: val_loss
          constraints: {memory: 64 MiB, macs: 3 q, parameters: '> 10, < 5', depth: '>= 4, < 4',
                        receptive_field: '>= 4, <= 4'}
          space:
            train.optimizer.name: {choice: [sgd, adam]}
            train.l2: {uniform: [0, 1], when: {train.optimizer.nam: sgd}}
            train.ema: {uniform: [0.5, 0.9], when: {train.optimizer.name: sdg}}
            train.batch_size: {int: [8, 64], when: {train.optimizer.name: []}}
        """
    assert places(diagnostics(tmp_path, text)) == [
        "6:17: tune.constraints.memory: '64 MiB' is no limit; write one like '< 1e6', '<= 64 MiB' or '> 10, < 99'",
        "6:33: tune.constraints.macs: '3 q' is no limit; write one like '< 1e6', '<= 64 MiB' or '> 10, < 99'",
        "6:44: tune.constraints.parameters: no number is within '> 10, < 5'",
        "6:69: tune.constraints.depth: no number is within '>= 4, < 4'",
        "10:40: tune.space.train.l2.when.train.optimizer.nam: 'train.optimizer.nam' is not in the space; it has "
        "train.optimizer.name, train.l2, train.ema, train.batch_size",
        "11:45: tune.space.train.ema.when.train.optimizer.name: 'train.optimizer.name' never is 'sdg'; it is one of "
        "['sgd', 'adam']",
        "12:45: tune.space.train.batch_size.when.train.optimizer.name: holds for no value of 'train.optimizer.name'; name "
        "one or more",
    ]
