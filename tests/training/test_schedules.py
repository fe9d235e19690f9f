"""Learning rates at each moment, against Keras's own schedules where it has them."""

import math

import keras
import pytest

from convspec.language.recipe import Recipe, Schedule
from convspec.training.callbacks import Rate
from convspec.training.compiling import reproducible
from convspec.training.schedules import learning_rate
from convspec.training.train import train

EPOCHS, PEAK = 30, 0.4
schedules = keras.optimizers.schedules
TWINS = {  # one step of Keras's schedule is one epoch here
    "cosine": (Schedule(name="cosine", minimum=0.1), schedules.CosineDecay(PEAK, EPOCHS, alpha=0.1)),
    "warm-up": (
        Schedule(name="cosine", warmup=5.0),
        schedules.CosineDecay(0.0, EPOCHS - 5, warmup_target=PEAK, warmup_steps=5),
    ),
    "restarts": (
        Schedule(name="cosine_restarts", period=4.0, growth=2.0, factor=0.8, minimum=0.05),
        schedules.CosineDecayRestarts(PEAK, 4, t_mul=2.0, m_mul=0.8, alpha=0.05),
    ),
    "exponential": (Schedule(name="exponential", factor=0.9), schedules.ExponentialDecay(PEAK, 1, 0.9)),
    "step": (
        Schedule(name="step", at=(10.0, 20.0)),
        schedules.PiecewiseConstantDecay([9, 19], [PEAK, PEAK * 0.1, PEAK * 0.01]),
    ),
    "every": (Schedule(name="step", every=7.0), schedules.ExponentialDecay(PEAK, 7, 0.1, staircase=True)),
}


@pytest.mark.parametrize(("schedule", "twin"), TWINS.values(), ids=TWINS.keys())
def test_a_schedule_is_kerass(schedule, twin):
    for epoch in range(EPOCHS):
        assert learning_rate(schedule, PEAK, epoch, EPOCHS) == pytest.approx(float(twin(epoch)), rel=1e-4, abs=1e-6)


def test_fractions_of_an_epoch_count():
    assert learning_rate(Schedule(warmup=2.0), PEAK, 0.5, EPOCHS) == pytest.approx(PEAK / 4)


def test_no_update_of_a_warm_up_has_the_rate_0_and_the_last_has_the_whole():
    """Goyal et al. 2017, section 2.2: from eta / n by a constant amount an update to eta."""
    for steps, warmup in ((8, 1.0), (7, 2.0), (10, 0.5)):
        rates = Rate(Recipe.model_validate({"schedule": {"warmup": warmup}}), steps)
        count = round(warmup * steps)
        found = [rates.rate(update / steps) for update in range(count + 2)]
        assert found == pytest.approx([0.001 * (n + 1) / count for n in range(count)] + [0.001, 0.001], rel=1e-6)


def test_a_warm_up_may_hold_a_share_of_the_rate():
    rates = Rate(Recipe.model_validate({"schedule": {"warmup": 1.0, "warmup_factor": 0.1}}), 4)
    assert [rates.rate(update / 4) for update in range(6)] == pytest.approx([1e-4] * 4 + [1e-3] * 2)
    with pytest.raises(ValueError, match="warmup_factor needs a warmup"):
        Schedule(warmup_factor=0.1)
    halfway = learning_rate(Schedule(name="cosine"), PEAK, EPOCHS / 2 + 0.5, EPOCHS)
    assert halfway == pytest.approx(PEAK / 2 * (1 + math.cos(math.pi * (0.5 + 0.5 / EPOCHS))))


class Rates(keras.callbacks.Callback):
    def __init__(self):
        super().__init__()
        self.seen = []

    def on_train_batch_end(self, batch, logs=None):
        self.seen.append(float(self.model.optimizer.learning_rate.numpy()))


def test_each_update_has_the_rate_of_its_moment(shapes, network):
    document = {"epochs": 3, "batch_size": 10, "schedule": {"name": "cosine", "warmup": 1}}
    recipe, rates = Recipe.model_validate(document), Rates()
    with reproducible(recipe):
        train(network(), recipe, shapes, callbacks=[rates], show=False)
    warm = [0.001 * share for share in (0.25, 0.5, 0.75, 1.0)]
    cosine = [0.0005 * (1 + math.cos(math.pi * update / 8)) for update in range(8)]
    assert rates.seen == pytest.approx(warm + cosine, rel=1e-5)


def test_a_step_within_an_epoch_is_taken_there(shapes, network):
    schedule = {"name": "step", "at": [0.5, 1.75]}
    document = {"epochs": 2, "batch_size": 10, "optimizer": {"name": "sgd", "learning_rate": 0.1}, "schedule": schedule}
    recipe, rates = Recipe.model_validate(document), Rates()
    with reproducible(recipe):
        train(network(), recipe, shapes, callbacks=[rates], show=False)
    assert rates.seen == pytest.approx([0.1, 0.1, 0.01, 0.01, 0.01, 0.01, 0.01, 0.001])


def test_a_plateau_divides_the_rate_after_its_patience(shapes, network):
    frozen = {"name": "sgd", "learning_rate": 1e-30}
    document = {"epochs": 6, "optimizer": frozen, "schedule": {"name": "plateau", "patience": 2, "factor": 0.5}}
    recipe = Recipe.model_validate(document)
    with reproducible(recipe):
        inputs = keras.Input((8, 8, 1))
        outputs = keras.layers.Dense(2, activation="softmax")(keras.layers.Flatten()(inputs))
        result = train(keras.Model(inputs, outputs), recipe, shapes, show=False)
    # the first epoch sets the best loss; two without progress after it halve the rate, and two more again
    rates = [row["learning_rate"] for row in result.history]
    assert rates == pytest.approx([1e-30, 1e-30, 1e-30, 5e-31, 5e-31, 2.5e-31], rel=1e-5)
