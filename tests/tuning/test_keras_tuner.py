"""KerasTuner's own tuners over a spec: each trial is trained by its recipe, and can be read, resumed and repeated."""

import keras_tuner
import numpy as np
import pytest

from convspec import InputError, load
from convspec.training.compiling import reproducible
from convspec.training.first_weights import new_model
from convspec.training.train import train
from convspec.tuning import HyperSpec

from .specs import document

SPACE = {
    "head.fc": {"choice": [[8], [8, 8]]},
    "head.dropout": {"uniform": [0.1, 0.5], "when": {"head.fc": [[8, 8]]}},
    "train.batch_size": {"choice": [64, 256]},
    "train.schedule": {"choice": [{"name": "cosine"}, {"name": "step", "every": 1}]},
}
RECIPE = {
    "optimizer": {"name": "sgd", "learning_rate": 0.05, "momentum": 0.9}, "l2": 1.0e-4, "epochs": 2, "mixup": 0.2,
    "class_weights": "balanced", "label_smoothing": 0.1, "augmentation": {"translation": 0.1}, "ema": 0.9, "seed": 3,
}  # fmt: skip


def spec(**train):
    return load(document({"space": SPACE}, train={**RECIPE, **train}))


def plain():
    """Without the fields that take most of the time in which a trial is compiled."""
    train = {"optimizer": RECIPE["optimizer"], "epochs": 1, "seed": 3}
    return load(document({"space": SPACE}, train=train))


def tuner(kind, folder, hyperspec, trials=3, **options):
    more = {"max_epochs": 2} if kind == "Hyperband" else {"max_trials": trials}
    objective = keras_tuner.Objective("val_accuracy", "max")
    return getattr(keras_tuner, kind)(
        hyperspec, objective=objective, seed=1, directory=folder, project_name="p", **more, **options
    )


@pytest.fixture(scope="module")
def searched(tmp_path_factory, digits):
    hyperspec = HyperSpec(spec())
    found = tuner("RandomSearch", tmp_path_factory.mktemp("stock"), hyperspec)
    found.search(digits, verbose=0)
    return hyperspec, found


def test_every_field_of_the_recipe_takes_effect(searched, digits):
    """A trial of KerasTuner has the score of a training by the spec that it stands for."""
    hyperspec, found = searched
    trials = list(found.oracle.trials.values())
    assert {trial.status for trial in trials} == {"COMPLETED"}
    assert len({hyperspec.spec_of(trial.hyperparameters).train.batch_size for trial in trials}) == 2
    for trial in trials:
        own = hyperspec.spec_of(trial.hyperparameters)
        with reproducible(own.train):
            rows = train(new_model(own), own.train, digits, show=False).history
        assert trial.score == max(row["val_accuracy"] for row in rows)


def test_a_trial_can_be_read(searched, capsys):
    hyperspec, found = searched
    found.results_summary()
    printed = capsys.readouterr().out
    assert any(f"head.fc: {text}" in printed for text in ("[8]", "[8, 8]"))
    assert 'train.schedule: {"name": ' in printed
    for hp in found.get_best_hyperparameters(3):
        values = hyperspec.values(hp)
        assert values["head.fc"] in ([8], [8, 8])
        assert ("head.dropout" in values) == (values["head.fc"] == [8, 8])
        own = hyperspec.spec_of(hp)
        assert own.source["head"]["fc"] == values["head.fc"]
        assert own.train.schedule.name == values["train.schedule"]["name"]
        assert load(own.to_dict()).fingerprint == own.fingerprint


@pytest.mark.filterwarnings("ignore:Skipping variable loading")  # Keras, of a checkpoint of weights alone
def test_the_best_model_has_the_weights_that_its_score_belongs_to(searched, digits):
    from convspec.training.pretrained import normalizer_for

    hyperspec, found = searched
    (best,) = found.oracle.get_best_trials(1)
    (model,) = found.get_best_models(1)
    own = hyperspec.spec_of(best.hyperparameters)
    x = normalizer_for(model, own.train, digits)(digits.x_val.astype("float32"))
    right = model.predict(x, verbose=0).argmax(axis=1) == digits.y_val
    assert right.mean() == pytest.approx(best.score, abs=1e-6)


def test_labels_may_be_integers_or_one_hot(digits, tmp_path):
    x, y = digits.x_train[:400], digits.y_train[:400]
    scores = []
    for labels in (y, y[:, None], np.eye(10)[y]):
        found = tuner("RandomSearch", tmp_path / str(len(scores)), HyperSpec(spec(augmentation={}, epochs=1)), trials=1)
        found.search(x, labels, validation_data=(digits.x_val, digits.y_val), verbose=0)
        scores.append(found.oracle.get_best_trials(1)[0].score)
    assert scores[0] == scores[1] == scores[2]


def test_a_network_of_several_outputs_takes_integer_and_one_hot_labels(digits, tmp_path):
    """Keras's model holds a container of losses, and the same one is told from the tuner's own."""
    aux = {"aux": {"from": "0", "head": {"pooling": "avg"}, "loss_weight": 0.5}}
    tune = {"space": {"train.optimizer.learning_rate": {"log_uniform": [0.01, 0.1]}}}
    body = [{"block": "conv", "filters": 2, "name": "0"}]
    hyperspec = HyperSpec(load(document(tune, body=body, outputs=aux, train={"epochs": 1, "batch_size": 100})))
    x, y = digits.x_train[:200], digits.y_train[:200]
    scores = []
    for labels in (y, np.eye(10)[y]):
        found = tuner("RandomSearch", tmp_path / str(len(scores)), hyperspec, trials=1)
        found.search(x, labels, verbose=0)
        scores.append(found.oracle.get_best_trials(1)[0].score)
    assert scores[0] == scores[1]
    with pytest.raises(InputError, match="loss: the recipe decides this, by the outputs of the spec"):
        tuner("RandomSearch", tmp_path / "loss", hyperspec, loss="mse").search(x, y, verbose=0)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"batch_size": 8}, "batch_size: the recipe decides this, by train.batch_size"),
        ({"class_weight": {0: 2.0}}, "class_weight: the recipe decides this, by train.class_weights"),
        ({"validation_split": 0.5}, "validation_split: the recipe decides this, by train.validation_split"),
        ({"shuffle": False}, "shuffle: the recipe decides this, by train.seed"),
        ({"batchsize": 8}, "batchsize: no such argument"),
    ],
)
def test_what_the_recipe_decides_is_refused_by_its_name(arguments, message, digits, tmp_path):
    with pytest.raises(InputError, match=message):
        tuner("RandomSearch", tmp_path, HyperSpec(spec())).search(digits, verbose=0, **arguments)


def test_batches_and_another_optimizer_are_refused(digits, tmp_path):
    import tensorflow as tf

    batches = tf.data.Dataset.from_tensor_slices((digits.x_train, digits.y_train)).batch(8)
    with pytest.raises(InputError, match=r"without labels\n  give arrays of images and labels, or a convspec"):
        tuner("RandomSearch", tmp_path / "a", HyperSpec(spec())).search(batches, verbose=0)
    with pytest.raises(InputError, match=r"optimizer: the recipe decides this, by train\.optimizer"):
        tuner("RandomSearch", tmp_path / "b", HyperSpec(spec()), optimizer="adam").search(digits, verbose=0)


@pytest.mark.parametrize(("field", "value"), [("folds", 3), ("runs", 2), ("pruning", {"after": 1})])
def test_what_only_our_own_search_does_is_refused_by_its_name(field, value, digits, tmp_path):
    hyperspec = HyperSpec(load(document({"space": SPACE, field: value}, train=RECIPE)))
    with pytest.raises(InputError, match=rf"tune\.{field}: a tuner of KerasTuner's own trains each trial once"):
        tuner("RandomSearch", tmp_path, hyperspec).search(digits, verbose=0)


@pytest.mark.parametrize("kind", ["BayesianOptimization", "Hyperband"])
def test_other_tuners_search_it_too(kind, digits, tmp_path):
    epochs = []

    class Noting(HyperSpec):
        def fit(self, *args, **kwargs):
            history = super().fit(*args, **kwargs)
            epochs.append(len(history.epoch))
            return history

    found = tuner(kind, tmp_path, Noting(plain()))
    found.search(digits, verbose=0, **({} if kind == "Hyperband" else {"epochs": 2}))  # which decides itself, here two
    assert {trial.status for trial in found.oracle.trials.values()} == {"COMPLETED"}
    assert set(epochs) == {2}


def test_a_search_that_crashed_goes_on(digits, tmp_path):
    """The folder is KerasTuner's own; what it holds of choices and conditions reads back."""

    class Crash(BaseException):
        pass

    class Crashing(HyperSpec):
        left = 1

        def fit(self, *args, **kwargs):
            Crashing.left -= 1
            if Crashing.left < 0:
                raise Crash
            return super().fit(*args, **kwargs)

    with pytest.raises(Crash):
        tuner("RandomSearch", tmp_path, Crashing(plain()), trials=3).search(digits, verbose=0)
    hyperspec = HyperSpec(plain())
    again = tuner("RandomSearch", tmp_path, hyperspec, trials=3)
    kept = {key: trial.score for key, trial in again.oracle.trials.items() if trial.status == "COMPLETED"}
    assert len(kept) >= 1
    again.search(digits, verbose=0)
    trials = again.oracle.trials
    assert {trial.status for trial in trials.values()} == {"COMPLETED"}
    assert {key: trials[key].score for key in kept} == kept
    assert all(hyperspec.values(trial.hyperparameters)["head.fc"] in ([8], [8, 8]) for trial in trials.values())


def test_a_folder_of_an_earlier_version_is_refused():
    hyperspec = HyperSpec(spec())
    hp = keras_tuner.HyperParameters()
    hp.values = {"head.fc": 1}
    with pytest.raises(InputError, match=r"head\.fc: 1 is none of its values, \[8\], \[8, 8\]"):
        hyperspec.values(hp)


def test_the_spec_of_a_trial_of_hyperband_has_its_epochs():
    hyperspec = HyperSpec(load(document()))
    hp = keras_tuner.HyperParameters()
    hyperspec.declare_hyperparameters(hp)
    assert hyperspec.spec_of(hp).train.epochs == hyperspec.spec.train.epochs
    hp.values["tuner/epochs"] = 3
    assert hyperspec.spec_of(hp).train.epochs == 3


def test_images_that_were_given_again_are_known_by_their_identity_and_their_split_by_its_value(digits):
    hyperspec, x, y = HyperSpec(spec()), digits.x_train[:200], digits.y_train[:200].tolist()
    first = hyperspec._dataset(spec(), (x, y, None))
    assert hyperspec._dataset(spec(), (x, y, None)) is first
    for recipe, images in ((spec(), (x.copy(), y)), (spec(), (x, list(y))), (spec(validation_split=0.2), (x, y))):
        other = hyperspec._dataset(recipe, (*images, None))
        assert other is not first
        assert hyperspec._dataset(recipe, (*images, None)) is other
