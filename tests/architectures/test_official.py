"""Downloads of official files, from a server on this machine: whole and right, or an error and nothing left."""

from __future__ import annotations

import hashlib
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import h5py
import pytest

from convspec.architectures import official
from convspec.architectures.official import OfficialFile, fetch
from convspec.language import InputError


class Handler(BaseHTTPRequestHandler):
    """Serves `server.files`: status, what is sent, and the length that is promised."""

    def do_GET(self):
        self.server.requests.append(self.path)
        status, content, promised = self.server.files.get(self.path, (404, b"", 0))
        if status != 200:
            self.send_error(status)
            return
        self.send_response(status)
        self.send_header("Content-Length", str(promised))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *args):
        """Stay quiet."""


@pytest.fixture
def server(monkeypatch, tmp_path):
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "keras"))
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.files, server.requests = {}, []
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


@pytest.fixture
def content(tmp_path) -> bytes:
    """A whole HDF5 file."""
    with h5py.File(tmp_path / "right.h5", "w") as file:
        file["values"] = list(range(100_000))
    return (tmp_path / "right.h5").read_bytes()


def wanted(server, content: bytes, algorithm: str = "md5") -> OfficialFile:
    digest = hashlib.new(algorithm, content).hexdigest() if algorithm else ""
    return OfficialFile(f"http://127.0.0.1:{server.server_port}/right.h5", "right.h5", digest)


def serve(server, content: bytes, status: int = 200, promised: int | None = None) -> None:
    server.files["/right.h5"] = (status, content, len(content) if promised is None else promised)


def left(tmp_path) -> list[str]:
    return sorted(path.name for path in (tmp_path / "keras" / "models").iterdir())


@pytest.mark.parametrize("algorithm", ["md5", "sha256", ""])
def test_the_right_file_is_kept_and_not_fetched_again(server, content, tmp_path, algorithm):
    serve(server, content)
    paths = [fetch(wanted(server, content, algorithm)) for _ in range(2)]
    assert paths == [tmp_path / "keras" / "models" / "right.h5"] * 2
    assert paths[0].read_bytes() == content
    assert server.requests == ["/right.h5"]
    assert left(tmp_path) == ["right.h5"]


def interrupted(server, content):
    serve(server, content[: len(content) // 2], promised=len(content))


def wrong(server, content):
    serve(server, content[:-1] + b"?")


def missing(server, content):
    serve(server, b"", status=404)


def unavailable(server, content):
    serve(server, b"", status=503)


@pytest.mark.parametrize(
    ("trouble", "message"),
    [
        (wrong, "the download has the hash .*: it is damaged, or another file\n  it was thrown away; try again"),
        (missing, "cannot be downloaded: URL fetch failure on .*: 404 -- Not Found\n  try again, or download it"),
        (unavailable, "503 -- Service Unavailable"),
        (interrupted, "cannot be downloaded: .*retrieval incomplete: got only"),
    ],
    ids=["wrong hash", "missing", "unavailable", "interrupted"],
)
def test_trouble_is_a_diagnostic_that_leaves_nothing_and_the_next_call_works(
    server, content, tmp_path, trouble, message
):
    trouble(server, content)
    with pytest.raises(InputError, match=message) as caught:
        fetch(wanted(server, content))
    assert caught.value.diagnostics[0].file.startswith("http://127.0.0.1:")
    assert left(tmp_path) == []
    serve(server, content)
    assert fetch(wanted(server, content)).read_bytes() == content
    assert left(tmp_path) == ["right.h5"]


def test_no_server_at_all_is_a_diagnostic(server, content, tmp_path):
    file = wanted(server, content)._replace(url="http://127.0.0.1:1/right.h5")
    with pytest.raises(InputError, match=r"cannot be downloaded: .*refused"):
        fetch(file)
    assert left(tmp_path) == []


def test_without_a_hash_half_a_file_is_still_noticed(server, content, tmp_path):
    serve(server, content[: len(content) // 2])
    with pytest.raises(InputError, match="the download is no whole HDF5 file") as caught:
        fetch(wanted(server, content, ""))
    assert caught.value.diagnostics[0].file == wanted(server, content, "").url
    assert left(tmp_path) == []


def test_a_damaged_file_in_the_cache_is_replaced(server, content, tmp_path):
    serve(server, content)
    path = fetch(wanted(server, content))
    path.write_bytes(b"damaged")
    assert fetch(wanted(server, content)).read_bytes() == content


def test_a_damaged_file_in_the_cache_is_never_used(server, content, tmp_path):
    serve(server, content)
    fetch(wanted(server, content)).write_bytes(b"damaged")
    missing(server, content)
    with pytest.raises(InputError, match="404"):
        fetch(wanted(server, content))


def test_what_a_stopped_process_left_is_no_download(server, content, tmp_path):
    (tmp_path / "keras" / "models").mkdir(parents=True)
    (tmp_path / "keras" / "models" / "right.h5.1.part").write_bytes(content[:10])
    serve(server, content)
    assert fetch(wanted(server, content, "")).read_bytes() == content


def test_weights_for_squares_of_another_size_are_named(server, monkeypatch):
    from convspec.architectures import MobileNet

    monkeypatch.setattr(official, "SERVER", f"http://127.0.0.1:{server.server_port}")
    told = "official weights of mobilenet are for squares of 128, 160, 192, 224; those for 224 are loaded"
    with pytest.warns(UserWarning, match=f"^{told}$"), pytest.raises(InputError, match="404"):
        MobileNet(alpha=0.25, input_shape=(100, 100, 3), include_top=False)


def test_a_network_without_a_width_has_its_one_file():
    file = official.find_official("resnet50", {}, None, True)
    address = "https://storage.googleapis.com/tensorflow/keras-applications/resnet/"
    assert file.url == f"{address}resnet50_weights_tf_dim_ordering_tf_kernels.h5"


def test_a_constructor_downloads_from_the_server(server, content, monkeypatch):
    from convspec.architectures import MobileNet

    monkeypatch.setattr(official, "SERVER", f"http://127.0.0.1:{server.server_port}")
    with pytest.raises(InputError, match="404"):
        MobileNet(alpha=0.25, input_shape=(128, 128, 3))
    assert server.requests == ["/tensorflow/keras-applications/mobilenet/mobilenet_2_5_128_tf.h5"]
