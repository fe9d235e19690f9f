"""Optimizers, losses and mixing beside formulas written by hand in NumPy from the papers, to 1e-5."""

import keras
import numpy as np
import pytest

from convspec.data.augmentation import mix
from convspec.language.recipe import Recipe
from convspec.training.compiling import compile_model, make_optimizer

STEPS = 6
RANDOM = np.random.default_rng(3)
START = RANDOM.normal(size=(3, 2))
GRADIENTS = RANDOM.normal(size=(STEPS, 3, 2))
RATE = 0.05


def sgd(momentum=0.0, nesterov=False, decay=0.0):
    """Sutskever et al. 2013, equations 1 to 4; decoupled decay as Loshchilov & Hutter 2017."""
    w, v = START.copy(), np.zeros_like(START)
    for g in GRADIENTS:
        w = w - RATE * decay * w
        v = momentum * v - RATE * g
        w = w + (momentum * v - RATE * g if nesterov else v)
    return w


def rmsprop(rho=0.9, epsilon=1e-7, centered=False):
    """Tieleman & Hinton 2012, lecture 6e; centred: Graves 2013, equations 38 to 41, arXiv:1308.0850."""
    w, square, mean = START.copy(), np.zeros_like(START), np.zeros_like(START)
    for g in GRADIENTS:
        square = rho * square + (1 - rho) * g**2
        mean = rho * mean + (1 - rho) * g
        w = w - RATE * g / np.sqrt((square - mean**2 if centered else square) + epsilon)
    return w


def adam(beta_1=0.9, beta_2=0.999, epsilon=1e-7, amsgrad=False, decay=0.0, nesterov=False):
    """Kingma & Ba 2014, section 2, arXiv:1412.6980, with epsilon as at its end; Reddi et al. 2018; AdamW: 1711.05101."""
    w, m, v, top = START.copy(), np.zeros_like(START), np.zeros_like(START), np.zeros_like(START)
    for t, g in enumerate(GRADIENTS, start=1):
        w = w - RATE * decay * w
        m, v = beta_1 * m + (1 - beta_1) * g, beta_2 * v + (1 - beta_2) * g**2
        top = np.maximum(top, v)
        rate = RATE * np.sqrt(1 - beta_2**t) / (1 - beta_1**t)
        w = w - rate * m / (np.sqrt(top if amsgrad else v) + epsilon)
    return w


def adamax(beta_1=0.9, beta_2=0.999, epsilon=1e-7):
    """Kingma & Ba 2014, section 7.1."""
    w, m, u = START.copy(), np.zeros_like(START), np.zeros_like(START)
    for t, g in enumerate(GRADIENTS, start=1):
        m, u = beta_1 * m + (1 - beta_1) * g, np.maximum(beta_2 * u, np.abs(g))
        w = w - RATE / (1 - beta_1**t) * m / (u + epsilon)
    return w


def nadam(beta_1=0.9, beta_2=0.999, epsilon=1e-7):
    """Dozat 2016, algorithm 2, with its schedule of the momentum."""
    w, m, v, product = START.copy(), np.zeros_like(START), np.zeros_like(START), 1.0
    for t, g in enumerate(GRADIENTS, start=1):
        now, then = (beta_1 * (1 - 0.5 * 0.96**number) for number in (t, t + 1))
        product *= now
        m, v = beta_1 * m + (1 - beta_1) * g, beta_2 * v + (1 - beta_2) * g**2
        ahead = then * m / (1 - product * then) + (1 - now) * g / (1 - product)
        w = w - RATE * ahead / (np.sqrt(v / (1 - beta_2**t)) + epsilon)
    return w


def adagrad(start=0.1, epsilon=1e-7):
    """Duchi et al. 2011, section 1.1."""
    w, total = START.copy(), np.full_like(START, start)
    for g in GRADIENTS:
        total = total + g**2
        w = w - RATE * g / np.sqrt(total + epsilon)
    return w


def adadelta(rho=0.95, epsilon=1e-7):
    """Zeiler 2012, algorithm 1, arXiv:1212.5701."""
    w, square, moved = START.copy(), np.zeros_like(START), np.zeros_like(START)
    for g in GRADIENTS:
        square = rho * square + (1 - rho) * g**2
        step = -np.sqrt(moved + epsilon) / np.sqrt(square + epsilon) * g
        moved = rho * moved + (1 - rho) * step**2
        w = w + RATE * step
    return w


def lion(beta_1=0.9, beta_2=0.99):
    """Chen et al. 2023, algorithm 2, arXiv:2302.06675."""
    w, m = START.copy(), np.zeros_like(START)
    for g in GRADIENTS:
        w = w - RATE * np.sign(beta_1 * m + (1 - beta_1) * g)
        m = beta_2 * m + (1 - beta_2) * g
    return w


def lamb(beta_1=0.9, beta_2=0.999, epsilon=1e-7):
    """You et al. 2019, algorithm 2, arXiv:1904.00962."""
    w, m, v = START.copy(), np.zeros_like(START), np.zeros_like(START)
    for t, g in enumerate(GRADIENTS, start=1):
        m, v = beta_1 * m + (1 - beta_1) * g, beta_2 * v + (1 - beta_2) * g**2
        r = m / (1 - beta_1**t) / (np.sqrt(v / (1 - beta_2**t)) + epsilon)
        w = w - RATE * np.linalg.norm(w) / np.linalg.norm(r) * r
    return w


CASES = {
    "sgd": ({"name": "sgd"}, sgd()),
    "momentum": ({"name": "sgd", "momentum": 0.9}, sgd(0.9)),
    "nesterov": ({"name": "sgd", "momentum": 0.9, "nesterov": True}, sgd(0.9, nesterov=True)),
    "decoupled decay": ({"name": "sgd", "weight_decay": 0.1}, sgd(decay=0.1)),
    "rmsprop": ({"name": "rmsprop"}, rmsprop()),
    "rmsprop, centred": ({"name": "rmsprop", "centered": True, "rho": 0.8}, rmsprop(0.8, centered=True)),
    "adam": ({"name": "adam"}, adam()),
    "amsgrad": ({"name": "adam", "beta_1": 0.8, "amsgrad": True}, adam(0.8, amsgrad=True)),
    "adamw": ({"name": "adamw", "weight_decay": 0.2}, adam(decay=0.2)),
    "adamax": ({"name": "adamax"}, adamax()),
    "nadam": ({"name": "nadam"}, nadam()),
    "adagrad": ({"name": "adagrad"}, adagrad()),
    "adadelta": ({"name": "adadelta"}, adadelta()),
    "lion": ({"name": "lion"}, lion()),
    "lamb": ({"name": "lamb"}, lamb()),
}


@pytest.mark.parametrize(("how", "expected"), CASES.values(), ids=CASES.keys())
def test_an_optimizer_makes_the_updates_of_its_paper(how, expected):
    optimizer = make_optimizer(Recipe.model_validate({"optimizer": {**how, "learning_rate": RATE}}))
    kernel = keras.Variable(START.astype(np.float32))
    for gradient in GRADIENTS:
        optimizer.apply([keras.ops.convert_to_tensor(gradient.astype(np.float32))], [kernel])
    assert kernel.numpy() == pytest.approx(expected, abs=1e-5)


@pytest.mark.parametrize("smoothing", [0.0, 0.1])
@pytest.mark.parametrize("activation", ["softmax", None])
def test_the_loss_is_the_cross_entropy_of_smoothed_labels(activation, smoothing):
    """Szegedy et al. 2015, section 7, arXiv:1512.00567: (1 - e) * label + e / classes."""
    inputs = keras.Input((4,))
    model = keras.Model(inputs, keras.layers.Dense(3, activation)(inputs))
    x, label = RANDOM.normal(size=(5, 4)).astype(np.float32), np.arange(5) % 3
    kernel, bias = RANDOM.normal(size=(4, 3)), RANDOM.normal(size=3)
    model.set_weights([kernel, bias])
    compile_model(model, Recipe(label_smoothing=smoothing))
    logits = x @ kernel + bias
    log = logits - np.log(np.exp(logits).sum(1, keepdims=True))
    wanted = (1 - smoothing) * np.eye(3)[label] + smoothing / 3
    found = model.evaluate(x, np.eye(3, dtype=np.float32)[label], verbose=0)[0]
    assert found == pytest.approx(-(wanted * log).sum(1).mean(), abs=1e-5)


IMAGES, LABELS = RANDOM.uniform(size=(4, 6, 8, 3)).astype(np.float32), np.eye(4, dtype=np.float32)


def test_mixup_is_the_papers():
    """Zhang et al. 2017, arXiv:1710.09412: images and labels mixed by one number from Beta(alpha, alpha)."""
    kept = np.array([1.0, 0.7, 0.25, 0.0], np.float32)
    numbers = np.stack([kept, np.ones(4), np.full(4, 0.5), np.full(4, 0.5)], axis=1).astype(np.float32)
    x, y = (np.asarray(part) for part in mix(IMAGES, LABELS, numbers))
    for number, share in enumerate(kept):
        assert x[number] == pytest.approx(share * IMAGES[number] + (1 - share) * IMAGES[number - 1], abs=1e-6)
        assert y[number] == pytest.approx(share * LABELS[number] + (1 - share) * LABELS[number - 1], abs=1e-6)


def test_cutmix_is_the_papers():
    """Yun et al. 2019, equations 1 and 2, arXiv:1905.04899: a box of sqrt(1 - lambda) of both sides; the label by area."""
    kept, row, column = 0.75, 0.5, 0.25  # a box of half of both sides, around the pixel edge (3, 2)
    numbers = np.tile(np.array([1.0, kept, row, column], np.float32), (4, 1))
    x, y = (np.asarray(part) for part in mix(IMAGES, LABELS, numbers))
    pasted = np.zeros((6, 8), bool)
    for i in range(6):
        for j in range(8):
            pasted[i, j] = abs(i + 0.5 - row * 6) < 1.5 and abs(j + 0.5 - column * 8) < 2
    assert pasted.sum() in (8, 12)
    share = 1 - pasted.mean()
    for number in range(4):
        expected = np.where(pasted[:, :, None], IMAGES[number - 1], IMAGES[number])
        assert x[number] == pytest.approx(expected, abs=1e-6)
        assert y[number] == pytest.approx(share * LABELS[number] + (1 - share) * LABELS[number - 1], abs=1e-6)
