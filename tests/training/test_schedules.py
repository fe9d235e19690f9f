"""Learning rates at each moment, against Keras's own schedules where it has them."""

import math

import keras
import pytest
from hypothesis import given, settings, strategies as st

from convspec.language.recipe import Recipe, Schedule
from convspec.language.schedule import SCHEDULES
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
    "equal periods": (
        Schedule(name="cosine_restarts", period=3.0, growth=1.0, factor=0.5),
        schedules.CosineDecayRestarts(PEAK, 3, t_mul=1.0, m_mul=0.5),
    ),
    "periods that grow by half": (
        Schedule(name="cosine_restarts", period=2.0, growth=1.5),
        schedules.CosineDecayRestarts(PEAK, 2, t_mul=1.5),
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


@pytest.mark.parametrize("growth", [1.0, 1.0 + 1e-15, 1.0001, 2.0, 3.0, 10.0, 1000.0])
def test_restarts_come_when_their_periods_end(growth):
    """Against a walk from period to period, at each start and just before it."""
    start, length = 0.0, 4.0
    schedule = Schedule(name="cosine_restarts", period=length, growth=growth)
    for _ in range(8):
        assert learning_rate(schedule, PEAK, start, EPOCHS) == pytest.approx(PEAK)
        assert learning_rate(schedule, PEAK, start + 0.5 * length, EPOCHS) == pytest.approx(PEAK / 2, rel=1e-4)
        assert learning_rate(schedule, PEAK, start + 0.9999 * length, EPOCHS) == pytest.approx(0, abs=1e-6)
        start, length = start + length, length * growth


def numbers(field):
    """Every number that a field accepts, its ends first."""
    given = Schedule.model_fields[field].metadata
    bounds = {name: getattr(one, name) for one in given for name in ("gt", "ge", "le") if hasattr(one, name)}
    low, high = float(bounds.get("ge", 2.0**-126)), float(bounds.get("le", 2.0**60))
    between = st.floats(low, high).filter(lambda number: number == 0 or number >= 2.0**-126)  # what float32 holds
    return st.sampled_from([low, math.nextafter(max(low, 2.0**-126), high), 1.0, high]) | between


@pytest.mark.parametrize("name", SCHEDULES)
@given(data=st.data())
@settings(max_examples=60, deadline=1000)
def test_every_schedule_gives_a_rate_at_once(name, data):
    """Whatever numbers its fields accept, and however long the run is."""
    own = [field for field in SCHEDULES[name].fields if field not in ("at", "patience")]
    values = {field: data.draw(st.none() | numbers(field), label=field) for field in own}
    schedule = Schedule(name=name, warmup=data.draw(numbers("warmup")), **values)
    epochs = data.draw(st.floats(1, 1e15))
    rate = learning_rate(schedule, PEAK, data.draw(st.floats(0, epochs)), epochs)
    assert 0 <= rate <= PEAK * (1 + 1e-12)


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
