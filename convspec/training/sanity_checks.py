"""What is worth knowing before a long run (CS231n's sanity checks), each a line with a number and its meaning."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import keras
import numpy as np
from numpy.typing import NDArray

from ..data.dataset import Dataset
from ..data.pipeline import Pipeline
from ..data.preprocessing import Normalizer
from ..graph.activation import ACTIVATIONS, UNKNOWN
from ..language.recipe import Augmentation, Optimizer, Recipe
from ..language.short_runs import short_run_warnings
from ..language.trainable import check_outputs
from ..printing import counted
from .batch_norm import momentum_of
from .compiling import compile_model, create_state, model_outputs, structure_of, value_of
from .output_kind import as_probabilities
from .predictor import main_output
from .pretrained import normalizer_for
from .range_test import range_test

LOSS_OFF = 0.25  # of ln(classes), within which a network without favourites begins
LOGITS = 0.45  # what logits of deviation 1 add, which of two classes is more than that share
NEIGHBOURS, PROBED = 5, 2000  # whose labels guess an image's own, and the images that are guessed
COARSE = 16  # pixels each way that neighbours are sought by
EXAMPLES, UPDATES = 20, 300  # the handful to overfit, and how long it may take
BATCH = 256  # images that represent the data set where one batch is checked


@dataclass(frozen=True)
class Line:
    """One finding: its name, the number, what the number means, and whether something seems wrong."""

    name: str
    value: str
    meaning: str
    ok: bool = True

    def __str__(self) -> str:
        return f"{'ok' if self.ok else 'WARN':4}  {self.name:20}  {self.value:>14}  {self.meaning}"


def sanity_checks(
    model: keras.Model,
    recipe: Recipe,
    dataset: Dataset,
    *,
    loss_weights: Mapping[str, float] | None = None,
    picture: Path | None = None,
) -> Iterator[Line]:
    """Check data, first loss, gradients, activations, overfitting and learning rate; the cheap ones first.

    The model is compiled anew and gets its weights back after each check. `picture` is where the learning-rate range
    test is drawn.
    """
    check_outputs(model_outputs(model), dataset.classes)
    yield from data_lines(dataset)
    yield label_line(dataset)
    normalizer = normalizer_for(model, recipe, dataset)
    x, y = _batch(model, recipe, dataset, normalizer, BATCH)
    yield input_line(x)
    if recipe.augmentation.active:
        yield augmentation_line(model, recipe, dataset, normalizer)
    yield from run_lines(model, recipe, dataset)
    yield first_loss(model, x, y, dataset.classes, model.losses)
    yield from gradient_lines(model, recipe, x, y, loss_weights)
    yield from dead_relus(model, x)
    yield overfitting(model, recipe, *_batch(model, recipe, dataset, normalizer, EXAMPLES), loss_weights)
    yield range_line(model, _pipeline(model, recipe, dataset, normalizer), loss_weights, picture)


def data_lines(dataset: Dataset) -> Iterator[Line]:
    """Images that say nothing, or that say too much because another part has them too."""
    flat = sum(bool((image == image.flat[0]).all()) for image in dataset.x_train)
    yield Line("constant images", str(flat), "training images of one single value", ok=not flat)
    digests = _digests(dataset.x_train)
    seen = set(digests)
    repeated = len(dataset.x_train) - len(seen)
    share = repeated / len(dataset.x_train)
    torn = _contradictions(digests, dataset)
    yield Line("contradictions", str(torn), "training images that are there again with another label", ok=not torn)
    counts = np.bincount(dataset.y_train, minlength=dataset.classes)
    largest = float(counts.max() / counts.sum())
    empty = int((counts == 0).sum())
    meaning = f"of training images are of the class {dataset.class_names[int(counts.argmax())]}"
    meaning += f", and {empty} of {dataset.classes} classes have none" if empty else ""
    yield Line("largest class", f"{100 * largest:.0f} %", meaning, largest <= 0.95 and not empty)
    yield Line("duplicate images", str(repeated), f"training images that are there already ({share:.1%})", share < 0.01)
    for part, (x, _) in list(dataset.parts.items())[1:]:
        leaked = sum(digest in seen for digest in _digests(x))
        meaning = f"of {len(x)} {part} images are training images too; they flatter the accuracy"
        yield Line(f"leak into {part}"[:20], str(leaked), meaning, ok=leaked <= 0.001 * len(x))


def label_line(dataset: Dataset) -> Line:
    """Whether similar images have the same label more often than chance; they do not if labels are mixed up.

    Each of up to 2,000 images is guessed from the five nearest others by its pixels, at most 16x16 of them. Chance is
    the share of the largest class, and two standard deviations above it are asked for.
    """
    from sklearn.neighbors import KNeighborsClassifier

    chosen = np.random.default_rng(0).permutation(len(dataset.y_train))[:PROBED]
    y = dataset.y_train[chosen]
    chance = float(np.bincount(y).max() / len(y))
    if len(y) < 10 * NEIGHBOURS:
        return Line("labels", "unknown", f"{len(y)} training images are too few to say whether labels follow them")
    step_y, step_x = (-(-size // COARSE) for size in dataset.input_shape[:2])
    x = dataset.x_train[np.sort(chosen)][:, ::step_y, ::step_x].reshape(len(y), -1).astype(np.float32)
    y = dataset.y_train[np.sort(chosen)]
    nearest = KNeighborsClassifier(NEIGHBOURS + 1).fit(x, y).kneighbors(x, return_distance=False)
    others = np.stack([row[row != number][:NEIGHBOURS] for number, row in enumerate(nearest)])
    guesses = np.stack([np.bincount(row, minlength=dataset.classes) for row in y[others]]).argmax(axis=1)
    share = float((guesses == y).mean())
    wanted = chance + 2 * math.sqrt(chance * (1 - chance) / len(y))
    meaning = f"of images have the label of similar images; by chance {100 * chance:.0f} %"
    return Line("labels", f"{100 * share:.0f} %", meaning, share > wanted)


def input_line(x: keras.KerasTensor) -> Line:
    """The numbers that the network reads: initial weights are made for a mean near 0 and a deviation near 1."""
    values = keras.ops.convert_to_numpy(x)
    mean, deviation = float(values.mean()), float(values.std())
    # Wide limits, for gross mistakes: bytes that nobody scaled deviate by about 70, those scaled twice by 0.001.
    ok = abs(mean) <= 2 and 0.05 <= deviation <= 5
    wrong = "" if ok else "; check train.preprocessing and the range of the pixels"
    meaning = f"is their deviation, {mean:.2g} their mean; near 1 and 0 is what initial weights are made for{wrong}"
    return Line("inputs", f"{deviation:.2g}", meaning, ok)


def augmentation_line(model: keras.Model, recipe: Recipe, dataset: Dataset, normalizer: Normalizer) -> Line:
    """Whether augmentation leaves something to see: images keep a quarter of their contrast or more."""
    alone = recipe.model_copy(update={"batch_size": BATCH, "mixup": 0.0, "cutmix": 0.0, "class_weights": "none"})
    pipeline = _pipeline(model, alone, dataset, normalizer)
    raw = next(pipeline.raw())
    changed = keras.ops.convert_to_numpy(pipeline.finish(*raw)[0])
    plain = keras.ops.convert_to_numpy(normalizer(raw[0].astype(np.float32)))
    before, after = (values.std(axis=(1, 2)).mean(axis=-1) for values in (plain, changed))
    lost = float((after < 0.25 * before)[before > 0].mean()) if (before > 0).any() else 0.0
    large = list(recipe.augmentation.rather_large(*dataset.input_shape[:2]))
    meaning = "of augmented images keep less than a quarter of their contrast" + "".join(f"; {text}" for text in large)
    return Line("augmentation", f"{100 * lost:.0f} %", meaning, lost <= 0.05 and not large)


def run_lines(model: keras.Model, recipe: Recipe, dataset: Dataset) -> Iterator[Line]:
    """A line for each running mean that the run has too few updates for."""
    updates = recipe.epochs * -(-len(dataset.y_train) // recipe.batch_size)
    for warning in short_run_warnings(recipe, momentum_of(model), updates):
        yield Line("length of the run", f"{updates:,}", warning, ok=False)


def first_loss(model: keras.Model, x: keras.KerasTensor, y: object, classes: int, penalties: Iterable[float]) -> Line:
    """The loss of the untrained network: ln(classes), where it favours no class; the L2 penalty comes on top."""
    with _weights_kept(model):
        prediction = as_probabilities(model, main_output(model(x, training=True)))
    loss = float(keras.ops.mean(keras.losses.categorical_crossentropy(main_output(y), prediction)))
    penalty = float(sum(float(value) for value in penalties))
    expected = math.log(classes)
    l2 = f"; the L2 penalty adds {penalty:.3g}" if penalty else ""
    ok = (1 - LOSS_OFF) * expected <= loss <= expected + max(LOSS_OFF * expected, LOGITS)
    wrong = "" if ok else "; check the initial weights and the range of the pixels"
    return Line(
        "first loss", f"{loss:.3f}", f"ln({classes}) = {expected:.3f} where no class is favoured{l2}{wrong}", ok
    )


def gradient_lines(
    model: keras.Model, recipe: Recipe, x: keras.KerasTensor, y: object, loss_weights: Mapping[str, float] | None
) -> Iterator[Line]:
    """The gradient of each kernel against the kernel itself: neither nothing nor far more than it.

    One update of plain SGD with the rate 1 is the gradient; so no backend's own way to take one is needed.
    """
    plain = recipe.model_copy(update={"optimizer": Optimizer(name="sgd", learning_rate=1.0)})
    ratios = {}
    with _weights_kept(model):
        compile_model(model, plain, loss_weights)
        create_state(model)
        kernels = [variable for variable in model.trainable_variables if len(variable.shape) > 1]
        before = [value_of(kernel) for kernel in kernels]
        model.train_on_batch(x, y)
        for kernel, old in zip(kernels, before, strict=True):
            size = float(np.linalg.norm(old)) or 1.0
            ratios[kernel.path] = float(np.linalg.norm(old - kernel.numpy())) / size
    # Times a rate of 0.1, 1e-6 of a kernel is close to what float32 rounds off (6e-8); times 0.01, 100 kernels are one.
    smallest, largest = min(ratios, key=ratios.__getitem__), max(ratios, key=ratios.__getitem__)
    weak, strong = ratios[smallest], ratios[largest]
    yield Line(
        "smallest gradient", f"{weak:.1e}", f"times the kernel, at {smallest}; below 1e-6 it vanishes", weak > 1e-6
    )
    ok = math.isfinite(strong) and strong < 1e2
    yield Line("largest gradient", f"{strong:.1e}", f"times the kernel, at {largest}; above 100 it explodes", ok)
    rate = recipe.optimizer.learning_rate
    if recipe.optimizer.name == "sgd":
        median = float(np.median(list(ratios.values()))) * rate
        meaning = "of a kernel changes in a first update, in the median layer; about 1e-3 is usual"
        yield Line("first update", f"{median:.1e}", meaning, 1e-6 < median < 1e-1)


def dead_relus(model: keras.Model, x: keras.KerasTensor) -> Iterator[Line]:
    """ReLU channels that are zero at every place of every image; they get no gradient and stay so."""
    layers = [layer for layer in model.layers if _is_relu(layer)]
    if not layers:
        return
    inputs = model.inputs if len(model.inputs) > 1 else model.inputs[0]
    probe = keras.Model(inputs, [layer.output for layer in layers])
    with _weights_kept(model):
        outputs = probe(x, training=True)
    outputs = outputs if isinstance(outputs, (list, tuple)) else [outputs]
    dead = {}
    for layer, output in zip(layers, outputs, strict=True):
        values = keras.ops.convert_to_numpy(output)
        dead[layer.name] = float((values.reshape(-1, values.shape[-1]).max(axis=0) <= 0).mean())
    worst = max(dead, key=dead.__getitem__)
    among = f", the worst of {len(layers)} layers," if len(layers) > 1 else ""
    meaning = f"of the channels of {worst}{among} are 0 for {counted(len(x), 'image')}"
    yield Line("dead ReLUs", f"{100 * dead[worst]:.0f} %", meaning, dead[worst] <= 0.4)


def overfitting(
    model: keras.Model, recipe: Recipe, x: keras.KerasTensor, y: object, loss_weights: Mapping[str, float] | None
) -> Line:
    """A handful of examples must be learnt by heart; a network that cannot do that has an error."""
    bare = recipe.model_copy(update={"label_smoothing": 0.0, "ema": None})
    truth = keras.ops.convert_to_numpy(main_output(y)).argmax(axis=1)
    best = 0.0
    with _weights_kept(model):
        compile_model(model, bare, loss_weights)
        create_state(model)
        for update in range(1, UPDATES + 1):
            model.train_on_batch(x, y)
            if update % 10 == 0:
                with _weights_kept(model):
                    prediction = keras.ops.convert_to_numpy(main_output(model(x, training=True)))
                best = max(best, float((prediction.argmax(axis=1) == truth).mean()))
                if best == 1.0:
                    return Line("overfitting", f"{update} updates", f"until {len(truth)} examples are known by heart")
    meaning = f"of {len(truth)} examples after {UPDATES} updates, not all; the learning rate or the network is to blame"
    return Line("overfitting", f"{100 * best:.0f} %", meaning, ok=False)


def range_line(
    model: keras.Model, pipeline: Pipeline, loss_weights: Mapping[str, float] | None, picture: Path | None
) -> Line:
    """The learning rates at which the loss falls, and the one at which it breaks out, beside the recipe's."""
    rate = pipeline.recipe.optimizer.learning_rate
    with _weights_kept(model):
        compile_model(model, pipeline.recipe, loss_weights)
        create_state(model)
        found = range_test(model, pipeline, picture, rate)
    end = f"{found.breaks:.1e} breaks out" if found.breaks is not None else f"nothing up to {found.last:.1e} breaks out"
    meaning = f"is the rate with the steepest fall, and {end}; the recipe has {rate:.1e}"
    return Line("learning rate", f"{found.steepest:.1e}", meaning, found.breaks is None or rate < found.breaks)


@contextmanager
def _weights_kept(model: keras.Model) -> Iterator[None]:
    """Give the model back its weights and random states at the end of a block."""
    held = [value_of(variable) for variable in model.variables]
    try:
        yield
    finally:
        for variable, value in zip(model.variables, held, strict=True):
            variable.assign(value)


def _batch(
    model: keras.Model, recipe: Recipe, dataset: Dataset, normalizer: Normalizer, count: int
) -> tuple[keras.KerasTensor, object]:
    """Training images, normalised but not augmented, as many of each class as can be."""
    plain = recipe.model_copy(
        update={"batch_size": count, "balanced": True, "class_weights": "none", "mixup": 0.0, "cutmix": 0.0,
                "augmentation": Augmentation()}
    )  # fmt: skip
    pipeline = _pipeline(model, plain, dataset, normalizer)
    x, y = pipeline.finish(*next(pipeline.raw()))
    return x, y


def _pipeline(model: keras.Model, recipe: Recipe, dataset: Dataset, normalizer: Normalizer) -> Pipeline:
    return Pipeline(dataset, "training", recipe, normalizer, structure_of(model))


def _digests(x: NDArray[np.generic]) -> list[bytes]:
    return [hashlib.blake2b(np.ascontiguousarray(image).tobytes(), digest_size=16).digest() for image in x]


def _contradictions(digests: list[bytes], dataset: Dataset) -> int:
    """The training images of which another one has the same pixels and another label."""
    labels: dict[bytes, set[int]] = {}
    for digest, label in zip(digests, dataset.y_train.tolist(), strict=True):
        labels.setdefault(digest, set()).add(label)
    return sum(len(labels[digest]) > 1 for digest in digests)


def _is_relu(layer: keras.layers.Layer) -> bool:
    name = getattr(getattr(layer, "activation", None), "__name__", "")
    return isinstance(layer, keras.layers.ReLU) or ACTIVATIONS.get(name, UNKNOWN).rectifier is not None
