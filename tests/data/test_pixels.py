"""The range of pixels: what declares it, what tells it, what becomes of images in another one."""

import numpy as np
import pytest

from convspec.data import Dataset, load_data
from convspec.data.draws import NAMES
from convspec.data.pipeline import Pipeline
from convspec.data.pixels import BYTES, SIGNED, UNIT, PixelRange, find_range
from convspec.data.preprocessing import Normalizer
from convspec.language.diagnostics import InputError
from convspec.language.recipe import Preprocessing, Recipe

RANDOM = np.random.default_rng(0)
Y = np.arange(20) % 2
RANGES = [BYTES, UNIT, SIGNED, PixelRange(0, 16), PixelRange(0, 4095), PixelRange(-1024, 3071)]


def spread(low, high, dtype="f4", count=20):
    """Images whose smallest pixel is `low` and whose largest is `high`."""
    x = low + (high - low) * RANDOM.random((count, 4, 4, 1))
    x[0, 0, 0], x[1, 0, 0] = low, high
    return (np.round(x) if np.dtype(dtype).kind in "iu" else x).astype(dtype)


def said(call):
    with pytest.raises(InputError) as raised:
        call()
    return str(raised.value)


# what tells the range


@pytest.mark.parametrize(
    ("x", "wanted"),
    [
        (spread(0, 255, "u1"), BYTES),
        (spread(0, 9, "u1"), BYTES),
        (spread(0, 1, "u1"), BYTES),
        (spread(0, 1) > 0.5, UNIT),
        (spread(0, 200, "i8"), BYTES),
        (spread(0, 255), BYTES),
        (spread(0.2, 0.7), UNIT),
        (spread(0, 1, "i8"), UNIT),
        (spread(-0.9, 0.3), SIGNED),
        (spread(-1, 1, "f8"), SIGNED),
        (spread(3, 60000, "u2"), PixelRange(0, 65535)),
        (spread(-0.001, 1.002), UNIT),
    ],
)
def test_type_and_values_tell_the_range(x, wanted, tmp_path):
    np.savez(tmp_path / "some.npz", x=x, y=Y)
    assert load_data(tmp_path / "some.npz").pixel_range == wanted
    assert Dataset("some", x[:10], Y[:10], x[10:], Y[10:]).pixel_range == find_range({"all": x}) == wanted


@pytest.mark.parametrize(
    ("x", "such"),
    [
        (spread(0, 3900, "u2"), "[0, 4095]"),  # 12 bits in a type of 16
        (spread(0, 900, "i8"), "[0, 1023]"),
        (spread(0, 4000, "i4"), "[0, 4095]"),
        (spread(0, 16, "f8"), "[0, 16]"),  # scikit-learn's digits as it has them
        (spread(0, 100, "i4"), "[0, 100]"),
        (spread(-2.1, 2.6), "[-3, 3]"),  # standardised already
        (spread(-100, 100, "i1"), "[-100, 100]"),
        (spread(0, 300), "[0, 300]"),
    ],
)
def test_what_values_do_not_tell_is_asked_for(x, such, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    np.savez("some.npz", x=x, y=Y)
    message = said(lambda: load_data("some.npz"))
    low, high = x.min(), x.max()
    assert message == (
        f"some.npz: pixels are {x.dtype} from {low:.6g} to {high:.6g}, and nothing says which values are black and "
        "white; the types uint8 and bool, values from 0 to 1, from -1 to 1, and from 0 to 255 with some above 127 are "
        f"known\n  declare the values of black and white, such as pixel_range={such} in the .npz or in Python, or "
        f"pixel_range=({such[1:-1]})"
    )
    pixel_range = [float(number) for number in such[1:-1].split(",")]
    np.savez("some.npz", x=x, y=Y, pixel_range=pixel_range)
    assert load_data("some.npz").pixel_range == PixelRange(*pixel_range)
    assert Dataset("some", x, Y, x, Y, pixel_range=pixel_range).pixel_range == PixelRange(*pixel_range)


def test_highest_declares_a_range_from_0(tmp_path):
    np.savez(tmp_path / "some.npz", x=spread(0, 900, "u2"), y=Y, highest=1023)
    assert load_data(tmp_path / "some.npz").pixel_range == PixelRange(0, 1023)
    assert load_data(tmp_path / "some.npz", pixel_range=(0, 4095)).pixel_range == PixelRange(0, 4095)


@pytest.mark.parametrize(
    ("declared", "told"),
    [
        ({"highest": np.nan}, "highest: a pixel range goes from a number up to a larger one, not from 0 to nan"),
        ({"highest": 0}, "highest: a pixel range goes from a number up to a larger one, not from 0 to 0"),
        ({"highest": [1, 2]}, "highest: is [0, [1, 2]], not two numbers: the value of black and the value of white"),
        (
            {"pixel_range": [1, -1]},
            "pixel_range: a pixel range goes from a number up to a larger one, not from 1 to -1",
        ),
        ({"pixel_range": [0, np.inf]}, "a pixel range goes from a number up to a larger one, not from 0 to inf"),
        ({"pixel_range": 255}, "pixel_range: is 255, not two numbers: the value of black and the value of white"),
        ({"pixel_range": [0, 9, 255]}, "pixel_range: is [0, 9, 255], not two numbers"),
        ({"pixel_range": ["a", "b"]}, "pixel_range: is ['a', 'b'], not two numbers"),
        ({"pixel_range": [0, 255], "highest": 255}, "has pixel_range and highest, which say the same; keep one"),
        ({"pixel_range": [0, 100]}, "training pixels are from 0 to 255, outside their range, 0 to 100"),
    ],
)
def test_a_range_that_cannot_be_is_rejected(declared, told, tmp_path):
    np.savez(tmp_path / "some.npz", x=spread(0, 255), y=Y, **declared)
    assert told in said(lambda: load_data(tmp_path / "some.npz"))


@pytest.mark.parametrize("part", ["val", "test"])
@pytest.mark.parametrize(("train", "other"), [((0, 255), (0, 1)), ((0, 1), (0, 255)), ((-1, 1), (0, 1))])
def test_parts_of_different_ranges_are_rejected(part, train, other, tmp_path):
    parts = {"x_train": spread(*train), "y_train": Y, f"x_{part}": spread(*other), f"y_{part}": Y}
    np.savez(tmp_path / "some.npz", **parts)
    assert "but all together from" in said(lambda: load_data(tmp_path / "some.npz"))


def test_a_data_set_made_in_python_is_checked_as_one_from_a_file():
    x = spread(0, 255)
    assert "outside their range, 0 to 1" in said(lambda: Dataset("some", x, Y, x, Y, pixel_range=(0, 1)))
    assert "validation pixels" in said(lambda: Dataset("some", x / 255, Y, x, Y, pixel_range=UNIT))
    assert "but all together" in said(lambda: Dataset("some", x / 255, Y, x, Y))


def test_what_was_taken_is_said():
    digits = load_data("digits")
    assert digits.pixel_range.origin == ""
    assert find_range({"all": spread(0.25, 0.75)}).origin == "taken from their values, 0.25 to 0.75"
    assert find_range({"all": spread(0, 16, "u1")}).origin == "that of their type, uint8, though the largest is 16"


KINDS = {"U": "U2", "S": "S2", "V": "V2", "M": "M8[s]", "m": "m8[s]"}


@pytest.mark.parametrize("order", "<>")
@pytest.mark.parametrize("code", np.typecodes["All"])
def test_every_type_of_numpy_makes_batches_or_is_refused(code, order, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    dtype = np.dtype(KINDS.get(code, code)).newbyteorder(order)
    x = np.zeros((20, 2, 2, 1), dtype) if dtype.kind == "V" else (np.arange(80) % 2).reshape(20, 2, 2, 1).astype(dtype)
    np.savez("some.npz", x=x, y=Y)
    sources = (
        lambda: load_data("some.npz", pixel_range=(0, 1)),
        lambda: Dataset("mine", x, Y, x, Y, pixel_range=(0, 1)),
    )
    for source in sources:
        if dtype.kind in "buif" and dtype.itemsize <= 8:
            data, recipe = source(), Recipe()
            as_it_is = Normalizer.measure(data.x_val, UNIT, Preprocessing(subtract_mean="none", standardize=False))
            batches = Pipeline(data, "validation", recipe, as_it_is).batches()
            assert np.array_equal(np.asarray(next(iter(batches))[0]), data.x_val.astype(np.float32))
        else:
            said(source)


def test_long_doubles_have_a_remedy(tmp_path, monkeypatch):
    if np.dtype(np.longdouble).itemsize == 8:
        return  # where they are doubles there is nothing to convert
    monkeypatch.chdir(tmp_path)
    x = spread(0, 1).astype(np.longdouble)
    for key, sign in (("x", ""), ("x_train", "_train")):
        np.savez("long.npz", **{key: x, f"y{sign}": Y})
        assert said(lambda: load_data("long.npz")) == (
            f"long.npz: {key} is {x.dtype}, but pixels are real numbers of at most 64 bits\n"
            f"  convert it: {key}.astype('float32')"
        )


# one range and another


@pytest.mark.parametrize("own", RANGES, ids=str)
@pytest.mark.parametrize("other", RANGES, ids=str)
@pytest.mark.parametrize(
    "how",
    [{}, {"rescale": False}, {"subtract_mean": "image"}, {"subtract_mean": "none", "standardize": False},
     {"rescale": False, "subtract_mean": "none", "standardize": False}],
    ids=str,
)  # fmt: skip
def test_images_of_another_range_are_brought_to_the_own(own, other, how):
    shares = RANDOM.random((9, 4, 4, 3))
    mine, its = (given.low + given.width * shares for given in (own, other))
    normalizer = Normalizer.measure(mine, own, Preprocessing(**how))
    wanted = normalizer(mine)
    assert normalizer.reading(other)(its) == pytest.approx(wanted, abs=1e-4 * max(1.0, np.abs(wanted).max()))
    again = Normalizer.from_dict(normalizer.as_dict())
    assert again.pixel_range == own
    assert np.array_equal(again(mine), wanted)


@pytest.mark.parametrize("own", RANGES, ids=str)
def test_rescaled_pixels_are_0_to_1_in_any_range(own):
    x = np.array([own.low, own.high]).reshape(1, 2, 1, 1)
    how = Normalizer.measure(x, own, Preprocessing(subtract_mean="none", standardize=False))
    assert how(x).ravel() == pytest.approx([0, 1], abs=1e-6)
    raw = Normalizer.measure(x, own, Preprocessing(rescale=False, subtract_mean="none", standardize=False))
    assert raw(x).ravel() == pytest.approx([own.low, own.high])
    known = Normalizer.measure(
        x, own, Preprocessing(rescale=False, subtract_mean="none", standardize=False), PixelRange(0, 16)
    )
    assert known(x).ravel() == pytest.approx([0, 16], abs=1e-4)


@pytest.mark.parametrize(
    ("divisor", "mean", "deviation", "wanted"),
    [
        (255.0, 0.4, 0.2, BYTES), (16.0, 0.3, 0.4, PixelRange(0, 16)), (1.0, 120.0, 60.0, BYTES),
        (1.0, 0.4, 0.2, UNIT), (1.0, 0.4, 1.0, UNIT), (1.0, 0.0, 0.2, UNIT), (1.0, 0.0, 1.0, BYTES),
        (1.0, 117.0, 1.0, BYTES),
    ],
)  # fmt: skip
def test_a_file_from_before_ranges_were_kept_has_one(divisor, mean, deviation, wanted):
    data = {"divisor": divisor, "mean": [mean], "deviation": [deviation]}
    assert Normalizer.from_dict(data).pixel_range == wanted


# augmentation


AUGMENTATIONS = {
    "flip": {"flip": "horizontal"},
    "crop": {"crop": 1},
    "geometry": {"rotation": 20, "translation": 0.1, "zoom": 0.2},
    "colour": {"brightness": 0.3, "contrast": 0.5},
    "rand_augment": {"rand_augment": {"operations": 2, "magnitude": 20}},
    "pca": {"pca": 0.5},
}


@pytest.mark.parametrize("how", AUGMENTATIONS.values(), ids=AUGMENTATIONS.keys())
@pytest.mark.parametrize("own", RANGES, ids=str)
def test_augmentation_does_the_same_in_every_range(own, how):
    shares = RANDOM.random((20, 6, 6, 1))

    def augmented(given):
        x = given.low + given.width * shares
        data = Dataset("some", x, Y, x, Y, pixel_range=given)
        recipe = Recipe.model_validate({"augmentation": how, "batch_size": 20})
        raw = Normalizer.measure(x, given, Preprocessing(rescale=False, subtract_mean="none", standardize=False))
        batches = Pipeline(data, "training", recipe, raw)
        numbers = np.random.default_rng(1).random((20, len(NAMES)), np.float32)
        return np.asarray(batches.finish(x.astype(np.float32), Y, numbers, np.zeros((20, 0), np.float32))[0])

    found = augmented(own)
    assert own.low - 1e-4 * own.width <= found.min()
    assert found.max() <= own.high + 1e-4 * own.width
    assert own.scale(found) == pytest.approx(augmented(UNIT), abs=5e-3)


def test_a_flip_of_negative_pixels_is_a_flip():
    x = spread(-1, 1, count=20)
    recipe = Recipe.model_validate({"augmentation": {"flip": "horizontal"}})
    raw = Normalizer.measure(x, SIGNED, Preprocessing(rescale=False, subtract_mean="none", standardize=False))
    batches = Pipeline(Dataset("some", x, Y, x, Y), "training", recipe, raw)
    numbers = np.full((20, len(NAMES)), 0.1, np.float32)
    found = np.asarray(batches.finish(x, Y, numbers, np.zeros((20, 0), np.float32))[0])
    assert found == pytest.approx(x[:, :, ::-1], abs=1e-5)


def test_padding_is_black(tmp_path):
    np.savez(tmp_path / "some.npz", x=spread(-1, 1), y=Y)
    data = load_data(tmp_path / "some.npz", input_shape=(8, 8, 1), resize="pad")
    assert (data.x_train[:, 0] == -1).all()
