"""What another run has left in a folder is never written over."""

from __future__ import annotations

from pathlib import Path

import pytest

from convspec.files import LOCK
from convspec.language.diagnostics import InputError
from convspec.output_paths import check_unused


@pytest.mark.parametrize("name", ["model.keras", "history.csv", "best.yaml", "checkpoint.npz", "trials/1.json"])
@pytest.mark.parametrize("kind", ["run", "search", "ensemble"])
def test_any_file_of_a_run_protects_its_folder(tmp_path: Path, name: str, kind: str) -> None:
    path = tmp_path / name
    path.parent.mkdir(exist_ok=True)
    path.write_text("1")
    with pytest.raises(InputError, match=rf"holds files of an earlier run \({name.split('/')[0]}\), but no "):
        check_unused(tmp_path, kind)


def test_other_files_and_empty_folders_are_in_nobodys_way(tmp_path: Path) -> None:
    (tmp_path / "trials").mkdir()
    (tmp_path / "notes.txt").write_text("mine")
    (tmp_path / LOCK).write_text("")
    check_unused(tmp_path, "run")


def test_a_search_is_not_mixed_with_a_run(tmp_path: Path) -> None:
    (tmp_path / "run.json").write_text("{}")
    with pytest.raises(InputError, match=r"holds another kind of result \(run: run.json\), where this is for a search"):
        check_unused(tmp_path, "search")
