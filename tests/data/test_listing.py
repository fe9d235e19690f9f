"""Which files of a folder are images of the user's, and what finding them costs."""

import os
import tracemalloc
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from convspec.data import load_data
from convspec.data.listing import image_files, subfolders
from convspec.language.diagnostics import InputError

LEFT_BEHIND = (
    "._0.png", ".hidden.png", "Thumbs.db", "desktop.ini", ".DS_Store", ".ipynb_checkpoints/0-checkpoint.png",
    "__MACOSX/0.png", "@eaDir/0.png/SYNOPHOTO_THUMB_M.jpg", "notes.txt", "lost+found/0.png",
)  # fmt: skip


def write(path, size=(4, 4), value=0):
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(np.full(size, value, np.uint8)).save(path)


def test_what_systems_and_editors_leave_is_no_image_at_any_depth(tmp_path):
    for name in ("cat", "dog/2020"):
        write(tmp_path / name / "0.png")
        write(tmp_path / name / "1.JPG")
    for place in (tmp_path, tmp_path / "cat", tmp_path / "dog" / "2020"):
        for left in LEFT_BEHIND:
            (place / left).parent.mkdir(parents=True, exist_ok=True)
            (place / left).write_bytes(b"\0\5\26\7")
    found = [str(path.relative_to(tmp_path)) for path in image_files(tmp_path)]
    assert found == ["cat/0.png", "cat/1.JPG", "dog/2020/0.png", "dog/2020/1.JPG"]
    assert subfolders(tmp_path) == ["cat", "dog"]
    assert repr(load_data(tmp_path, validation_split=0.5)).endswith(
        "2 training + 2 validation images of 4x4x1, 2 classes"
    )


def test_names_are_in_the_order_of_paths_whatever_they_hold(tmp_path):
    for name in ("b.png", "a/z.png", "a-b/0.png", "a.png", "ü/1.png", "Z.png", "a/b/c.png", "ü.png"):
        write(tmp_path / name)
    assert list(image_files(tmp_path)) == sorted(tmp_path.rglob("*.png"))
    (tmp_path / os.fsdecode(b"\xff.png")).write_bytes(b"")
    assert os.fsencode(list(image_files(tmp_path))[-1].name) == b"\xff.png"


def test_links_are_followed_and_loops_are_not(tmp_path):
    write(tmp_path / "elsewhere" / "0.png")
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "cat").symlink_to(tmp_path / "elsewhere")
    (tmp_path / "data" / "again").symlink_to(tmp_path / "data")
    (tmp_path / "data" / "gone.png").symlink_to(tmp_path / "nowhere.png")
    (tmp_path / "data" / "self.png").symlink_to(tmp_path / "data" / "self.png")
    os.mkfifo(tmp_path / "data" / "pipe.png")
    found = [str(path.relative_to(tmp_path / "data")) for path in image_files(tmp_path / "data")]
    assert found == ["cat/0.png", "gone.png", "self.png"]


def test_a_folder_that_goes_away_is_an_error(tmp_path):
    with pytest.raises(InputError, match="nowhere: cannot be read: No such file or directory"):
        list(image_files(tmp_path / "nowhere"))


def test_memory_does_not_grow_with_the_number_of_files(tmp_path):
    def peak(count):
        folder = tmp_path / str(count)
        folder.mkdir()
        for number in range(count):
            os.link(tmp_path / "0.png", folder / f"{number:05}.png")
        tracemalloc.start()
        found = sum(1 for _ in image_files(folder))
        assert found == count
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return peak

    write(tmp_path / "0.png")
    assert peak(20_000) < peak(200) + 50_000


def test_a_list_of_names_would_fail_that_test(tmp_path):
    tracemalloc.start()
    assert len([Path(f"{number:05}.png") for number in range(20_000)]) == 20_000
    assert tracemalloc.get_traced_memory()[1] > 1_000_000
    tracemalloc.stop()
