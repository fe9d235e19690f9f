"""A finished command that is repeated changes no file, whether it is refused or says again what it came to."""

from pathlib import Path

import pytest
import yaml

from convspec.cli import main

SPEC = {
    "name": "tiny",
    "input": [8, 8, 1],
    "classes": 10,
    "body": ["conv3-4", "maxpool2/2"],
    "head": {"flatten": True},
    "train": {"epochs": 2, "batch_size": 256, "early_stopping": {"patience": 1}},
}


def files(folder: Path) -> dict[str, bytes]:
    """The content of every file but the lock, which says what process had it last."""
    paths = [path for path in folder.rglob("*") if path.is_file() and path.name != ".lock"]
    return {str(path.relative_to(folder)): path.read_bytes() for path in paths}


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a run, an ensemble, an exported file and a report."""
    folder = tmp_path_factory.mktemp("finished")
    (folder / "tiny.yaml").write_text(yaml.safe_dump(SPEC), encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        for command in COMMANDS.values():
            assert main(command) == 0
    return folder


COMMANDS = {
    "train": ["train", "tiny.yaml", "--data", "digits", "--out", "run"],
    "ensemble": ["train", "tiny.yaml", "--data", "digits", "--out", "ensemble", "--ensemble", "2"],
    "export": ["export", "run", "--format", "saved_model", "--out", "exported"],
    "report": ["report", "run", "--out", "report.html"],
}


REPEATED = {
    **{name: (command, 1) for name, command in COMMANDS.items()},
    "train, resumed": ([*COMMANDS["train"], "--resume"], 0),
    "ensemble, resumed": ([*COMMANDS["ensemble"], "--resume"], 0),
}


@pytest.mark.parametrize(("command", "code"), REPEATED.values(), ids=REPEATED)
def test_a_repeated_command_changes_no_byte(
    command: list[str], code: int, finished: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(finished)
    before = files(finished)
    found = main(command)
    after = files(finished)
    assert [path for path in {**before, **after} if before.get(path) != after.get(path)] == []
    assert found == code
