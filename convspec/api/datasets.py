"""The images that a call is given."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from ..data import Dataset, load_data
from ..data.cache import each_split_once
from ..data.checks import check_fits
from ..keras_import import import_keras
from ..language import Spec
from ..language.trainable import check_trainable, training_classes
from ..log import get_logger
from ..option_names import spoken
from .sources import Place, check_has_use

if TYPE_CHECKING:
    from ..data.pixels import PixelRange

logger = get_logger(__name__)


def open_dataset(
    data: Place | Dataset, spec: Spec, data_dir: Place | None, pixel_range: Sequence[float] | None
) -> Dataset:
    """The images, split and sized as the spec asks. Raises `InputError` where they do not fit it."""
    check_has_use(data, data_dir=data_dir, pixel_range=pixel_range)
    classes = training_classes(spec)
    if isinstance(data, Dataset):
        dataset = data.checked()
    else:
        if isinstance(data, str) and data.startswith("tfds:"):  # it imports TensorFlow, and not quietly
            import_keras()
        dataset = load_data(
            data,
            validation_split=spec.train.validation_split,
            seed=spec.train.seed,
            data_dir=data_dir,
            input_shape=spec.input,
            resize=spec.train.preprocessing.resize,
            pixel_range=pixel_range,
        )
    check_fits(dataset, spec.input, classes)
    check_trainable(spec, classes)
    if not isinstance(data, Dataset):
        note_range(dataset)
    return dataset


def dataset_of(
    data: Place | Dataset, data_dir: Place | None, pixel_range: Sequence[float] | None
) -> Callable[[Spec], Dataset]:
    """What gives the images for a spec, and reads them once for each size and split."""
    return each_split_once(lambda spec: open_dataset(data, spec, data_dir, pixel_range))


def note_range(dataset: Dataset, trained: PixelRange | None = None) -> None:
    """Log which values are black and white, where nobody declared them or a network knows others."""
    given = dataset.pixel_range
    if given.origin:
        message = spoken("%s: pixels %s, %s; --pixel-range declares another range")
        logger.warning(message, dataset.name, given, given.origin)
    if trained is not None and given != trained:
        logger.warning("%s: pixels %s are brought to the network's %s", dataset.name, given, trained)
