"""Specs that are meant to take a reader's time and memory."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

HOSTILE = {
    "an alias bomb": "a: &a [x,x,x,x,x,x,x,x,x]\n"
    + "".join(f"{new}: &{new} [{','.join([f'*{old}'] * 9)}]\n" for old, new in zip("abcdefgh", "bcdefghi", strict=True))
    + "body: [*i]\nname: x\ninput: [8, 8, 1]\n",
    "repeats in repeats": "name: x\ninput: [8, 8, 1]\nbody: [{block: sequence, repeat: 10000, body: "
    "[{block: sequence, repeat: 10000, body: [conv3-8]}]}]\n",
    "ten million convolutions": "name: x\ninput: [8, 8, 1]\nbody: [{block: conv_relu_pool, filters: 8, convs: 10000000}]\n",
    "deep nesting": "name: x\nbody: " + "[" * 100_000,
    "a large file": "name: x\n#" + "x" * 2_000_000,
    "a long list": "name: x\ninput: [8, 8, 1]\nbody: [" + "conv3-8," * 32_000 + "]\n",
    "a large expression": "name: x\ninput: [8, 8, 1]\nbody: [{block: conv, filters: '${" + "(" * 400 + "'}]\n",
    "a large input": "name: x\ninput: [100000000, 100000000, 1]\nbody: [conv3-8]\n",
    "many numbers that are text": "name: x\ninput: [8, 8, 1]\nbody: [" + "1e-3," * 50_000 + "]\n",
    "many wrong blocks": "name: x\ninput: [8, 8, 1]\nbody: [" + "conv3_8," * 30_000 + "]\n",
    "many wrong fields": "name: x\ninput: [8, 8, 1]\nbody: [" + "{block: conv, filters: x}," * 10_000 + "]\n",
    "many unknown keys": "".join(f"k{number}: 1\n" for number in range(26_000)),
    "many groups": "name: x\ninput: [8, 8, 16000000]\nbody: [{block: conv, filters: 15999999, groups: 16000000}]\n",
}

MEASURED = """
import re, sys, time, convspec

def peak():
    return int(re.search(r"VmHWM:\\s+(\\d+)", open("/proc/self/status").read())[1])

convspec.load("lenet5")  # imports are not what is measured
start = time.process_time()
try:
    convspec.load(sys.argv[1])
except convspec.FaultError as error:
    print(len(error.faults), time.process_time() - start, peak())
"""


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE.keys())
def test_a_hostile_file_is_refused_within_a_second_and_200_mb(tmp_path: Path, text: str) -> None:
    path = tmp_path / "hostile.yaml"
    path.write_text(text)
    done = subprocess.run(
        [sys.executable, "-c", MEASURED, str(path)], capture_output=True, text=True, timeout=60, check=True
    )
    count, seconds, kilobytes = done.stdout.split()
    assert int(count) >= 1
    assert float(seconds) < 1.0  # processor time: a busy machine does not count
    assert int(kilobytes) < 200_000


def test_the_measurement_sees_memory(tmp_path: Path) -> None:
    """The test above can fail: 300 MB held on the way are seen."""
    path = tmp_path / "empty.yaml"
    path.write_text("")
    code = MEASURED.replace("start =", "held = b'x' * 300_000_000; start =")
    done = subprocess.run([sys.executable, "-c", code, str(path)], capture_output=True, text=True, check=True)
    assert int(done.stdout.split()[2]) > 200_000
