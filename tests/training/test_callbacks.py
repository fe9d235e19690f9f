"""What is done between updates and epochs: rates, early stopping, names of metrics."""

from __future__ import annotations

import math

import numpy as np
import pytest

from convspec import InputError
from convspec.language.recipe import Recipe
from convspec.training.callbacks import MainAccuracy, Rate, Stopping


def plateau(**fields: object) -> Rate:
    recipe = Recipe.model_validate({"optimizer": {"learning_rate": 0.8}, "schedule": {"name": "plateau", **fields}})
    return Rate(recipe, steps=10)


def rates(rate: Rate, losses: list[float]) -> list[float]:
    """The rate after each epoch of these validation losses."""
    found = []
    for epoch, loss in enumerate(losses):
        rate.on_epoch_end(epoch, {"val_loss": loss})
        found.append(rate.rate(epoch + 1))
    return found


def test_a_plateau_waits_for_as_many_epochs_as_it_says_and_anew_after_each_drop() -> None:
    losses = [1.0, 1.0, 1.1, 0.9, 0.9, 0.9, 0.9, 0.9, math.nan]
    expected = [0.8, 0.8, 0.4, 0.4, 0.4, 0.2, 0.2, 0.1, 0.1]
    assert rates(plateau(factor=0.5, patience=2), losses) == pytest.approx(expected)
    assert rates(plateau(factor=0.5, patience=1, minimum=0.3), [1.0] * 4) == pytest.approx([0.8, 0.4, 0.24, 0.24])


def test_a_plateau_that_is_taken_up_again_goes_on_as_if_never_left() -> None:
    losses = [1.0, 1.0, 1.1, 0.9, 0.9, 0.95, 0.9, 0.9]
    whole = rates(plateau(factor=0.5, patience=2), losses)
    for at in range(1, len(losses)):
        first, second = plateau(factor=0.5, patience=2), plateau(factor=0.5, patience=2)
        begun = rates(first, losses[:at])
        second.set_state(first.get_state())
        assert begun + rates(second, losses[at:]) == pytest.approx(whole)


def test_the_moment_at_which_a_loss_is_no_number(network) -> None:
    model = network()
    model.compile("sgd", "mse")
    model.optimizer.learning_rate = 0.25
    stopping = Stopping(Recipe(), None)
    stopping.set_model(model)
    stopping.on_epoch_begin(2)
    stopping.on_train_batch_end(4, {"loss": 1e30})
    with pytest.raises(InputError, match=r"the loss is inf in epoch 3, update 6, at a learning rate of 0\.25"):
        stopping.on_train_batch_end(5, {"loss": math.inf})


@pytest.mark.parametrize("moment", ["on_epoch_end", "on_train_batch_end"])
def test_the_accuracy_of_the_main_output_has_the_name_that_it_has_alone(network, moment) -> None:
    """For all that comes after it: early stopping, the history, the bar."""
    callback = MainAccuracy()
    callback.set_model(network(2))
    logs = {"loss": 1.0, "head_0_accuracy": 0.25, "head_1_accuracy": 0.5, "val_head_0_accuracy": 0.75}
    getattr(callback, moment)(0, logs)
    assert logs == {"loss": 1.0, "head_1_accuracy": 0.5, "accuracy": 0.25, "val_accuracy": 0.75}
    getattr(callback, moment)(0)


def test_a_plateau_warms_up_by_updates() -> None:
    rate = plateau(factor=0.5, patience=1, warmup=1)
    assert [rate.rate(update / 10) for update in (0, 4, 9, 10)] == pytest.approx([0.08, 0.4, 0.8, 0.8])


def test_an_epoch_without_a_loss_is_one_that_got_no_better_and_an_update_without_one_is_no_error() -> None:
    rate = plateau(factor=0.5, patience=1)
    rate.on_epoch_end(0, {})
    assert rate.get_state() == {"drops": 1, "best": math.inf, "waited": 0}
    Stopping(Recipe(), None).on_train_batch_end(0)


@pytest.mark.parametrize(("restore", "best"), [(True, 0), (False, 0), (False, 3), (True, 3)])
def test_the_best_weights_come_back_where_that_is_asked_for_and_an_epoch_was_the_best(network, restore, best) -> None:
    stopping = Stopping(Recipe.model_validate({"early_stopping": {"restore_best": restore}}), None)
    stopping.set_model(network())
    stopping.best_epoch = best
    stopping.weights = [np.ones_like(array) for array in stopping.model.get_weights()]
    assert stopping.restore_best() == (restore and best == 3)
    assert all((array == 1).all() for array in stopping.model.get_weights()) == (restore and best == 3)


def test_weights_of_another_network_do_not_come_back(network, tmp_path) -> None:
    stopping = Stopping(Recipe.model_validate({"early_stopping": {}}), tmp_path / "best.npz")
    stopping.set_model(network())
    stopping.best_epoch = 1
    stopping.weights = [np.ones(1)]
    with pytest.raises(InputError, match=r"^\S*best\.npz: holds weights of another network$"):
        stopping.restore_best()
