"""Batches: order, normalisation, augmentation, mixing, weights."""

import numpy as np
import pytest

from convspec.data import load_data
from convspec.data.augmentation import augment
from convspec.data.dataset import Dataset
from convspec.data.draws import NAMES
from convspec.data.pipeline import Pipeline, _python
from convspec.data.pixels import BYTES
from convspec.data.preprocessing import Normalizer, colour_components
from convspec.language.diagnostics import InputError
from convspec.language.recipe import Augmentation, Preprocessing, Recipe

RANDOM = np.random.default_rng(0)


def pipeline(document=None, dataset=None, training=True):
    dataset = dataset or load_data("digits")
    recipe = Recipe.model_validate(document or {})
    normalizer = Normalizer.measure(dataset.x_train, dataset.pixel_range, recipe.preprocessing)
    batches = Pipeline(dataset, "training", recipe, normalizer)
    return batches if training else batches.unchanged()


# normalisation


def test_statistics_are_of_the_training_images_after_division():
    x = RANDOM.integers(0, 256, (50, 4, 5, 3)).astype(np.uint8)
    how = Normalizer.measure(x, BYTES, Preprocessing())
    assert how.mean == pytest.approx((x / 255).mean((0, 1, 2)), abs=1e-6)
    assert how.deviation == pytest.approx((x / 255).std((0, 1, 2)), abs=1e-6)
    standard = how(x.astype(np.float32))
    assert (standard.mean((0, 1, 2)), standard.std((0, 1, 2))) == (pytest.approx(0, abs=1e-5), pytest.approx(1, 1e-5))
    image = Normalizer.measure(x, BYTES, Preprocessing(rescale=False, subtract_mean="image", standardize=False))
    assert image(x.astype(np.float32)) == pytest.approx(x - x.mean(0), abs=1e-3)


def test_a_constant_channel_is_not_blown_up():
    x = np.full((4, 3, 3, 1), 7, np.uint8)
    assert Normalizer.measure(x, BYTES, Preprocessing()).deviation.tolist() == [1.0]
    assert np.abs(Normalizer.measure(x, BYTES, Preprocessing())(x.astype(np.float32))).max() < 1e-3


def test_statistics_survive_writing_and_reading():
    x = RANDOM.integers(0, 256, (9, 4, 5, 3)).astype(np.float32)
    how = Normalizer.measure(x, BYTES, Preprocessing(subtract_mean="image"))
    assert np.array_equal(Normalizer.from_dict(how.as_dict())(x), how(x))


# order


def test_every_image_once_in_an_order_of_the_seed_and_the_epoch():
    batches = pipeline({"batch_size": 100})
    orders = {}
    for epoch in (0, 1, 0):
        batches.epoch = epoch
        orders.setdefault(epoch, []).append(np.concatenate([y for _, y, *_ in batches.raw()]))
    assert np.array_equal(*orders[0])
    assert not np.array_equal(orders[0][0], orders[1][0])
    assert np.array_equal(np.sort(orders[1][0]), np.sort(batches.y))


def test_validation_images_come_as_they_are():
    batches = pipeline({"augmentation": {"flip": "both"}, "mixup": 1.0}, training=False)
    assert np.array_equal(np.concatenate([x for x, *_ in batches.raw()]), batches.x)
    x, y = next(iter(batches.batches()))
    assert np.asarray(x) == pytest.approx(batches.normalizer(batches.x[:64].astype(np.float32)), abs=1e-6)
    assert np.array_equal(np.asarray(y).argmax(1), batches.y[:64])


def rare():
    x, y = RANDOM.integers(0, 256, (100, 2, 2, 1)), np.repeat([0, 1, 2], [70, 25, 5])
    return Dataset("rare", x, y, x, y, class_names=("a", "b", "c"))


def test_balanced_reading_shows_each_class_as_often():
    order, *_ = pipeline({"balanced": True}, rare()).plan()
    assert len(order) == 100
    assert sorted(np.bincount(rare().y_train[order])) == [33, 33, 34]


def test_balanced_weights_give_each_class_the_same_share_of_the_loss():
    batches = pipeline({"class_weights": "balanced", "batch_size": 100}, rare())
    _, y, weights = next(iter(batches.batches()))
    shares = [np.asarray(weights)[np.asarray(y)[:, label] == 1].sum() for label in range(3)]
    assert shares == pytest.approx([100 / 3] * 3, rel=1e-5)


def test_an_unknown_class_weight_is_a_diagnostic():
    with pytest.raises(InputError) as raised:
        pipeline({"class_weights": {"aa": 2.0}}, rare())
    assert str(raised.value) == (
        "train.class_weights: rare has no class 'aa'; did you mean 'a'?\n  its classes are a, b, c"
    )


def test_colour_of_grey_images_is_a_diagnostic():
    with pytest.raises(InputError) as raised:
        pipeline({"augmentation": {"hue": 10, "saturation": 0.5}})
    assert str(raised.value).splitlines() == [
        f"train.augmentation.{name}: has no meaning for images of 1 channel(s)" for name in ("saturation", "hue")
    ]


def test_principal_components_of_more_than_three_channels_are_a_diagnostic():
    x, y = RANDOM.integers(0, 256, (20, 2, 2, 4)), np.arange(20) % 2
    with pytest.raises(InputError) as raised:
        pipeline({"augmentation": {"pca": 0.1}}, Dataset("four", x, y, x, y))
    assert str(raised.value) == "train.augmentation.pca: is for up to 3 channels, not 4"


def test_every_backend_gets_the_same_batches():
    """What TensorFlow's input pipeline prepares is what other backends make one after another, the last short one too."""
    batches = pipeline({"batch_size": 30, "augmentation": {"flip": "both"}, "mixup": 0.4}, rare())
    for epoch in (0, 1):
        batches.epoch = epoch
        one, other = list(batches.batches()), _python(batches)
        assert [len(np.asarray(x)) for x, _ in one] == [30, 30, 30, 10]
        assert len(other) == 4
        for number, (x, y) in enumerate(one):
            again_x, again_y = other[number]
            assert np.asarray(again_x) == pytest.approx(np.asarray(x), abs=1e-5)
            assert np.asarray(again_y) == pytest.approx(np.asarray(y), abs=1e-6)


def photographs():
    """Every eighth pixel of the two photographs that come with scikit-learn, China and a flower."""
    from sklearn.datasets import load_sample_images

    return np.stack(load_sample_images().images)[:, ::8, ::8]


def test_colour_components_are_scikit_learns():
    from sklearn.decomposition import PCA

    x = photographs()
    ours, theirs = colour_components(x, BYTES), PCA().fit(x.reshape(-1, 3) / 255)
    scaled = theirs.components_.T * theirs.explained_variance_
    assert ours @ ours.T == pytest.approx(scaled @ scaled.T, rel=1e-3)  # the sign of a component has no meaning


def test_pca_shifts_a_whole_image_by_a_colour_of_the_training_images():
    components = colour_components(photographs(), BYTES)
    grey = np.full((4000, 2, 2, 3), 0.5, np.float32)
    numbers = np.random.default_rng(1).random((4000, len(NAMES)), np.float32)
    shifts = np.asarray(augment(grey, numbers, Augmentation(pca=0.1), components)) - 0.5
    assert np.array_equal(shifts, np.broadcast_to(shifts[:, :1, :1], shifts.shape))
    found, wanted = np.cov(shifts[:, 0, 0].T), 0.01 * components @ components.T
    assert np.abs(found - wanted).max() < 0.05 * wanted.max()


def test_colour_components_come_from_training_images_alone():
    data = load_data("digits")
    batches = pipeline({"augmentation": {"pca": 0.1}}, data)
    assert batches.components == pytest.approx((data.x_train / 16).var(), rel=1e-4)
    quiet = pipeline({"augmentation": {"pca": 0.1}}, data, training=False)
    assert quiet.components is None
    x, _ = next(iter(quiet.batches()))
    assert np.asarray(x) == pytest.approx(quiet.normalizer(quiet.x[:64].astype(np.float32)), abs=1e-6)


def test_a_batch_of_all_together_has_the_moments_of_standardised_images():
    document = {
        "batch_size": 1618,
        "mixup": 0.2,
        "cutmix": 1.0,
        "augmentation": {"rotation": 10, "translation": 0.1, "zoom": 0.1, "cutout": 2, "contrast": 0.1},
    }
    x, y = next(iter(pipeline(document).batches()))
    assert np.asarray(y).sum(axis=1) == pytest.approx(1.0, abs=1e-5)
    assert (abs(np.asarray(x).mean()), np.asarray(x).std()) == (pytest.approx(0, abs=0.2), pytest.approx(1, abs=0.2))
