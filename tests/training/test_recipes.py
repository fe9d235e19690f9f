"""The shipped recipes, and the presets of ResNet-RS one by one."""

import json

import numpy as np
import pytest

from convspec.analysis import analyze
from convspec.cli import main
from convspec.language import load
from convspec.language.diagnostics import InputError
from convspec.language.recipe import Recipe
from convspec.language.shipped_recipes import list_recipes, load_recipe
from convspec.training.callbacks import Rate

GAINS = {  # Bello et al. 2021, arXiv:2103.07579, table 1, in points of top-1 on ImageNet; the plain recipe has 79.0
    "cosine": 0.3, "epochs": -0.5, "ema": 0.3, "label_smoothing": 1.3, "stochastic_depth": 0.2, "rand_augment": 0.4,
    "fc_dropout": -0.3, "weight_decay": 1.5, "squeeze_excite": 0.7, "resnet_d": 0.5,
}  # fmt: skip


@pytest.mark.parametrize("name", list_recipes())
def test_a_shipped_recipe_is_valid_by_itself(name):
    settings = load_recipe(name)
    assert Recipe.model_validate(settings["train"]) == load("resnet18", overrides=settings).train


def test_every_preset_changes_what_the_one_before_it_left():
    before = load("resnet50", overrides=load_recipe("resnet_rs"))
    for preset in GAINS:
        spec = load("resnet50", overrides=load_recipe(f"resnet_rs:{preset}"))
        assert spec.fingerprint != before.fingerprint
        before = spec
    assert (before.train.ema, before.train.label_smoothing, before.train.l2) == (0.9999, 0.1, 2e-5)


def found(spec, operation, field):
    """A field of all layers of this kind, by the names of the layers."""
    nodes = [node for node in spec.graph.layers() if type(node.operation).__name__ == operation]
    return {node.name: getattr(node.operation, field) for node in nodes}


EFFECTS = {  # what each preset's line is for; the paper's section 4 and its table 1
    "cosine": lambda spec: (spec.train.schedule.name, spec.train.schedule.warmup) == ("cosine", 5),
    "epochs": lambda spec: spec.train.epochs == 350,
    "ema": lambda spec: spec.train.ema == 0.9999,
    "label_smoothing": lambda spec: spec.train.label_smoothing == 0.1,
    "stochastic_depth": lambda spec: (
        sorted(set(found(spec, "StochasticDepth", "drop_path_rate").values())) == pytest.approx([0.04, 0.06, 0.08, 0.1])
    ),
    "rand_augment": lambda spec: spec.train.augmentation.rand_augment.operations == 2,
    "fc_dropout": lambda spec: found(spec, "Dropout", "rate") == {"dropout": 0.25},
    "weight_decay": lambda spec: 2 * spec.train.l2 == 4e-5,
    "squeeze_excite": lambda spec: len(found(spec, "Multiply", "keras_class")) == 16,  # a gate a block
    "resnet_d": lambda spec: (
        len(found(spec, "AveragePooling2D", "pool_size")) == 3
        and {f"conv1_{number}_conv" for number in (1, 2, 3, 4)} <= found(spec, "Conv2D", "filters").keys()
        and not found(spec, "MaxPooling2D", "pool_size")
    ),
}


@pytest.mark.parametrize(("preset", "before"), list(zip(GAINS, ["", *GAINS], strict=False)))
def test_a_preset_does_what_it_says_and_the_one_before_does_not(preset, before):
    without = load("resnet50", overrides=load_recipe(f"resnet_rs:{before}" if before else "resnet_rs"))
    assert EFFECTS[preset](load("resnet50", overrides=load_recipe(f"resnet_rs:{preset}")))
    assert not EFFECTS[preset](without)


def test_the_last_preset_is_resnet_rs_50():
    top = load("resnet50", overrides={**load_recipe("resnet_rs:resnet_d"), "parameters.as_keras": False})
    twin = load("resnet_rs50", input_shape=(224, 224, 3))
    assert analyze(top).totals.parameters == 35_745_288  # keras.applications.ResNetRS50
    assert analyze(top).totals.macs == analyze(twin).totals.macs


def test_resnet_cifar_makes_the_papers_updates():
    """He et al. 2015, section 4.2: 64k updates of 128 images on the 45k of a 45k/5k split, 0.1 / 10 at 32k and 48k."""
    recipe = Recipe.model_validate(load_recipe("resnet_cifar")["train"])
    training = round(50_000 * (1 - recipe.validation_split))
    steps = -(-training // recipe.batch_size)
    assert (training, steps) == (45_000, 352)
    assert 64_000 <= recipe.epochs * steps < 64_000 + steps
    rates = Rate(recipe, steps)
    at = {
        update: rates.rate(update // steps + update % steps / steps) for update in (0, 31_999, 32_000, 47_999, 48_000)
    }
    assert list(at.values()) == pytest.approx([0.1, 0.1, 0.01, 0.01, 0.001])
    assert (recipe.preprocessing.subtract_mean, recipe.preprocessing.standardize) == ("image", False)


def test_only_depth_110_is_warmed_up_at_a_tenth_of_the_rate():
    plain, deep = (Recipe.model_validate(load("resnet110", overrides=load_recipe(name)).train.model_dump(mode="json"))
                   for name in ("resnet_cifar", "resnet_cifar:resnet110"))  # fmt: skip
    assert Rate(plain, 352).rate(0) == 0.1
    rates = [Rate(deep, 352).rate(update / 352) for update in (0, 398, 400)]
    assert rates == pytest.approx([0.01, 0.01, 0.1])


def test_a_crop_of_resnet_cifar_brings_in_black_pixels():
    """Each shift of a white image by (y, x) of up to 4 pixels, beside NumPy's padding with zeros."""
    from convspec.data.augmentation import augment
    from convspec.data.draws import COLUMNS, NAMES

    how = Recipe.model_validate(load_recipe("resnet_cifar")["train"]).augmentation
    image = np.random.default_rng(0).uniform(0.1, 1, (1, 32, 32, 3)).astype(np.float32)
    padded = np.pad(image[0], ((4, 4), (4, 4), (0, 0)))
    for top, left in ((0, 0), (4, 4), (8, 1), (3, 7)):
        numbers = np.full((1, len(NAMES)), 0.99, np.float32)  # no flip
        numbers[0, [COLUMNS["crop_y"], COLUMNS["crop_x"]]] = (top + 0.5) / 9, (left + 0.5) / 9
        found = np.asarray(augment(image, numbers, how))[0]
        assert found == pytest.approx(padded[top : top + 32, left : left + 32], abs=1e-5)


SMALL = (
    "--set parameters.unit=basic --set parameters.depths=[1,1,1,1] --input 32x32x3 --set classes=2 --batch-size 36 "
    "--epochs 2 --set train.schedule.warmup=1 --set train.augmentation.crop=4 --set train.ema=0.5"
)


@pytest.fixture(scope="module")
def photographs(tmp_path_factory):
    """An archive of 32x32 tiles of scikit-learn's photographs, China and a flower."""
    from sklearn.datasets import load_sample_images

    tiles = [image[y : y + 256 : 8, x : x + 256 : 8] for image in load_sample_images().images
             for y in range(0, 170, 34) for x in range(0, 380, 95)]  # fmt: skip
    path = tmp_path_factory.mktemp("photographs") / "tiles.npz"
    np.savez(path, x=np.stack(tiles), y=np.repeat([0, 1], 20), class_names=["china", "flower"])
    return path


def test_all_presets_together_train_a_small_resnet_on_photographs(photographs, tmp_path):
    command = ["train", "resnet50", "--data", str(photographs), "--recipe", "resnet_rs:resnet_d", *SMALL.split()]
    assert main([*command, "--out", str(tmp_path / "run")]) == 0
    rows = json.loads((tmp_path / "run" / "history.json").read_text())
    assert np.isfinite([value for row in rows for value in row.values()]).all()
    assert rows[-1]["loss"] != rows[0]["loss"]


def test_alexnets_recipe_trains_with_its_mean_image_and_shifts_of_colour(photographs, tmp_path):
    (tmp_path / "tiny.yaml").write_text("name: tiny\ninput: [32, 32, 3]\nclasses: 2\nbody: [conv5-8/2]\n")
    command = ["train", str(tmp_path / "tiny.yaml"), "--data", str(photographs), "--recipe", "alexnet", "--epochs", "1"]
    assert main([*command, "--out", str(tmp_path / "run")]) == 0
    from convspec.training.saving import read_inputs

    assert read_inputs(tmp_path / "run" / "model.keras").normalizer.mean.shape == (32, 32, 3)


def test_the_presets_and_gains_are_the_papers():
    import yaml

    from convspec.language.catalogue import FOLDER

    presets = yaml.safe_load((FOLDER / "recipes" / "resnet_rs.yaml").read_text())["presets"]
    assert {preset["preset"]: preset["gain"] for preset in presets} == GAINS


def test_an_unknown_recipe_or_preset_has_its_nearest():
    with pytest.raises(InputError, match="no recipe is called 'alexnt'; did you mean 'alexnet'"):
        load_recipe("alexnt")
    with pytest.raises(InputError, match="resnet_rs has no preset 'emma'; did you mean 'ema'"):
        load_recipe("resnet_rs:emma")


def test_a_recipe_trains_and_what_the_user_sets_wins(tmp_path, capsys):
    (tmp_path / "tiny.yaml").write_text("name: tiny\ninput: [8, 8, 1]\nclasses: 10\nbody: [conv3-8]\n")
    command = ["train", str(tmp_path / "tiny.yaml"), "--data", "digits", "--recipe", "resnet_cifar", "--epochs", "2"]
    assert main([*command, "--set", "train.schedule.at=[1]", "--out", str(tmp_path / "run")]) == 0
    assert "epoch 2/2" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("presets", "message"),
    [
        ("5", "recipe.yaml:2:10: `presets` is a list"),
        ("[1]", "recipe.yaml:2:11: a preset has a name and fields to set, and is not 1"),
        ("[{preset: a}]", "a preset has a name and fields to set, and is not {'preset': 'a'}"),
        ("[{preset: a, set: 3}]", "a preset has a name and fields to set"),
        ("[{preset: [1], set: {}}]", "a preset has a name and fields to set"),
        ("[{preset: b, set: {train.l2: 1}}]", "has no preset 'a'"),
    ],
)
def test_presets_that_are_none_are_an_error_at_their_place(tmp_path, monkeypatch, presets, message):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "recipe.yaml").write_text(f"train: {{epochs: 1}}\npresets: {presets}\n")
    with pytest.raises(InputError) as raised:
        load_recipe("recipe.yaml:a")
    assert message in str(raised.value)
    assert load_recipe("recipe.yaml") == {"train": {"epochs": 1}}


def test_a_recipe_with_the_former_words_is_still_read(tmp_path):
    now, before = tmp_path / "now.yaml", tmp_path / "before.yaml"
    now.write_text(
        "train: {epochs: 3}\npresets: [{preset: a, set: {train.l2: 0.1}}, {preset: b, set: {train.l2: 0.2}}]\n"
    )
    before.write_text(now.read_text().replace("presets:", "ladder:").replace("preset:", "rung:"))
    assert "ladder: [{rung: a" in before.read_text()
    for preset in ("", ":a", ":b"):
        name = f"{tmp_path}/{{}}.yaml{preset}"
        assert load_recipe(name.format("before")) == load_recipe(name.format("now"))


def test_a_recipe_lies_in_a_folder_with_any_name(tmp_path):
    path = tmp_path / "a:b" / "recipe.yaml"
    path.parent.mkdir()
    path.write_text("train: {epochs: 1}\npresets: [{preset: longer, set: {train.epochs: 9}}]\n")
    assert load_recipe(str(path)) == {"train": {"epochs": 1}}
    assert load_recipe(f"{path}:longer") == {"train": {"epochs": 9}}
    path.write_text("presets: []\n")
    with pytest.raises(InputError, match=r"a:b/recipe\.yaml: has no `train:` section$"):
        load_recipe(str(path))
