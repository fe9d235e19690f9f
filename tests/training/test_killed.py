"""A run that was killed with SIGKILL goes on from the command line as if it had not been."""

import json
import os
import signal
import time

from convspec.cli import main

from ..warm import Command

SPEC = """
name: tiny
input: [8, 8, 1]
classes: 10
body: [conv3-8, maxpool2/2]
head: {flatten: true, fc: [16], dropout: 0.3}
train: {epochs: 6, schedule: {name: cosine, warmup: 1}, augmentation: {rotation: 10}, ema: 0.9, mixup: 0.2}
"""


def rows(folder):
    table = json.loads((folder / "history.json").read_text())
    return [{name: value for name, value in row.items() if name != "seconds"} for row in table]


def test_a_run_killed_at_any_moment_goes_on_with_the_same_losses(tmp_path, capsys):
    (tmp_path / "tiny.yaml").write_text(SPEC)
    command = ["train", str(tmp_path / "tiny.yaml"), "--data", "digits"]
    assert main([*command, "--out", str(tmp_path / "whole")]) == 0

    killed = [*command, "--out", str(tmp_path / "killed")]
    process = Command(killed)
    history, deadline = tmp_path / "killed" / "history.json", time.monotonic() + 120
    while not (history.exists() and len(rows(tmp_path / "killed")) >= 2):
        assert process.poll() is None
        assert time.monotonic() < deadline
        time.sleep(0.02)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    done = len(rows(tmp_path / "killed"))
    assert 2 <= done < 6

    capsys.readouterr()
    assert main([*killed, "--resume"]) == 0
    assert f"epoch {done + 1}/6" in capsys.readouterr().out
    assert rows(tmp_path / "killed") == rows(tmp_path / "whole")
    results = [json.loads((tmp_path / name / "result.json").read_text()) for name in ("killed", "whole")]
    assert results[0]["val_loss"] == results[1]["val_loss"]
