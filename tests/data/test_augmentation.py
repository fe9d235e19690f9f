"""Every augmentation against an independent reference, image by image: Pillow, colorsys, or the paper's arithmetic."""

import colorsys
import math

import numpy as np
import pytest
from PIL import Image, ImageEnhance, ImageOps
from sklearn.datasets import load_sample_images

from convspec.data.augmentation import augment, cut_out, mix
from convspec.data.draws import COLUMNS, NAMES
from convspec.data.rand_augment import operations
from convspec.language.recipe import Augmentation, Recipe

MIDDLE = dict.fromkeys(NAMES, 0.5) | {"flip_x": 0.9, "flip_y": 0.9}
LEVEL = 1 / 255
AROUND = 40  # pixels of repeated edge, so that Pillow finds them where it looks outside the image
HEIGHT, WIDTH = 19, 26


def photographs():
    """Twelve pieces of scikit-learn's photographs, one of them flat and one of few values, as bytes."""
    china, flower = load_sample_images().images
    corners = [(40 * number, 60 * number) for number in range(5)]
    pieces = [whole[y : y + 2 * HEIGHT : 2, x : x + 2 * WIDTH : 2] for whole in (china, flower) for y, x in corners]
    flat = np.full((HEIGHT, WIDTH, 3), (30, 90, 200))
    few = np.random.default_rng(0).choice([0, 1, 128, 254, 255], (HEIGHT, WIDTH, 3))
    return np.stack([*pieces, flat, few]).astype(np.uint8)


PHOTOGRAPHS = photographs()
GREYS = np.stack([np.asarray(Image.fromarray(image).convert("L"))[..., None] for image in PHOTOGRAPHS])


def draws(batch, **numbers):
    """Random numbers that do nothing, but for those named."""
    rows = np.tile(np.array([MIDDLE[name] for name in NAMES], np.float32), (batch, 1))
    for name, value in numbers.items():
        rows[:, COLUMNS[name]] = value
    return rows


def changed(images, how, numbers=None, components=None, **named):
    """Bytes through an augmentation, back as numbers from 0 to 255."""
    numbers = draws(len(images), **named) if numbers is None else numbers
    found = augment(
        images.astype(np.float32) * np.float32(LEVEL), numbers, Augmentation.model_validate(how), components
    )
    return 255 * np.asarray(found)


def pillow(images, change):
    """What a function of Pillow images does to each."""
    found = [np.asarray(change(Image.fromarray(image.squeeze()))) for image in images]
    return np.stack(found).reshape(images.shape)


def moved(image, matrix):
    """Pillow's affine transform of an image whose edge is repeated; the matrix is about its upper left corner."""
    a, b, c, d, e, f = matrix
    pixels = np.asarray(image)
    padding = ((AROUND, AROUND), (AROUND, AROUND), (0, 0))[: pixels.ndim]
    padded = Image.fromarray(np.pad(pixels, padding, mode="edge"))
    c, f = c + AROUND * (1 - a - b), f + AROUND * (1 - d - e)
    found = padded.transform(padded.size, Image.Transform.AFFINE, (a, b, c, d, e, f), Image.Resampling.BILINEAR)
    return found.crop((AROUND, AROUND, AROUND + image.width, AROUND + image.height))


def rotated(image, degrees):
    pixels = np.asarray(image)
    padding = ((AROUND, AROUND), (AROUND, AROUND), (0, 0))[: pixels.ndim]
    padded = Image.fromarray(np.pad(pixels, padding, mode="edge"))
    found = padded.rotate(degrees, Image.Resampling.BILINEAR)
    return found.crop((AROUND, AROUND, AROUND + image.width, AROUND + image.height))


# what moves pixels


@pytest.mark.parametrize("images", [PHOTOGRAPHS, GREYS], ids=["colour", "grey"])
def test_flips_are_exact(images):
    for flip in ("horizontal", "vertical", "both"):
        for low in ({"flip_x": 0.1}, {"flip_y": 0.1}, {"flip_x": 0.1, "flip_y": 0.1}, {}):

            def change(image, flip=flip, low=low):
                image = ImageOps.mirror(image) if "flip_x" in low and flip != "vertical" else image
                return ImageOps.flip(image) if "flip_y" in low and flip != "horizontal" else image

            assert changed(images, {"flip": flip}, **low) == pytest.approx(pillow(images, change), abs=1e-3)


def test_half_of_the_images_are_flipped():
    images = np.tile(PHOTOGRAPHS[:1, :4, :4], (4000, 1, 1, 1))
    numbers = np.random.default_rng(0).random((4000, len(NAMES)), np.float32)
    found = changed(images, {"flip": "horizontal"}, numbers)
    assert np.mean(np.abs(found - images).max(axis=(1, 2, 3)) > 1) == pytest.approx(0.5, abs=0.03)


@pytest.mark.parametrize("crop", [1, 2, 3])
def test_a_crop_pads_and_crops_by_whole_pixels_each_as_often(crop):
    images = np.repeat(PHOTOGRAPHS[:1], 3000, axis=0)[:, :8, :7]
    numbers = np.random.default_rng(0).random((3000, len(NAMES)), np.float32)
    found = np.round(changed(images, {"crop": crop}, numbers)).astype(np.uint8)
    padded = np.pad(images[0], ((crop, crop), (crop, crop), (0, 0)), mode="edge")
    places = {padded[y : y + 8, x : x + 7].tobytes(): (y, x) for y in range(2 * crop + 1) for x in range(2 * crop + 1)}
    counts = np.zeros((2 * crop + 1, 2 * crop + 1))
    for image in found:
        counts[places[image.tobytes()]] += 1
    assert counts.min() > 0.5 * 3000 / counts.size
    assert counts.max() < 1.6 * 3000 / counts.size


@pytest.mark.parametrize("crop", [1.5, -1, "2"])
def test_a_crop_is_of_whole_pixels(crop):
    with pytest.raises(ValueError, match="crop"):
        Recipe.model_validate({"augmentation": {"crop": crop}})


@pytest.mark.parametrize("number", [0.0, 0.3, 0.5, 0.8, 1.0])
def test_rotation_zoom_and_translation_are_pillows(number):
    signed = 2 * number - 1
    found = changed(PHOTOGRAPHS, {"rotation": 25}, rotation=number)
    assert found == pytest.approx(pillow(PHOTOGRAPHS, lambda image: rotated(image, 25 * signed)), abs=1.6)
    scale = 1 / (1 + 0.4 * signed)
    matrix = (scale, 0, WIDTH / 2 * (1 - scale), 0, scale, HEIGHT / 2 * (1 - scale))
    found = changed(PHOTOGRAPHS, {"zoom": 0.4}, zoom=number)
    assert found == pytest.approx(pillow(PHOTOGRAPHS, lambda image: moved(image, matrix)), abs=1.6)
    matrix = (1, 0, signed * 0.3 * WIDTH, 0, 1, -signed * 0.3 * HEIGHT)
    found = changed(PHOTOGRAPHS, {"translation": 0.3}, shift_x=number, shift_y=1 - number)
    assert found == pytest.approx(pillow(PHOTOGRAPHS, lambda image: moved(image, matrix)), abs=1.6)


def test_all_moves_together_are_one_after_the_other():
    """A flip of a zoom of a turn of a shift: the smooth image keeps the second interpolation's part small."""
    y, x = np.mgrid[:HEIGHT, :WIDTH]
    smooth = (40 + 3.0 * x + 5.0 * y)[None, ..., None].astype(np.uint8)
    how = {"flip": "horizontal", "rotation": 20, "zoom": 0.2, "translation": 0.1, "crop": 2}
    named = {"flip_x": 0.1, "rotation": 0.9, "zoom": 0.2, "shift_x": 0.7, "shift_y": 0.4, "crop_x": 0.99, "crop_y": 0.0}

    def change(image):
        shift = (1, 0, 0.4 * 0.1 * WIDTH + 2, 0, 1, -0.2 * 0.1 * HEIGHT - 2)
        scale = 1 / (1 - 0.6 * 0.2)
        zoom = (scale, 0, WIDTH / 2 * (1 - scale), 0, scale, HEIGHT / 2 * (1 - scale))
        return moved(rotated(ImageOps.mirror(moved(image, shift)), 0), zoom)

    alone = {**how, "rotation": 0}
    inner = np.s_[:, 5:-5, 6:-6]
    assert changed(smooth, alone, **named)[inner] == pytest.approx(pillow(smooth, change)[inner], abs=3)
    turned = changed(smooth, {**how, "flip": "none", "crop": 0, "translation": 0}, **named)

    def turn(image):
        scale = 1 / (1 - 0.6 * 0.2)
        return moved(rotated(image, 0.8 * 20), (scale, 0, WIDTH / 2 * (1 - scale), 0, scale, HEIGHT / 2 * (1 - scale)))

    assert turned[inner] == pytest.approx(pillow(smooth, turn)[inner], abs=3)


# what changes values


@pytest.mark.parametrize("number", [0.0, 0.2, 0.5, 0.9, 1.0])
@pytest.mark.parametrize("images", [PHOTOGRAPHS, GREYS], ids=["colour", "grey"])
def test_brightness_and_contrast(images, number):
    signed = 2 * number - 1
    brighter = np.clip(images + 255 * 0.4 * signed, 0, 255)  # Keras's RandomBrightness
    assert changed(images, {"brightness": 0.4}, brightness=number) == pytest.approx(brighter, abs=1e-3)
    wanted = pillow(images, lambda image: ImageEnhance.Contrast(image).enhance(1 + 0.8 * signed))
    assert changed(images, {"contrast": 0.8}, contrast=number) == pytest.approx(wanted, abs=2.5)


@pytest.mark.parametrize("number", [0.0, 0.2, 0.5, 0.9, 1.0])
def test_saturation_is_pillows(number):
    wanted = pillow(PHOTOGRAPHS, lambda image: ImageEnhance.Color(image).enhance(1 + 0.8 * (2 * number - 1)))
    assert changed(PHOTOGRAPHS, {"saturation": 0.8}, saturation=number) == pytest.approx(wanted, abs=2.5)


@pytest.mark.parametrize("number", [0.0, 0.2, 0.5, 0.9, 1.0])
def test_hue_turns_the_circle_of_colorsys(number):
    turn = (2 * number - 1) * 90 / 360

    def turned(pixel):
        hue, saturation, value = colorsys.rgb_to_hsv(*(pixel / 255))
        return colorsys.hsv_to_rgb((hue + turn) % 1.0, saturation, value)

    images = PHOTOGRAPHS[[0, 7, 11], :6, :6]
    wanted = 255 * np.apply_along_axis(turned, -1, images.astype(np.float64))
    assert changed(images, {"hue": 90}, hue=number) == pytest.approx(wanted, abs=0.1)


def test_changes_are_cut_off_one_after_the_other():
    how = {"brightness": 1.0, "contrast": 1.0}
    whitened = changed(PHOTOGRAPHS, how, brightness=0.95, contrast=0.1)
    assert (whitened.min(), whitened.max()) >= (0, 0)
    bright = np.clip(PHOTOGRAPHS + 255 * 0.9, 0, 255)
    grey = (bright @ np.array([0.299, 0.587, 0.114])).mean(axis=(1, 2))[:, None, None, None]
    assert whitened == pytest.approx(np.clip(grey + (bright - grey) * 0.2, 0, 255), abs=0.01)


def test_cutout_is_the_papers():
    """DeVries & Taylor's code: a square around a pixel drawn from the whole image, cut off at its border."""
    numbers = np.random.default_rng(0).random((500, len(NAMES)), np.float32)
    for side in (1, 4, 5, 12):
        found = np.asarray(cut_out(np.ones((500, HEIGHT, WIDTH, 2), np.float32), numbers, side))
        for image, row in zip(found, numbers, strict=True):
            y, x = row[COLUMNS["cut_y"]] * HEIGHT, row[COLUMNS["cut_x"]] * WIDTH
            top, left = math.ceil(y - side / 2 - 0.5), math.ceil(x - side / 2 - 0.5)
            wanted = np.ones((HEIGHT, WIDTH, 2))
            wanted[max(top, 0) : max(top + side, 0), max(left, 0) : max(left + side, 0)] = 0
            assert np.array_equal(image, wanted)


# mixing


def test_mixup_is_the_papers():
    random = np.random.default_rng(0)
    x, y = random.random((7, 5, 6, 3)).astype(np.float32), np.eye(7, dtype=np.float32)
    kept = random.random(7).astype(np.float32)
    found, labels = mix(x, y, np.stack([kept, np.ones(7), *random.random((2, 7))], axis=1).astype(np.float32))
    for number, share in enumerate(kept):
        other = number - 1
        assert np.asarray(found)[number] == pytest.approx(share * x[number] + (1 - share) * x[other], abs=1e-6)
        assert np.asarray(labels)[number] == pytest.approx(share * y[number] + (1 - share) * y[other], abs=1e-6)


def test_cutmix_is_the_papers():
    """Yun et al., algorithm A1: sides are sqrt(1 - share) of the image's; labels follow the pixels that are pasted."""
    random = np.random.default_rng(0)
    count, size = 300, 40
    x = np.broadcast_to(np.arange(count, dtype=np.float32)[:, None, None, None], (count, size, size, 1))
    y = np.eye(count, dtype=np.float32)
    numbers = np.concatenate([np.ones((count, 1)), random.random((count, 3))], axis=1).astype(np.float32)
    found, labels = (np.asarray(part) for part in mix(x, y, numbers))
    for number, (_, share, centre_y, centre_x) in enumerate(numbers):
        pasted = found[number, ..., 0] != number
        rows, columns = np.flatnonzero(pasted.any(axis=1)), np.flatnonzero(pasted.any(axis=0))
        side = size * math.sqrt(1 - share)
        for places, centre in ((rows, centre_y * size), (columns, centre_x * size)):
            if places.size:
                assert places[0] == pytest.approx(max(0, centre - side / 2), abs=1)
                assert places[-1] + 1 == pytest.approx(min(size, centre + side / 2), abs=1)
        assert pasted.sum() == rows.size * columns.size
        assert (found[number][pasted] == (number - 1) % count).all()
        assert labels[number, number] == pytest.approx(1 - pasted.mean(), abs=1e-5)
        assert labels[number].sum() == pytest.approx(1, abs=1e-5)


# RandAugment


def reference(name, image, magnitude, sign):
    """An operation as the paper's code and torchvision have it, by Pillow."""
    share = magnitude / 30
    factor = 1 + sign * 0.9 * share
    shear, corner = sign * 0.3 * share, (1, 0, 0, 0, 1, 0)
    operation = {
        "identity": lambda: image,
        "auto_contrast": lambda: ImageOps.autocontrast(image),
        "equalize": lambda: ImageOps.equalize(image),
        "solarize": lambda: ImageOps.solarize(image, round(255 * (1 - share), 6)),
        "posterize": lambda: ImageOps.posterize(image, 8 - round(4 * share)),
        "colour": lambda: ImageEnhance.Color(image).enhance(factor),
        "contrast": lambda: ImageEnhance.Contrast(image).enhance(factor),
        "brightness": lambda: ImageEnhance.Brightness(image).enhance(factor),
        "sharpness": lambda: ImageEnhance.Sharpness(image).enhance(factor),
        "rotate": lambda: rotated(image, sign * 30 * share),
        "shear_x": lambda: moved(image, (1, shear, *corner[2:])),
        "shear_y": lambda: moved(image, (*corner[:3], shear, 1, 0)),
        "translate_x": lambda: moved(image, (1, 0, sign * int(150 / 331 * image.width * share), 0, 1, 0)),
        "translate_y": lambda: moved(image, (1, 0, 0, 0, 1, sign * int(150 / 331 * image.height * share))),
    }
    return operation[name]()


def one_operation(name, images, magnitude, sign):
    names = operations(images.shape[-1])
    how = {"rand_augment": {"operations": 1, "magnitude": magnitude}}
    place = (names.index(name) + 0.5) / len(names)
    return changed(images, how, operation_0=place, sign_0=0.1 if sign < 0 else 0.9)


@pytest.mark.parametrize("name", operations(3))
@pytest.mark.parametrize(("magnitude", "sign"), [(4, 1), (10, -1), (20, 1), (20, -1), (29, -1), (30, 1)])
def test_each_operation_is_pillows(name, magnitude, sign):
    for images in (PHOTOGRAPHS, GREYS):
        if name not in operations(images.shape[-1]):
            continue
        found = one_operation(name, images, magnitude, sign)
        wanted = pillow(images, lambda image: reference(name, image, magnitude, sign))
        assert found == pytest.approx(wanted, abs=2.5)  # Pillow rounds to whole levels, its greys and means too
        assert np.abs(found - wanted).mean() < 0.8


def test_what_changes_no_single_operation_changes_nothing_at_all():
    assert np.array_equal(
        changed(PHOTOGRAPHS, {"rand_augment": {"operations": 2, "magnitude": 0}}).round(), PHOTOGRAPHS
    )
    assert changed(PHOTOGRAPHS, {}) == pytest.approx(PHOTOGRAPHS, abs=1e-4)


def test_operations_follow_one_another():
    """Two drawn for each of 300 images. Of a second one that takes its measure from extremes or ranks of levels, a
    rounding of Pillow's first one changes the whole result, and where a threshold is crossed the odd pixel."""
    images = np.repeat(PHOTOGRAPHS[:10], 30, axis=0)
    numbers = np.random.default_rng(0).random((300, len(NAMES)), np.float32)
    found = changed(images, {"rand_augment": {"operations": 2, "magnitude": 15}}, numbers)
    names, far = operations(3), []
    for image, row, result in zip(images, numbers, found, strict=True):
        wanted = Image.fromarray(image)
        for slot in range(2):
            name = names[int(row[COLUMNS[f"operation_{slot}"]] * len(names))]
            wanted = reference(name, wanted, 15, -1 if row[COLUMNS[f"sign_{slot}"]] < 0.5 else 1)
        if name not in ("auto_contrast", "equalize"):
            far.append((np.abs(result - np.asarray(wanted)) > 6).mean())
    assert len(far) > 200
    assert np.mean(far) < 0.001
    assert max(far) < 0.05


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("magnitude", [5, 10, 20, 29])
def test_of_all_pairs_of_operations_identity_alone_changes_nothing(magnitude, channels):
    """Every operation and sign after every other: 0.5 % of colour images and 0.6 % of grey ones stay as they are."""
    names = operations(channels)
    pairs = np.array(
        [(a, s, b, t) for a in range(len(names)) for s in (0, 1) for b in range(len(names)) for t in (0, 1)]
    )
    numbers = draws(len(pairs))
    for slot in range(2):
        numbers[:, COLUMNS[f"operation_{slot}"]] = (pairs[:, 2 * slot] + 0.5) / len(names)
        numbers[:, COLUMNS[f"sign_{slot}"]] = 0.25 + 0.5 * pairs[:, 2 * slot + 1]
    noise = np.random.default_rng(magnitude).integers(20, 230, (1, 20, 22, channels)).astype(np.uint8)
    images = np.repeat(noise, len(pairs), axis=0)
    found = changed(images, {"rand_augment": {"operations": 2, "magnitude": magnitude}}, numbers)
    unchanged = np.abs(found - images).max(axis=(1, 2, 3)) < 0.4
    idle = ["identity"] if magnitude < 29 else ["identity", "solarize"]  # all pixels inverted, and once more
    expected = sum((pairs[:, 0] == names.index(name)) & (pairs[:, 2] == names.index(name)) for name in idle)
    assert np.array_equal(unchanged, expected > 0)
    assert unchanged.mean() == pytest.approx(len(idle) / len(names) ** 2)
    assert found.min() >= 0
    assert found.max() <= 255
    assert magnitude > 20 or (found.max(axis=(1, 2, 3)) > 30).all()
