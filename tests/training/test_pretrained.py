"""Starting from official weights, from a server on this machine, and from files in the legacy format."""

from __future__ import annotations

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import keras
import numpy as np
import pytest
from keras.applications import imagenet_utils
from sklearn.datasets import load_sample_images

from convspec import build, load
from convspec.architectures import official
from convspec.cli import main
from convspec.data.pixels import BYTES, PixelRange
from convspec.language.diagnostics import InputError
from convspec.training.finetuning import freeze, fresh_layers, transfer
from convspec.training.pretrained import official_normalizer
from convspec.training.saving import read_inputs

NAME = "/tensorflow/keras-applications/mobilenet/mobilenet_1_0_128_tf_no_top.h5"


@pytest.fixture(scope="module")
def published(tmp_path_factory):
    """Keras's own MobileNet without its top, in the format of the official files: random weights, but as good."""
    keras.utils.set_random_seed(7)
    network = keras.applications.MobileNet(weights=None, include_top=False, input_shape=(128, 128, 3))
    path = tmp_path_factory.mktemp("published") / "mobilenet.h5"
    network.save(path, include_optimizer=False)
    return network, path


@pytest.fixture
def server(published, monkeypatch, tmp_path):
    """Keras's server, as far as this network goes."""
    content = published[1].read_bytes()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200 if self.path == NAME else 404)
            self.send_header("Content-Length", str(len(content) if self.path == NAME else 0))
            self.end_headers()
            self.wfile.write(content if self.path == NAME else b"")

        def log_message(self, *args):
            """Stay quiet."""

    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "keras"))
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as running:
        threading.Thread(target=running.serve_forever, daemon=True).start()
        monkeypatch.setattr(official, "SERVER", f"http://127.0.0.1:{running.server_port}")
        yield
        running.shutdown()


@pytest.fixture(scope="module")
def photographs(tmp_path_factory):
    """An archive of 12 tiles of each of scikit-learn's photographs, China and a flower."""
    tiles = [image[y : y + 128, x : x + 128] for image in load_sample_images().images
             for y in (0, 128, 256) for x in (0, 128, 256, 384)]  # fmt: skip
    path = tmp_path_factory.mktemp("photographs") / "tiles.npz"
    np.savez(path, x=np.stack(tiles), y=np.repeat([0, 1], 12), class_names=["china", "flower"])
    return path


def test_the_body_starts_from_official_weights_and_the_head_afresh(server, published, photographs, tmp_path, capsys):
    command = ["train", "mobilenet", "--input", "128x128x3", "--set", "classes=2", "--data", str(photographs)]
    options = ["--finetune", "imagenet", "--freeze", "all", "--epochs", "1", "--batch-size", "8"]
    assert main([*command, *options, "--out", str(tmp_path / "run")]) == 0
    out = capsys.readouterr().out
    assert "54 layers start from imagenet, images prepared as for ImageNet; reinitialised: conv_preds\n" in out
    trained = keras.models.load_model(tmp_path / "run" / "model.keras")
    for layer in (layer for layer in published[0].layers if layer.weights):
        for mine, theirs in zip(trained.get_layer(layer.name).get_weights(), layer.get_weights(), strict=True):
            assert np.array_equal(mine, theirs), layer.name
    how = read_inputs(tmp_path / "run" / "model.keras").normalizer
    pixels = np.array([0, 127.5, 255], np.float32)[:, None] * np.ones(3, np.float32)
    assert how(pixels) == pytest.approx(np.array([-1, 0, 1])[:, None] * np.ones(3), abs=1e-6)


def test_another_network_with_the_same_body_names_the_one_of_the_weights(published, tmp_path):
    (tmp_path / "mine.yaml").write_text(
        "name: mine\nextends: mobilenet\ninput: [128, 128, 3]\nclasses: 5\nhead: {pooling: avg, fc: [7]}\n"
    )
    model = build(load(tmp_path / "mine.yaml"))
    with pytest.raises(InputError) as raised:
        transfer(model, str(published[1]))
    assert str(raised.value).startswith(
        "train.finetune.weights: no network of the catalogue is called 'mine', so its weights are not known"
    )
    named = build(load(tmp_path / "mine.yaml"), name="mobilenet")
    assert len(transfer(named, str(published[1]))) == 54
    assert fresh_layers(named) == {"fc1", "predictions"}
    freeze(named, "all")
    assert [layer.name for layer in named.layers if layer.trainable and layer.weights] == ["fc1", "predictions"]


def unnamed(classes):
    """A network whose layers Keras names: conv2d, conv2d_1, and so on through the process."""
    x = inputs = keras.Input((8, 8, 1))
    for _ in range(3):
        x = keras.layers.BatchNormalization()(keras.layers.Conv2D(4, 3)(x))
    return keras.Model(inputs, keras.layers.Dense(classes)(keras.layers.Flatten()(x)))


def test_layers_that_keras_named_are_told_apart_by_their_number(tmp_path):
    first, second = unnamed(2), unnamed(3)
    assert first.layers[1].name != second.layers[1].name
    first.save(tmp_path / "first.keras")
    assert len(transfer(second, tmp_path / "first.keras")) == 6
    for mine, theirs in zip(second.layers[:-1], first.layers[:-1], strict=True):
        assert all(np.array_equal(a, b) for a, b in zip(mine.get_weights(), theirs.get_weights(), strict=True))


MODES = {"resnet50": "caffe", "mobilenet": "tf", "densenet121": "torch"}


@pytest.mark.parametrize(("name", "mode"), MODES.items())
def test_images_go_through_what_the_official_weights_were_trained_on(name, mode):
    x = np.random.default_rng(0).integers(0, 256, (4, 5, 6, 3)).astype(np.float32)
    wanted = imagenet_utils.preprocess_input(x.copy(), mode=mode)
    how = official_normalizer(name, BYTES, 3)
    assert how(x) == pytest.approx(wanted, abs=1e-3)
    assert np.asarray(how(keras.ops.convert_to_tensor(x))) == pytest.approx(wanted, abs=1e-3)
    again = type(how).from_dict(how.as_dict())
    assert np.array_equal(again(x), how(x))


@pytest.mark.parametrize("name", MODES)
def test_kernels_averaged_for_grey_images_answer_as_to_grey_in_colours(name):
    random = np.random.default_rng(0)
    grey, kernel = random.integers(0, 256, (50, 1)).astype(np.float32), random.standard_normal(3)
    colours = official_normalizer(name, BYTES, 3)(np.repeat(grey, 3, axis=1)) @ kernel
    averaged = official_normalizer(name, BYTES, 1)(grey)[:, 0] * kernel.mean()
    assert averaged.std() == pytest.approx(colours.std(), rel=0.05)
    assert np.corrcoef(averaged, colours)[0, 1] == pytest.approx(1.0, abs=1e-5)


def test_networks_that_prepare_images_themselves_read_bytes():
    x = np.arange(17, dtype=np.float32).reshape(1, 17, 1, 1) * np.ones(3, np.float32)
    assert official_normalizer("efficientnet_b0", PixelRange(0, 16), 3)(x) == pytest.approx(x * 255 / 16, rel=1e-5)


def test_a_name_without_weights_and_a_path_without_a_file_are_diagnostics(network):
    with pytest.raises(InputError, match=r"imagenet:NETWORK names one that small has the layers of"):
        transfer(network(), "imagenet")
    with pytest.raises(InputError) as raised:
        transfer(network(), "imagnet")
    assert str(raised.value) == (
        "imagnet: there is no such file or folder\n"
        "  a .keras file, the folder of a run, an .h5 file of weights, imagenet, or imagenet:NETWORK"
    )
