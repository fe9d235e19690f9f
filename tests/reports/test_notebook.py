"""What notebooks show, and the tutorial from top to bottom."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

import convspec
from convspec.analysis.table import human
from convspec.graph import Conv2D, Graph
from convspec.reports.notebook import search_html
from convspec.reports.search import read_search

from .searches import PENALTY, RATE, write_search

TUTORIAL = Path(__file__).parents[2] / "docs" / "tutorial.ipynb"


def test_a_spec_is_its_picture_and_its_document() -> None:
    html = convspec.load("lenet5")._repr_html_()
    assert ">Conv 5×5, 16</text>" in html
    assert "<summary>spec</summary>" in html


def test_an_analysis_is_a_row_a_layer() -> None:
    """LeNet-5: (5*5*6 + 1)*16 parameters in the second convolution."""
    analysis = convspec.analyze("lenet5")
    rows = re.findall(r"<tr>(<td>.*?)</tr>", analysis._repr_html_())
    html = analysis._repr_html_()
    assert "<b>lenet5</b>: 61,706 parameters, 417 k MACs, " in html
    totals = analysis.totals
    memory = f"{human(totals.activation_bytes, 'B')} activations + {human(totals.weight_bytes, 'B')} weights "
    assert f"{memory}(batch 1, float32), depth 5<br><code>{analysis.pattern}</code>" in html
    assert human(totals.weight_bytes, "B") == "247 kB"  # 4 bytes each
    assert len(rows) == len(analysis.layers)
    assert "<td>2,416</td>" in rows[3]
    assert "transparent 100.0%" in rows[3]  # it has the most MACs


def test_a_graph_is_its_picture() -> None:
    graph = Graph()
    assert graph._repr_html_().endswith("a graph of 0 layers, without outputs</div>")
    graph.outputs.append(Conv2D(4, 3)(graph.input((8, 8, 1))))
    html = graph._repr_html_()
    assert '</style><div class="convspec"><div class="scroll"><svg ' in html
    assert html.endswith("</svg>\n</div></div>")
    assert ">Conv 3×3, 4</text>" in html


def test_a_search_is_its_best_trials(tmp_path: Path) -> None:
    html = search_html(write_search(tmp_path))
    scores = [float(score) for score in re.findall(r"<td>\d{4}</td><td>\d</td><td>([\d.]+)</td>", html)]
    assert len(scores) == 20
    assert scores == sorted(scores, reverse=True)
    assert re.search("<p>⚠ train.l2: the best value .* widen to 1e-08</p>", html)


def test_a_field_that_a_trial_does_not_have_is_an_empty_cell(tmp_path: Path) -> None:
    search = read_search(write_search(tmp_path))
    del search.scored[0].values[RATE]
    first = re.findall(r"<tr>(<td>.*?)</tr>", search_html(search))[0]
    best = search.scored[0]
    cells = [best.name, str(best.stage), f"{best.score:.4f}", "", f"{best.values[PENALTY]:.2e}"]
    assert re.findall("<td>(.*?)</td>", first)[:5] == cells
    assert "40 trials, 35 of them completed" in search_html(search)


RUN = """
import sys, nbformat
from nbclient import NotebookClient
notebook = nbformat.read(sys.argv[1], as_version=4)
NotebookClient(notebook, timeout=240, resources={"metadata": {"path": sys.argv[2]}}).execute()
nbformat.write(notebook, sys.argv[3])
"""


def test_the_tutorial_runs_from_top_to_bottom(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import nbformat

    monkeypatch.setenv("IPYTHONDIR", str(tmp_path))
    run = tmp_path / "run.ipynb"
    # a process of its own: on a busy machine the kernel outlives its client, which would trouble the tests after this
    subprocess.run([sys.executable, "-c", RUN, str(TUTORIAL), str(tmp_path), str(run)], check=True)
    notebook = nbformat.read(run, as_version=4)
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    imports = [line for cell in code for line in cell.source.splitlines() if re.match(r"\s*(from|import) ", line)]
    assert imports == ["import convspec"]
    outputs = [output for cell in code for output in cell.outputs]
    assert not [output for output in outputs if output.output_type == "error"]
    assert sum("text/html" in output.get("data", {}) for output in outputs) >= 6
