"""Folders of runs that are resumed."""

from __future__ import annotations

from convspec.language.recipe import Recipe
from convspec.training.run_folder import may_go_on


def test_a_run_without_a_checkpoint_has_no_epoch_that_another_number_would_change(tmp_path) -> None:
    recipe = Recipe.model_validate({"epochs": 9, "schedule": {"name": "cosine"}})
    assert may_go_on({"recipe.epochs": (3, 9)}, tmp_path, recipe, same_graph=True)
