"""What is said of values of a search that give no network, and what to do."""

from __future__ import annotations

from pathlib import Path

import pytest

from .wrong_specs import diagnostics

SEARCH = "tune:\n  stages: [{trials: 2, epochs: 1}]\n  space:"
REMEDIES = {  # what is said below a line of the file, if anything
    "a choice that no other field allows": (
        f"{SEARCH} {{train.batch_size: {{choice: [0, 8]}}}}\n",
        "tune.space.train.batch_size: 0 is no choice for it: must be at least 1, not 0",
        [],
    ),
    "a choice beside a field that it has not": (
        f"train: {{optimizer: {{name: sgd, momentum: 0.9}}}}\n{SEARCH} {{train.optimizer.name: {{choice: [sgd, adam]}}}}\n",
        "tune.space.train.optimizer.name: 'adam' is no choice for it: the optimizer 'adam' has no 'momentum' (use sgd or "
        "rmsprop or muon); 'adam' has beta_1, beta_2, epsilon, amsgrad",
        ["  search train.optimizer.momentum as well, with this: `when: {train.optimizer.name: sgd}`; or leave the choice out"],
    ),
    "a choice beside a searched field that it has not": (
        f"{SEARCH} {{train.optimizer.name: {{choice: [sgd, adam]}}, train.optimizer.momentum: {{uniform: [0, 0.9]}}}}\n",
        "tune.space.train.optimizer.name: 'adam' is no choice for it: the optimizer 'adam' has no 'momentum' (use sgd or "
        "rmsprop or muon); 'adam' has beta_1, beta_2, epsilon, amsgrad",
        ["  give train.optimizer.momentum this: `when: {train.optimizer.name: sgd}`; or leave the choice out"],
    ),
    "a parameter that a search replaces": (
        f"parameters: {{n: 3}}\n{SEARCH} {{parameters.n: {{int: [3, 8]}}, 'body[0].filters': {{int: [3, 9]}}}}\n",
        "tune.space.parameters.n: is used in body[0].filters alone, which is searched, too",
        ["  leave out parameters.n, or body[0].filters: a value of body[0].filters replaces the expression with ${n}"],
    ),
}  # fmt: skip


@pytest.mark.parametrize(("text", "message", "remedy"), REMEDIES.values(), ids=REMEDIES.keys())
def test_what_is_said_below_the_line(tmp_path: Path, text: str, message: str, remedy: list[str]) -> None:
    filters = "${n}" if "parameters:" in text else "3"
    document = f"name: toy\ninput: [8, 8, 3]\nclasses: 3\nbody: [{{block: conv, filters: '{filters}'}}]\n{text}"
    lines = diagnostics(tmp_path, document.replace("'3'", "3")).split("\n")
    assert (lines[0].split(": ", 1)[1], lines[3:]) == (message, remedy)


def test_fields_that_do_not_exist_are_each_reported_and_hide_nothing_of_others(tmp_path: Path) -> None:
    wrong = ["train.l3", "train.optimiser.lr", "train.optimizer.learning_rte", "head.droput", "body[3].filters"]
    right = ["train.l2", "train.ema", "train.optimizer.beta_1", "head.dropout"]
    space = "".join(f'    "{path}": {{uniform: [0.1, 0.5]}}\n' for path in (*right, *wrong, "train.epohcs"))
    text = f"name: x\ninput: [8, 8, 3]\nclasses: 3\nbody: [conv3-8]\ntrain: {{}}\ntune:\n  space:\n{space}"
    found = [line.split(": ")[1] for line in diagnostics(tmp_path, text).split("\n") if line.startswith("toy.yaml")]
    assert found == [f"tune.space.{path}" for path in (*wrong, "train.epohcs")]
