"""Batches: order, normalisation, augmentation, mixing, weights."""

import numpy as np
import pytest

from convspec.data import load_data
from convspec.data.augmentation import COLUMNS, NAMES, augment, cut_out, mix
from convspec.data.dataset import Dataset
from convspec.data.pipeline import Pipeline
from convspec.data.pixels import BYTES
from convspec.data.preprocessing import Normalizer, colour_components
from convspec.spec.faults import FaultError
from convspec.spec.recipe import Augmentation, Preprocessing, Recipe

RANDOM = np.random.default_rng(0)
MIDDLE = dict.fromkeys(NAMES, 0.5) | {"flip_x": 0.9, "flip_y": 0.9}


def draws(batch=1, **numbers):
    """Random numbers that do nothing, but for those named."""
    row = {**MIDDLE, **numbers}
    return np.tile(np.array([row[name] for name in NAMES], np.float32), (batch, 1))


def pipeline(document=None, dataset=None, training=True):
    dataset = dataset or load_data("digits")
    recipe = Recipe.model_validate(document or {})
    normalizer = Normalizer.measure(dataset.x_train, dataset.pixel_range, recipe.preprocessing)
    return Pipeline(dataset.x_train, dataset.y_train, dataset, recipe, normalizer, training=training)


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


def test_an_unknown_class_weight_is_a_fault():
    with pytest.raises(FaultError) as raised:
        pipeline({"class_weights": {"aa": 2.0}}, rare())
    assert str(raised.value) == (
        "train.class_weights: rare has no class 'aa'; did you mean 'a'?\n  its classes are a, b, c"
    )


def test_colour_of_grey_images_is_a_fault():
    with pytest.raises(FaultError, match=r"train.augmentation.hue: has no meaning for images of 1 channel"):
        pipeline({"augmentation": {"hue": 10}})


# augmentation

IMAGE = RANDOM.random((1, 7, 6, 3)).astype(np.float32)


def changed(numbers, **how):
    return np.asarray(augment(IMAGE, draws(**numbers), Augmentation.model_validate(how)))


def test_without_any_field_nothing_changes():
    assert np.array_equal(changed({}), IMAGE)


def test_flips_are_exact():
    assert changed({"flip_x": 0.1}, flip="horizontal") == pytest.approx(IMAGE[:, :, ::-1], abs=1e-5)
    assert changed({"flip_y": 0.1}, flip="vertical") == pytest.approx(IMAGE[:, ::-1], abs=1e-5)
    assert changed({"flip_x": 0.1, "flip_y": 0.1}, flip="both") == pytest.approx(IMAGE[:, ::-1, ::-1], abs=1e-5)
    assert changed({"flip_y": 0.1}, flip="horizontal") == pytest.approx(IMAGE, abs=1e-5)


def test_a_crop_shifts_by_whole_pixels_and_repeats_the_edge():
    shifted = changed({"crop_x": 0.999, "crop_y": 0.0}, crop=2)
    padded = np.pad(IMAGE, ((0, 0), (2, 2), (2, 2), (0, 0)), mode="edge")
    assert shifted == pytest.approx(padded[:, 0:7, 4:10], abs=1e-5)


def test_a_half_turn_is_both_flips():
    assert changed({"rotation": 1.0}, rotation=180) == pytest.approx(IMAGE[:, ::-1, ::-1], abs=1e-4)


def test_colour():
    grey = IMAGE @ np.array([0.299, 0.587, 0.114], np.float32)
    assert changed({"saturation": 0.0}, saturation=1.0) == pytest.approx(np.stack([grey] * 3, -1), abs=1e-5)
    assert changed({"brightness": 1.0}, brightness=0.2) == pytest.approx(np.clip(IMAGE + 0.2, 0, 1), abs=1e-5)
    middle = IMAGE.mean()
    assert changed({"contrast": 0.0}, contrast=0.5) == pytest.approx(middle + (IMAGE - middle) * 0.5, abs=1e-5)
    assert changed({"hue": 0.5}, hue=180) == pytest.approx(IMAGE, abs=1e-3)
    red = np.zeros((1, 1, 1, 3), np.float32)
    red[..., 0] = 0.6
    turned = np.asarray(augment(red, draws(hue=1.0), Augmentation(hue=120.0)))[0, 0, 0]
    assert turned.argmax() != 0


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


def test_cutout_zeroes_a_square_of_its_side():
    cut = np.asarray(cut_out(np.ones((1, 9, 9, 1), np.float32), draws(), 3))
    assert cut.sum() == 81 - 9
    assert cut[0, 3:6, 3:6].sum() == 0
    corner = np.asarray(cut_out(np.ones((1, 9, 9, 1), np.float32), draws(cut_x=0.0, cut_y=0.0), 4))
    assert corner.sum() == 81 - 4


def test_rand_augment_leaves_alone_what_drew_identity_and_changes_the_rest():
    how = Augmentation.model_validate({"rand_augment": {"operations": 1, "magnitude": 15}})
    images = np.tile(IMAGE, (13, 1, 1, 1))
    numbers = draws(13)
    numbers[:, COLUMNS["operation_0"]] = (np.arange(13) + 0.5) / 13
    out = np.asarray(augment(images, numbers, how))
    distance = np.abs(out - images).max(axis=(1, 2, 3))
    assert distance[0] < 1e-5
    assert (distance[1:] > 1e-3).all()
    assert (out.min(), out.max()) >= (0.0, 0.0)
    assert out.max() <= 1.0


def test_mixup_blends_and_cutmix_pastes_with_the_same_shares_of_labels():
    x = np.stack([np.zeros((8, 8, 1)), np.ones((8, 8, 1))]).astype(np.float32)
    y = np.eye(2, dtype=np.float32)
    mixed, labels = (np.asarray(part) for part in mix(x, y, np.array([[0.7, 1, 0.5, 0.5]] * 2, np.float32)))
    assert mixed[0] == pytest.approx(0.3)
    assert labels == pytest.approx(np.array([[0.7, 0.3], [0.3, 0.7]]))
    pasted, labels = (np.asarray(part) for part in mix(x, y, np.array([[1, 0.75, 0.5, 0.5]] * 2, np.float32)))
    assert pasted[0].sum() == 16
    assert pasted[0, 2:6, 2:6].sum() == 16
    assert labels == pytest.approx(np.array([[0.75, 0.25], [0.25, 0.75]]))


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
