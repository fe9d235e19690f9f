"""Images that a camera stored on their side or mirrored: each is read upright, whatever its format."""

import io

import numpy as np
import pytest
from PIL import Image

from convspec.data import load_data
from convspec.data.pictures import decode, fit, read_picture, read_pictures
from convspec.language.diagnostics import InputError

UPRIGHT = {
    1: lambda a: a,
    2: lambda a: a[:, ::-1],
    3: lambda a: a[::-1, ::-1],
    4: lambda a: a[::-1],
    5: lambda a: a.swapaxes(0, 1),
    6: lambda a: np.rot90(a, -1),
    7: lambda a: a[::-1, ::-1].swapaxes(0, 1),
    8: lambda a: np.rot90(a, 1),
}
"""What shows each orientation upright: the rows and columns of tag 274 in the TIFF 6.0 specification."""

FORMATS = {
    "png": {},
    "jpg": {"quality": 100, "subsampling": 0},
    "webp": {"lossless": True},
    "tif": {},
    "lzw.tif": {"compression": "tiff_lzw"},
    "deflate.tiff": {"compression": "tiff_adobe_deflate"},
}
STORED = np.random.default_rng(0).integers(0, 256, (12, 8, 3), np.uint8)


def write(path, stored, orientation):
    kind = path.name.partition(".")[2]
    if kind.endswith(("tif", "tiff")):
        tags = {"tiffinfo": {274: orientation}}
    else:
        exif = Image.Exif()
        exif[274] = orientation
        tags = {"exif": exif}
    Image.fromarray(stored).save(path, **FORMATS[kind], **tags)
    return path


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("orientation", UPRIGHT)
@pytest.mark.parametrize("kind", FORMATS)
def test_every_orientation_is_read_upright(tmp_path, kind, orientation, channels):
    stored = STORED if channels == 3 else STORED[..., 0]
    path = write(tmp_path / f"o.{kind}", stored, orientation)
    if kind == "jpg":  # it keeps pixels only roughly: those that a reader gets who knows no orientation
        stored = np.asarray(Image.open(write(tmp_path / "plain.jpg", stored, 1)))
    wanted = UPRIGHT[orientation](stored).reshape(*((12, 8) if orientation < 5 else (8, 12)), channels)
    for resize in ("none", "pad", "crop", "stretch"):
        for size in ((None, None, channels), (*wanted.shape[:2], channels)):
            assert np.array_equal(read_pictures([path], size, resize)[0], wanted)
            assert np.array_equal(read_picture(path, size, resize), wanted)
    assert np.array_equal(decode(path, channels), wanted)


def test_a_folder_of_all_formats_and_orientations_has_one_size(tmp_path):
    for kind in FORMATS:
        (tmp_path / kind).mkdir()
        for orientation in UPRIGHT:
            stored = STORED if orientation < 5 else STORED.swapaxes(0, 1)
            write(tmp_path / kind / f"{orientation}.{kind}", stored, orientation)
    assert load_data(tmp_path, validation_split=0.5).input_shape == (12, 8, 3)


@pytest.mark.parametrize("kind", FORMATS)
def test_an_image_on_its_side_among_upright_ones_is_an_error(tmp_path, kind):
    files = [write(tmp_path / f"{orientation}.{kind}", STORED, orientation) for orientation in (1, 6)]
    with pytest.raises(InputError, match=r"6\.\S+: is 8x12, but the first image is 12x8\n  --set train\.preprocessing"):
        read_pictures(files, (None, None, None), "none")


def test_nothing_is_resized_where_the_recipe_says_none():
    with pytest.raises(InputError, match="an image is 12x8, where 8x12 are read"):
        fit(STORED, 8, 12, "none")
    assert fit(STORED, 12, 8, "none") is STORED


def test_an_image_whose_header_has_another_size_than_its_pixels_is_an_error(tmp_path, monkeypatch):
    path = write(tmp_path / "o.png", STORED, 1)
    other = io.BytesIO()
    Image.fromarray(STORED[:6]).save(other, "png")
    monkeypatch.setattr("convspec.data.pictures.decode", lambda *_: np.asarray(Image.open(other)))  # changed meanwhile
    with pytest.raises(InputError, match=r"o\.png: is 6x8, but the first image is 12x8"):
        read_pictures([path], (None, None, 3), "none")
