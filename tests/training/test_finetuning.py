"""Starting from other weights: what is copied, what stays frozen, when it thaws, and at which rate."""

import keras
import numpy as np
import pytest

from convspec.cli import main
from convspec.data.dataset import Dataset
from convspec.language.diagnostics import InputError
from convspec.language.recipe import FineTuning, Recipe
from convspec.training.compiling import reproducible
from convspec.training.finetuning import advice, classifiers, freeze, phases, scaled_for_finetuning, transfer
from convspec.training.train import train


def network(classes=2, filters=4, name="conv2_conv"):
    x = inputs = keras.Input((8, 8, 1))
    x = keras.layers.Conv2D(4, 3, activation="relu", name="conv1_conv")(x)
    x = keras.layers.BatchNormalization(name="conv1_bn")(x)
    x = keras.layers.Conv2D(filters, 3, activation="relu", name=name)(x)
    x = keras.layers.BatchNormalization(name="conv2_bn")(x)
    x = keras.layers.Dense(classes, name="predictions")(keras.layers.GlobalAveragePooling2D()(x))
    return keras.Model(inputs, keras.layers.Softmax(name="softmax")(x))


@pytest.fixture(scope="module")
def pretrained(tmp_path_factory, shapes):
    folder = tmp_path_factory.mktemp("pretrained")
    recipe = Recipe(epochs=2, batch_size=8)
    with reproducible(recipe):
        train(network(), recipe, shapes, folder, show=False)
    return folder


def weights(model, *names):
    return [array for name in names for array in model.get_layer(name).get_weights()]


def equal(first, second):
    return all(np.array_equal(a, b) for a, b in zip(first, second, strict=True))


def test_all_but_the_classifier_is_taken_over(pretrained):
    old, new = keras.models.load_model(pretrained / "model.keras"), network(classes=5)
    assert transfer(new, pretrained) == ["conv1_conv", "conv1_bn", "conv2_conv", "conv2_bn"]
    names = ("conv1_conv", "conv1_bn", "conv2_conv", "conv2_bn")
    assert equal(weights(old, *names), weights(new, *names))
    assert classifiers(new) == {"predictions"}


def test_layers_that_do_not_go_together_are_diagnostics(pretrained):
    with pytest.raises(InputError) as raised:
        transfer(network(filters=6, name="conv2_cnov"), pretrained)
    lines = str(raised.value).splitlines()
    assert lines[0].endswith("model.keras: has no layer 'conv2_cnov'; did you mean 'conv2_conv'?")
    assert lines[1].endswith(
        "layer 'conv2_bn' has weights [(4,), (4,), (4,), (4,)], the new network [(6,), (6,), (6,), (6,)]"
    )


def test_freezing_reaches_the_end_of_a_stage():
    model = network()
    frozen = {until: freeze(model, until) for until in ("none", "conv1", "conv2_conv", "all")}
    assert frozen == {"none": 0, "conv1": 2, "conv2_conv": 3, "all": 4}
    assert model.get_layer("predictions").trainable
    with pytest.raises(InputError) as raised:
        freeze(model, "conv3")
    assert (
        str(raised.value)
        == "train.finetune.freeze: no layer or stage is called 'conv3'; there are input, conv1, conv2, global, predictions, softmax"
    )


def finetuned(shapes, pretrained, folder=None, callbacks=(), resume=False, **options):
    document = {"epochs": 3, "batch_size": 8, "optimizer": {"learning_rate": 0.05}}
    recipe = Recipe.model_validate({**document, "finetune": {"weights": str(pretrained), **options}})
    with reproducible(recipe):
        model = network()
        result = train(model, recipe, shapes, folder, show=False, callbacks=callbacks, resume=resume)
    return model, result


def test_frozen_layers_and_their_batch_statistics_stay_as_they_were(pretrained, shapes):
    old = keras.models.load_model(pretrained / "model.keras")
    model, result = finetuned(shapes, pretrained, freeze="conv1")
    assert equal(weights(old, "conv1_conv", "conv1_bn"), weights(model, "conv1_conv", "conv1_bn"))
    for name in ("conv2_conv", "conv2_bn", "predictions"):
        assert not equal(weights(old, name)[:1], weights(model, name)[:1])
    assert result.history[0]["learning_rate"] == pytest.approx(0.005)


STAGES = {"freeze": "all", "unfreeze": [{"after": 1, "freeze": "conv1"}]}


@pytest.fixture(scope="module")
def staged(pretrained, shapes):
    return finetuned(shapes, pretrained, **STAGES)


def test_stages_thaw_by_epoch(pretrained, staged):
    old = keras.models.load_model(pretrained / "model.keras")
    model, result = staged
    assert len(result.history) == 3
    assert equal(weights(old, "conv1_conv", "conv1_bn"), weights(model, "conv1_conv", "conv1_bn"))
    assert not equal(weights(old, "conv2_conv"), weights(model, "conv2_conv"))


@pytest.mark.parametrize("epoch", [1, 2], ids=["at-the-thaw", "after-it"])
def test_a_run_with_stages_is_resumed_in_its_stage(pretrained, shapes, tmp_path, epoch, staged):
    class Stop(keras.callbacks.Callback):
        def on_epoch_begin(self, now, logs=None):
            if now == epoch:
                raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        finetuned(shapes, pretrained, tmp_path, callbacks=[Stop()], **STAGES)
    model, resumed = finetuned(shapes, pretrained, tmp_path, resume=True, **STAGES)
    assert [row["loss"] for row in resumed.history] == [row["loss"] for row in staged[1].history]
    assert equal(staged[0].get_weights(), model.get_weights())


def test_phases_and_the_rate():
    how = {
        "weights": "x",
        "freeze": "all",
        "unfreeze": [{"after": 4, "freeze": "conv4"}, {"after": 6, "freeze": "none"}],
    }
    recipe = Recipe.model_validate({"epochs": 10, "finetune": how})
    assert list(phases(recipe)) == [(4, "all"), (6, "conv4"), (10, "none")]
    assert scaled_for_finetuning(recipe).optimizer.learning_rate == pytest.approx(0.0001)
    assert list(phases(Recipe(epochs=7))) == [(7, "none")]


def test_advice_goes_by_the_images_of_a_class():
    def of(count):
        images = np.zeros((2 * count, 1, 1, 1), np.uint8), np.arange(2 * count) % 2
        return advice(Dataset("some", *images, *images), FineTuning(weights="x", freeze="all"))

    assert of(5).startswith("5 images per class are little data; frozen now: all\n")
    assert "images like the old ones: train the classifier only (freeze: all)" in of(5)
    assert "fine-tune all layers (freeze: none)" in of(1500)


SPEC = """
name: tiny
input: [8, 8, 1]
classes: 10
body: [conv3-4]
head: {flatten: true, fc: [8]}
train: {epochs: 1, batch_size: 128, optimizer: {learning_rate: 0.02}}
"""


def test_the_sanity_checks_are_of_the_network_that_is_fine_tuned(tmp_path, capsys):
    (tmp_path / "tiny.yaml").write_text(SPEC)
    data = [str(tmp_path / "tiny.yaml"), "--data", "digits"]
    assert main(["train", *data, "--out", str(tmp_path / "old")]) == 0
    finetune = f"train.finetune={{weights: {tmp_path / 'old'}, freeze: all}}"
    capsys.readouterr()
    main(["check", *data, "--set", finetune])
    lines = capsys.readouterr().out.splitlines()
    assert all("predictions/kernel" in line for line in lines if "gradient" in line)
    assert any("the recipe has 2.0e-03" in line for line in lines)


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"weights": "nofile"}, "nofile: there is no such file or folder"),
        ({"freeze": "nolayer"}, "no layer or stage is called 'nolayer'"),
        ({"unfreeze": [{"after": 1, "freeze": "nolayer"}]}, "no layer or stage is called 'nolayer'"),
    ],
    ids=["weights", "freeze", "a-later-phase"],
)
def test_a_start_that_fails_is_not_in_the_way_of_the_corrected_one(pretrained, shapes, tmp_path, wrong, told):
    with pytest.raises(InputError, match=told):
        finetuned(shapes, pretrained, tmp_path, **{**STAGES, **wrong})
    _, result = finetuned(shapes, pretrained, tmp_path, **STAGES)
    assert [row["epoch"] for row in result.history] == [1, 2, 3]


@pytest.mark.parametrize(
    ("images", "amount", "alike", "different"),
    [
        (10, "little data", "train the classifier only (freeze: all)", "augment much"),
        (500, "some data", "then free the last stage (unfreeze)", "free the later half of the network"),
        (5000, "much data", "fine-tune all layers (freeze: none)", "training from scratch may do as well"),
    ],
)
def test_advice_on_fine_tuning(images: int, amount: str, alike: str, different: str) -> None:
    x, y = np.zeros((2 * images, 1, 1, 1), np.uint8), np.arange(2 * images) % 2
    dataset = Dataset("d", x, y, x[:2], y[:2], class_names=("a", "b"))
    first, second, third = advice(dataset, FineTuning(weights="imagenet")).split("\n")
    assert first.startswith(f"{images} images per class are {amount}; frozen now: ")
    assert second.startswith("  images like the old ones: ")
    assert second.endswith(alike)
    assert third.startswith("  images of another kind: ")
    assert different in third
