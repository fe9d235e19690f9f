"""Image files: which are read, and how they come to one size."""

import warnings
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from PIL import Image

from convspec.data import load_data
from convspec.data.pictures import read_picture

from .written import diagnostics, write_images


def test_images_of_other_sizes_come_to_one_size_where_the_recipe_says_so(tmp_path):
    write_images(tmp_path / "a", classes=("cat",))
    write_images(tmp_path / "a2", classes=("dog",), size=(9, 9))
    (tmp_path / "a2" / "dog").rename(tmp_path / "a" / "dog")
    for resize in ("stretch", "crop", "pad"):
        assert load_data(tmp_path / "a", input_shape=(8, 8, 3), resize=resize).input_shape == (8, 8, 3)


def test_padding_puts_a_smaller_image_in_the_middle_of_zeros():
    small, padded = load_data("digits"), load_data("digits", input_shape=(12, 12, 1), resize="pad")
    assert np.array_equal(padded.x_train[:, 2:10, 2:10], small.x_train)
    assert padded.x_train.sum() == small.x_train.sum()


def test_every_unreadable_image_is_named(tmp_path, monkeypatch):
    monkeypatch.chdir(write_images(tmp_path / "pets").parent)
    (tmp_path / "pets" / "cat" / "0.png").write_bytes(b"no image")
    whole = (tmp_path / "pets" / "dog" / "3.png").read_bytes()
    (tmp_path / "pets" / "dog" / "2.png").write_bytes(whole[: len(whole) // 2])
    first, second = diagnostics("pets").splitlines()
    assert first == "pets/cat/0.png: cannot be read as an image: it is empty or of no known format"
    assert second.startswith("pets/dog/2.png: cannot be read as an image: ")


def test_reading_leaves_the_warning_filters_alone_also_from_several_threads(tmp_path):
    folder = write_images(tmp_path / "pets", count=100)
    before = list(warnings.filters)
    with ThreadPoolExecutor(8) as threads:
        sets = list(threads.map(load_data, [folder] * 8))
    assert warnings.filters == before
    assert len({found.fingerprint for found in sets}) == 1


def test_a_palette_with_transparency_is_an_image(tmp_path):
    folder = write_images(tmp_path / "pets", size=(4, 4))
    image = Image.new("P", (4, 4), 1)
    image.putpalette([0, 0, 0, 10, 20, 30])
    image.save(folder / "cat" / "0.png", transparency=bytes([0, 128]))
    data = load_data(folder, validation_split=0.3)
    assert [10, 20, 30] in np.concatenate([data.x_train, data.x_val]).reshape(-1, 3).tolist()


def test_an_image_of_too_many_pixels_is_rejected(tmp_path, monkeypatch):
    folder = write_images(tmp_path / "pets", size=(4, 4))
    Image.new("1", (20_000, 5_000)).save(folder / "cat" / "0.png")
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", None)  # so that Pillow itself says nothing
    assert diagnostics(folder).splitlines()[0].endswith("0.png: has 100,000,000 pixels; at most 89,478,485 are read")


def test_an_image_of_another_size_is_named_with_both_sizes(tmp_path, monkeypatch):
    monkeypatch.chdir(write_images(tmp_path / "pets").parent)
    Image.new("RGB", (7, 9)).save("pets/dog/1.png")
    assert diagnostics("pets", input_shape=(6, 5, 3)) == (
        "pets/dog/1.png: is 9x7, but the network reads 6x5\n"
        '  overrides={"train.preprocessing.resize": "crop"} scales and crops all images (or stretch, or pad)'
    )


@pytest.mark.parametrize("resize", ["stretch", "crop", "pad"])
def test_one_image_is_resized_as_a_whole_folder_is(tmp_path, resize):
    folder = write_images(tmp_path / "pets", count=2, size=(9, 4))
    data = load_data(folder, validation_split=0.5, input_shape=(6, 6, 3), resize=resize)
    one = read_picture(folder / "cat" / "0.png", (6, 6, 3), resize)
    assert any(np.array_equal(one, other) for other in [*data.x_train, *data.x_val])
    others = [read_picture(folder / "cat" / "0.png", (6, 6, 3), how) for how in ("stretch", "crop", "pad")]
    assert sum(np.array_equal(one, other) for other in others) == 1
