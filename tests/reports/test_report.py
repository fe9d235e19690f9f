"""The one-file report of a run and of a search, as text and in a browser."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from plotly.graph_objects import Figure

import convspec
from convspec.api.report import report
from convspec.cli import main
from convspec.reports.network_sections import _distinct_fields, network_sections
from convspec.reports.page import Cell, Row, table
from convspec.reports.run_sections import picture_section

from .browser import BROWSER, DRIVER, MISSING, chromium, errors, open_page, requests
from .searches import SPEC, write_search

needs_browser = pytest.mark.skipif(not (BROWSER and DRIVER), reason=MISSING)


def write_run(folder: Path) -> Path:
    """The folder of a training run, without a model but with what the tables need."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "history.csv").open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["epoch", "learning_rate", "seconds", "loss", "accuracy", "val_loss", "val_accuracy"])
        writer.writerows([[n, 0.1 / n, 1.5, 2 / n, 1 - 0.5 / n, 2.2 / n, 1 - 0.6 / n] for n in range(1, 7)])
    result = {"epoch": 5, "val_loss": 0.44, "val_accuracy": 0.88, "test_loss": None, "seconds": 9.0}
    (folder / "result.json").write_text(json.dumps(result))
    about = {"network": "net", "data": {"description": "toy: <b>6</b> images"}, "recipe": {"l2": 0.5, "ema": None}}
    (folder / "run.json").write_text(json.dumps(about))
    (folder / "best.yaml").write_text(SPEC)
    Image.new("RGB", (20, 10), "#3366cc").save(folder / "confusion.png")
    return folder


def page_data(path: Path) -> Any:
    """What the page's script gets."""
    found = re.search(r'<script type="application/json" id="data">(.*?)</script>', path.read_text(), re.DOTALL)
    assert found is not None
    return json.loads(found[1])


def test_the_figures_of_a_network_come_first() -> None:
    first = network_sections(convspec.analyze(convspec.load("digits")))[0]
    for name in ("input", "parameters", "MACs", "weights", "layers with a kernel"):
        assert name in first.html
    assert first.html.endswith("</p>")


def test_a_page_is_one_file_that_loads_nothing(tmp_path: Path) -> None:
    text = report(write_search(tmp_path)).read_text()
    shell = re.sub(r"<script.*?</script>", "", text, flags=re.DOTALL)  # Plotly's source names addresses
    assert not re.findall(r'(?:src|href)="(?!data:|#)[^"]*"', shell)
    assert not re.findall(r"@import|url\(", shell)


def test_a_search_has_all_its_sections(tmp_path: Path) -> None:
    text = report(write_search(tmp_path)).read_text()
    titles = re.findall(r"<h2>(.*?)</h2>", text)
    assert titles == [
        "Search", "Leaderboard", "Parallel coordinates", "Pairs of fields", "Best so far", "Learning curves by stage",
        "Aborted trials", "Network", "Diagram", "Layers and their costs", "Receptive field", "Spec",
    ]  # fmt: skip
    assert "widen to 1e-08" in text
    assert text.count("is above 3 * 2.30") == 5


def test_charts_hold_every_trial(tmp_path: Path) -> None:
    charts = {chart["id"]: chart for chart in page_data(report(write_search(tmp_path)))["charts"]}
    assert [len(axis["values"]) for axis in charts["parallel"]["traces"][0]["dimensions"]] == [35] * 4
    assert [len(trace["x"]) for trace in charts["pair-0"]["traces"]] == [5, 35, 1]
    assert charts["pair-0"]["layout"]["xaxis"]["type"] == charts["pair-0"]["layout"]["yaxis"]["type"] == "log"
    assert {key for key in charts if key.startswith("stage-")} == {"stage-0", "stage-1", "stage-2"}


def test_every_chart_is_one_that_plotly_knows_with_words_at_its_axes(tmp_path: Path) -> None:
    """Plotly's own classes refuse a property that there is not, which the page would leave out without a word."""
    pages = [report(write_search(tmp_path / "search")), report(write_run(tmp_path / "run"))]
    charts = [chart for page in pages for chart in page_data(page)["charts"]]
    assert {chart["id"] for chart in charts} >= {
        "parallel",
        "pair-0",
        "progress",
        "stage-1",
        "curve-loss",
        "curve-rate",
    }
    for chart in charts:
        figure = Figure(chart["traces"], chart["layout"])
        if chart["id"] == "parallel":
            assert all(dimension.label for dimension in figure.data[0].dimensions)
        else:
            titles = figure.layout.xaxis.title.text, figure.layout.yaxis.title.text
            assert all(titles) or (chart["id"], titles[0]) == ("curve-rate", "epoch")
        for trace in figure.data:  # which have no area, only an outline
            assert trace.type != "scatter" or trace.marker.symbol != "x-thin" or trace.marker.line.color


def test_a_zero_stands_below_the_decades_of_a_logarithmic_axis(tmp_path: Path) -> None:
    """The spec's own penalty is often 0, and so may be a field that a trial does not have."""
    folder = write_search(tmp_path)
    rows = (folder / "trials.csv").read_text().replace("0.01,0.0001,128", "0.01,0,128")
    (folder / "trials.csv").write_text(rows)
    (chart, *_) = page_data(report(folder))["charts"]
    penalty = chart["traces"][0]["dimensions"][1]
    assert penalty["ticktext"][0] == "0 or none"
    assert min(penalty["values"]) == penalty["tickvals"][0]
    assert min(value for value in penalty["values"] if value > penalty["tickvals"][0]) > -7


def test_a_run_has_curves_and_pictures_and_escapes_what_it_shows(tmp_path: Path) -> None:
    path = report(write_run(tmp_path))
    text = path.read_text()
    assert "toy: &lt;b&gt;6&lt;/b&gt; images" in text
    assert "<figcaption>confusion.png</figcaption>" in text
    assert "88.00 %" in text
    charts = {chart["id"]: chart for chart in page_data(path)["charts"]}
    assert charts["curve-accuracy"]["traces"][1]["y"] == [1 - 0.6 / n for n in range(1, 7)]
    assert charts["curve-rate"]["layout"]["yaxis"]["type"] == "log"


def test_a_table_is_its_header_and_its_rows_and_escapes_all_texts() -> None:
    rows = [Row([Cell("<1>", 0.5, "cost", 0.25)], "best", 'a"b'), Row([Cell("2")])]
    assert table(["a", "b & c"], rows, "some", left=(1,)) == (
        '<div class="scroll"><table id="some"><thead><tr><th data-sort>a</th><th data-sort class="left">b &amp; c</th></tr>'
        '</thead><tbody><tr class="best" data-trial="a&#34;b"><td class="cost" data-value="0.5" style="--share:25.0%">'
        "&lt;1&gt;</td></tr><tr><td>2</td></tr></tbody></table></div>"
    )


def test_pictures_that_the_page_draws_itself_are_not_put_into_it(tmp_path: Path) -> None:
    for name in ("curves", "pairs", "parallel", "progress", "stages", "other"):
        Image.new("RGB", (20, 10)).save(tmp_path / f"{name}.png")
    (tmp_path / "huge.png").write_bytes(bytes(8_000_001))
    (section,) = picture_section(tmp_path)
    assert re.findall("<figcaption>(.*?)</figcaption>", section.html) == ["other.png"]


def test_layers_are_those_of_the_analysis(tmp_path: Path) -> None:
    text = report(write_run(tmp_path)).read_text()
    for layer in convspec.analyze(tmp_path / "best.yaml").layers:
        assert f">{layer.name}</td>" in text


def test_receptive_fields_are_those_of_maps_each_size_once() -> None:
    """Nothing is drawn for a vector, nor for what pools the whole image of whatever size it is."""
    layers = {layer.name: layer for layer in convspec.analyze("mobilenet_v3_small").layers}
    fields = _distinct_fields(list(layers.values()))
    sizes = [field["size"] for field in fields]
    for field in fields:
        layer = layers[str(field["name"])]
        assert len(layer.output_shape) == 3
        assert layer.receptive_field_hw == field["size"]
    assert len(set(sizes)) == len(sizes) > 5
    assert (None, None) not in sizes


def test_a_search_in_which_nothing_was_completed_still_has_a_report(tmp_path: Path) -> None:
    folder = write_search(tmp_path)
    rows = (folder / "trials.csv").read_text().split("\n")
    (folder / "trials.csv").write_text("\n".join([rows[0], *(row for row in rows if ",aborted," in row)]) + "\n")
    titles = re.findall(r"<h2>(.*?)</h2>", report(folder).read_text())
    assert titles[:3] == ["Search", "Leaderboard", "Aborted trials"]


def test_the_folder_of_an_ensemble_names_its_members(tmp_path: Path) -> None:
    for number in (1, 2):
        (tmp_path / f"member_{number}").mkdir()
    with pytest.raises(
        convspec.InputError, match=r"is an ensemble\n  report on its members one by one, such as .*member_1$"
    ):
        report(tmp_path)


def test_a_folder_that_holds_neither_is_a_diagnostic(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["report", str(tmp_path)]) == 1
    assert capsys.readouterr().err == (
        f"{tmp_path}: holds neither a training run (history.csv, model.keras) nor a search (search.json, trials.csv)\n"
        "  convspec train and convspec tune write such folders\n"
    )


@pytest.fixture(scope="module")
def driver() -> Iterator[Any]:
    with chromium() as browser:
        yield browser


@pytest.fixture(scope="module")
def search_page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return report(write_search(tmp_path_factory.mktemp("search")))


def shown_trials(driver: Any) -> list[str]:
    """The trials that the leaderboard shows, in its order."""
    return driver.execute_script(
        "return [...document.querySelectorAll('#leaderboard tbody tr:not(.hidden)')].map(row => row.dataset.trial)"
    )


def wait_for(driver: Any, condition: str) -> None:
    """Wait until a piece of JavaScript is true."""
    from selenium.webdriver.support.ui import WebDriverWait

    WebDriverWait(driver, 30).until(lambda one: one.execute_script(f"return {condition}"))


@needs_browser
def test_a_search_opens_without_errors_and_requests(driver: Any, search_page: Path) -> None:
    open_page(driver, search_page)
    wait_for(driver, "document.querySelectorAll('.chart .main-svg').length >= 8")
    assert errors(driver) == []
    assert requests(driver) == []


@needs_browser
def test_a_click_sorts_the_leaderboard(driver: Any, search_page: Path) -> None:
    open_page(driver, search_page)
    headers = driver.find_elements("css selector", "#leaderboard th")
    rates = "return [...document.querySelectorAll('#leaderboard tbody tr')].map(row => +row.cells[4].dataset.value)"
    before = driver.execute_script(rates)
    headers[4].click()
    falling = driver.execute_script(rates)
    headers[4].click()
    rising = driver.execute_script(rates)
    assert falling == sorted(before, reverse=True)
    assert rising == sorted(before)


@needs_browser
def test_brushing_an_axis_filters_the_leaderboard_and_the_pairs(driver: Any, search_page: Path) -> None:
    """A drag over a third of an axis leaves the trials whose values lie there."""
    from selenium.webdriver.common.action_chains import ActionChains

    open_page(driver, search_page)
    wait_for(driver, "document.querySelectorAll('#parallel .axis-brush').length === 4")
    everything = shown_trials(driver)
    axis = driver.find_elements("css selector", "#parallel .axis-brush .background")[-1]
    driver.execute_script("arguments[0].scrollIntoView({block: 'center'})", axis)
    height = axis.rect["height"]
    drag = ActionChains(driver).move_to_element_with_offset(axis, 0, int(-0.45 * height)).click_and_hold()
    drag.move_by_offset(0, int(0.15 * height)).move_by_offset(0, int(0.15 * height)).release().perform()
    wait_for(driver, "document.getElementById('brushed').textContent !== ''")
    left = shown_trials(driver)
    assert 0 < len(left) < len(everything)
    brushed = driver.execute_script(
        "return document.getElementById('parallel').data[0].dimensions.filter(axis => axis.constraintrange)"
    )
    assert len(brushed) == 1
    low, high = sorted(brushed[0]["constraintrange"])
    names = page_data(search_page)["charts"][0]["traces"][0]["customdata"]
    inside = {name for name, value in zip(names, brushed[0]["values"], strict=True) if low <= value <= high}
    assert set(left) == inside
    assert [name for name in everything if name in inside] == left
    marked = driver.execute_script("return document.getElementById('pair-0').data[1].selectedpoints.length")
    assert marked == len(left)


@needs_browser
def test_the_receptive_field_follows_the_slider(driver: Any, search_page: Path) -> None:
    open_page(driver, search_page)
    set_to = "const s = document.getElementById('field-slider'); s.value = {}; s.dispatchEvent(new Event('input'));"
    sizes = []
    for step in (0, 1, 2):
        driver.execute_script(set_to.format(step))
        sizes.append(float(driver.execute_script("return document.getElementById('field-box').getAttribute('width')")))
    assert sizes == [1, 3, 4]  # input, 3x3, and 2x2 pooling behind it


@needs_browser
@pytest.mark.parametrize(("scheme", "bright"), [("light", True), ("dark", False)])
def test_a_run_follows_the_readers_scheme(driver: Any, scheme: str, bright: bool, tmp_path: Path) -> None:
    open_page(driver, report(write_run(tmp_path)), scheme=scheme)
    wait_for(driver, "document.querySelectorAll('.chart .main-svg').length >= 3")
    assert errors(driver) == []
    driver.save_screenshot(str(tmp_path / "page.png"))
    pixels = Image.open(tmp_path / "page.png").convert("L")
    mean = sum(pixels.tobytes()) / (pixels.width * pixels.height)
    assert (mean > 200) == bright
    assert (mean < 70) == (not bright)
