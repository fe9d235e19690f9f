"""The part of a recipe that touches pixels: what is done to all images, and what only to training images."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from pydantic import Field

from ..blocks.pydantic_model import Model
from .diagnostics import Diagnostic


class Preprocessing(Model):
    """What is done to every image, in this order: resize, rescale, subtract the mean, divide by the deviation.

    Means and deviations are taken from the training images only, once, and are kept beside the model.
    """

    resize: Literal["none", "stretch", "crop", "pad"] = Field(
        default="none",
        description="how images of another size come to the network's: not at all (an error), stretched, scaled and "
        "cropped in the middle, or put in the middle of zeros (scaled down first where they are larger)",
    )
    rescale: bool = Field(
        default=True, description="divide by the largest value a pixel can have, so that pixels are 0 to 1"
    )
    subtract_mean: Literal["none", "channel", "image"] = Field(
        default="channel", description="one mean for each channel (as VGG), or the mean image (as AlexNet)"
    )
    standardize: bool = Field(default=True, description="divide by the standard deviation of each channel (as ResNet)")


class RandAugment(Model):
    """RandAugment (Cubuk et al. 2019, arXiv:1909.13719): a few operations in sequence, drawn for each image.

    Of the paper's 14 operations, images that are not of three channels leave out the change of colour.
    """

    operations: int = Field(default=2, ge=0, le=12, description="operations for each image; 0 switches RandAugment off")
    magnitude: float = Field(default=10.0, ge=0, le=30, description="strength of all of them, 0 to 30")


class Augmentation(Model):
    """What is done to training images only, drawn anew for each image and epoch; a field at 0 does nothing.

    In this order: one geometric step (flip, crop, rotation, translation, zoom), RandAugment, colour (brightness,
    contrast, saturation, hue, `pca`, each cut off at black and white), cutout. Pixels from outside the image repeat its
    edge, unless `fill_mode` says otherwise.
    """

    flip: Literal["none", "horizontal", "vertical", "both"] = Field(
        default="none", description="mirror half of the images"
    )
    crop: int = Field(
        default=0, ge=0, description="shift by up to so many whole pixels each way: pad, then crop at random"
    )
    fill_mode: Literal["nearest", "constant", "reflect"] = Field(
        default="nearest", description="what lies outside the image: its edge repeated, black, or its mirror image"
    )
    rotation: float = Field(default=0.0, ge=0, le=180, description="largest angle, degrees, either way")
    translation: float = Field(default=0.0, ge=0, le=1, description="largest shift, as a fraction of the side")
    zoom: float = Field(default=0.0, ge=0, lt=1, description="largest change of size: 0.2 is from 0.8 to 1.2 times")
    brightness: float = Field(
        default=0.0, ge=0, le=1, description="largest change of all pixels, as a fraction of their range"
    )
    contrast: float = Field(
        default=0.0, ge=0, le=1, description="largest relative change of the distance to the mean grey"
    )
    saturation: float = Field(default=0.0, ge=0, le=1, description="largest relative change of the distance to grey")
    hue: float = Field(
        default=0.0, ge=0, le=180, description="largest turn of the colour circle (HSV), degrees, either way"
    )
    pca: float = Field(
        default=0.0,
        ge=0,
        le=1,
        description="shift of all pixels along the principal components of the training images' colours, by their "
        "variances times normal numbers of this deviation (Krizhevsky et al. 2012, section 4.1: 0.1)",
    )
    cutout: int = Field(
        default=0, ge=0, description="side in pixels of a square of zeros (DeVries & Taylor, arXiv:1708.04552)"
    )
    rand_augment: RandAugment = Field(
        default=RandAugment.model_construct(operations=0, magnitude=10.0), description="RandAugment; off unless given"
    )

    @property
    def active(self) -> bool:
        """Whether any of it does anything."""
        scalars = (
            self.crop, self.rotation, self.translation, self.zoom, self.brightness, self.contrast, self.saturation,
            self.hue, self.pca, self.cutout, self.rand_augment.operations and self.rand_augment.magnitude,
        )  # fmt: skip
        return self.flip != "none" or any(value > 0 for value in scalars)

    def too_large(self, height: int, width: int) -> Iterator[Diagnostic]:
        """An error for each shift by more than half of the image, and for a square as large as the image."""
        side = min(height, width)
        for name, pixels in (("crop", self.crop), ("translation", self.translation * side)):
            if pixels > side / 2:
                yield _size_diagnostic(name, f"shifts by up to {pixels:g} pixels", height, width, side // 8)
        if self.cutout >= side:
            yield _size_diagnostic("cutout", f"erases a square of {self.cutout}", height, width, side // 4)

    def without_meaning(self, channels: int) -> Iterator[Diagnostic]:
        """An error for each change of colour that images of so many channels do not have."""
        if channels > 3 and self.pca:
            yield Diagnostic(f"is for up to 3 channels, not {channels}", path="train.augmentation.pca")
        for name in ("saturation", "hue"):
            if channels != 3 and getattr(self, name) > 0:
                yield Diagnostic(
                    f"has no meaning for images of {channels} channel(s)", path=f"train.augmentation.{name}"
                )

    def rather_large(self, height: int, width: int) -> Iterator[str]:
        """A sentence for each shift by more than a quarter of the image, and for a square of more than half of it."""
        side = min(height, width)
        for name, pixels in (("crop", self.crop), ("translation", self.translation * side)):
            if side / 4 < pixels <= side / 2:
                yield f"train.augmentation.{name} shifts images of {height}x{width} by up to {pixels:g} pixels"
        if side / 2 < self.cutout < side:
            yield f"train.augmentation.cutout erases {self.cutout} pixels of {side} each way"


def _size_diagnostic(name: str, what: str, height: int, width: int, fitting: int) -> Diagnostic:
    value = f"{fitting / min(height, width):.2g}" if name == "translation" else f"{fitting}"
    remedy = f"`{name}: {value}` is small against them"
    message = f"{what}, which leaves little or nothing of images of {height}x{width}"
    return Diagnostic(message, path=f"train.augmentation.{name}", remedy=remedy)
