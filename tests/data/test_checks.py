"""Whether a network goes with its images."""

import pytest

from convspec.data import load_data
from convspec.data.checks import check_fits
from convspec.language.diagnostics import InputError

BUILT = "--input 8x8x1 builds the network for them"
RESIZED = f"{BUILT}; or --set train.preprocessing.resize=pad (or crop, stretch)"
FITS = {
    "of its size": ((8, 8, 1), 10, False, []),
    "of any size": ((None, None, 1), 10, True, []),
    "of another size": ((12, None, 1), 10, False, [f"images are 8x8x1, but the network reads 12x?x1\n  {RESIZED}"]),
    "of other channels": ((8, 8, 3), 10, False, [f"images are 8x8x1, but the network reads 8x8x3\n  {BUILT}"]),
    "trained for another size": (
        (12, 12, 1), 10, True,
        ["images are 8x8x1, but the network reads 12x12x1\n  "
         "--resize crop scales and crops all images (or stretch, or pad)"],
    ),
    "trained for other channels": (
        (8, 8, 3), 10, True, ["images are 8x8x1, but the network reads 8x8x3\n  take images of as many channels"]
    ),
    "of other classes": ((8, 8, 1), 7, False, ["has 10 classes, but the network has 7\n  --set classes=10"]),
    "trained for other classes": (
        (8, 8, 1), 7, True, ["has 10 classes, but the network has 7\n  take images of the network's classes"]
    ),
    "of neither": (
        (8, 9, 3), 7, False,
        [f"images are 8x8x1, but the network reads 8x9x3\n  {BUILT}",
         "has 10 classes, but the network has 7\n  --set classes=10"],
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", FITS)
def test_images_that_a_network_does_not_read_are_said_with_what_would_help(name):
    shape, classes, trained, expected = FITS[name]
    try:
        check_fits(load_data("digits"), shape, classes, trained=trained)
        found = ""
    except InputError as error:
        found = str(error)
    assert found == "\n".join(f"digits: it{'s' * text.startswith('images')} {text}" for text in expected)
