"""Every command and its call do the same."""

import dataclasses
import json
from pathlib import Path

import numpy as np
import pytest

import convspec
from convspec.api.results import Findings, Measured, Measurements
from convspec.api.runs import summary
from convspec.cli import main
from convspec.language.diagnostics import Diagnostic, InputError
from convspec.training.result import Result
from convspec.training.timing import Timing

SPEC = """
name: tiny
input: [8, 8, 1]
classes: 3
body:
  - {block: conv_norm_act, name: first, filters: 4, norm: {momentum: 0.9}}
  - {block: dropout, rate: 0.2}
head: {pooling: avg}
outputs: {early: {from: first, head: {pooling: avg}, loss_weight: 0.3}}
train:
  epochs: 2
  batch_size: 16
  l2: 0.5
  ema: 0.8
  optimizer: {name: sgd, learning_rate: 0.1, momentum: 0.9}
  augmentation: {flip: horizontal}
"""
TUNE = "tune: {space: {train.l2: {log_uniform: [1.0e-4, 1.0]}}, stages: [{trials: 2, epochs: 1}]}\n"


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A spec, a data set of 90 small images, three picture files, and what the command `train` made of them."""
    from PIL import Image

    folder = tmp_path_factory.mktemp("api")
    random = np.random.default_rng(0)
    y = np.arange(90) % 3
    x = (random.integers(0, 80, (90, 8, 8, 1)) + 60 * y[:, None, None, None]).astype(np.uint8)
    np.savez(folder / "data.npz", x_train=x[:60], y_train=y[:60], x_val=x[60:], y_val=y[60:])
    (folder / "tiny.yaml").write_text(SPEC)
    (folder / "tuned.yaml").write_text(SPEC.replace("outputs:", "# outputs:") + TUNE)
    (folder / "images").mkdir()
    for number in range(3):
        Image.fromarray(x[number, ..., 0]).save(folder / "images" / f"{number}.png")
    command = ["train", str(folder / "tiny.yaml"), "--data", str(folder / "data.npz"), "--out", str(folder / "run")]
    assert main(command) == 0
    return folder


def losses(rows):
    return [{name: value for name, value in row.items() if name != "seconds"} for row in rows]


def history(folder):
    return losses(json.loads((folder / "history.json").read_text()))


def test_train_gives_the_history_of_the_command_bit_for_bit(folder):
    result = convspec.train(folder / "tiny.yaml", folder / "data.npz", out=folder / "called")
    assert losses(result.history) == history(folder / "run")
    for name in ("run.json", "classes.csv"):
        assert (folder / "called" / name).read_bytes() == (folder / "run" / name).read_bytes()
    from convspec.training.predictor import load_model

    ours, commands = (load_model(folder / run / "model.keras").get_weights() for run in ("called", "run"))
    assert all(np.array_equal(one, other) for one, other in zip(ours, commands, strict=True))
    assert all(np.array_equal(one, other) for one, other in zip(ours, result.model.get_weights(), strict=True))
    shown = result._repr_html_()
    assert str(result) in shown
    assert shown.count("<tr>") == 1 + len(result.history)
    assert '<img src="data:image/png;base64,' in shown


def test_the_parts_by_hand_give_the_same_history(folder):
    """A model carries its loss weights, and the recipe its penalty: 0.5 of the sum of squares is most of this loss."""
    from convspec.data import load_data
    from convspec.training.compiling import reproducible
    from convspec.training.first_weights import new_model
    from convspec.training.train import train

    spec, data = convspec.load(folder / "tiny.yaml"), load_data(folder / "data.npz")
    with reproducible(spec.train):
        model = new_model(spec)
        result = train(model, spec.train, data, show=False)
    assert losses(result.history) == history(folder / "run")
    squares = sum(float(np.square(kernel).sum()) for kernel in model.get_weights() if kernel.ndim > 1)
    parts = result.history[-1]["val_predictions_loss"] + 0.3 * result.history[-1]["val_early_loss"]
    assert result.val_loss == pytest.approx(parts + 0.5 * squares, rel=5e-3)  # Keras weighs batches of parts alike


def test_options_are_those_of_the_command(folder):
    options = ["--epochs", "1", "--batch-size", "20", "--seed", "3", "--set", "train.l2=0.1"]
    command = ["train", str(folder / "tiny.yaml"), "--data", str(folder / "data.npz"), "--out", str(folder / "set")]
    assert main([*command, *options]) == 0
    spec = convspec.load(folder / "tiny.yaml")
    called = convspec.train(spec, folder / "data.npz", epochs=1, batch_size=20, seed=3, overrides={"train.l2": 0.1})
    assert losses(called.history) == history(folder / "set")
    assert called.folder is None


def test_a_penalty_of_an_earlier_recipe_is_replaced_and_one_of_its_own_is_an_error():
    import keras

    from convspec.training.regularizer import apply_penalty

    def model(regularizer=None):
        inputs = keras.Input((8, 8, 1))
        x = keras.layers.SeparableConv2D(2, 3, name="conv", depthwise_regularizer=regularizer)(inputs)
        return keras.Model(inputs, keras.layers.Dense(2, name="dense")(keras.layers.Flatten()(x)))

    plain = model()
    for l2 in (0.5, 0.25, 0.0):
        apply_penalty(plain, l2)
        squares = sum(float(np.square(kernel).sum()) for kernel in plain.get_weights() if kernel.ndim > 1)
        assert float(sum(float(loss) for loss in plain.losses)) == pytest.approx(l2 * squares, rel=1e-5)
    apply_penalty(model(keras.regularizers.L2(0.5)), 0.5)
    apply_penalty(model(keras.regularizers.L1(0.5)), 0.0)
    with pytest.raises(InputError, match=r"train.l2: the layer 'conv' has a regularizer of its own, .*beside 0\.5"):
        apply_penalty(model(keras.regularizers.L1(0.5)), 0.5)


def test_evaluate(folder, capsys):
    assert main(["evaluate", str(folder / "run"), "--data", str(folder / "data.npz"), "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert {"part": "validation", **convspec.evaluate(folder / "run", folder / "data.npz").as_dict()} == json.loads(
        json.dumps(said)
    ) | {"classes": tuple(said["classes"])} | {"confused": said["confused"] and tuple(said["confused"])}
    scores = convspec.evaluate(folder / "run", folder / "data.npz", part="training", out=folder / "outcome")
    assert str(scores).split("\n", 1)[1] in printed(
        capsys, "evaluate", folder / "run", "--data", folder / "data.npz", "--part", "training"
    )
    assert {file.name for file in scores.files} >= {"classes.csv", "confusion.png"}
    assert all(file.exists() for file in scores.files)
    assert f"<b>60 training images: accuracy {100 * scores.accuracy:.2f} %" in scores._repr_html_()
    with pytest.raises(InputError, match="no part is called 'tests'; did you mean 'test'"):
        convspec.evaluate(folder / "run", folder / "data.npz", part="tests")


def test_predict(folder, capsys):
    (folder / "images" / "broken.png").write_text("no picture")
    assert main(["predict", str(folder / "run"), str(folder / "images"), "--json", "--top", "2"]) == 1
    said = {row["file"]: row["classes"] for row in json.loads(capsys.readouterr().out)}
    predicted = convspec.predict(folder / "run", folder / "images", top=2)
    found = dict(predicted)
    assert f"<td>{folder / 'images' / 'broken.png'}</td>" in predicted._repr_html_()
    assert isinstance(found.pop(folder / "images" / "broken.png"), Diagnostic)
    assert {str(path): row for path, row in found.items()} == said
    main(["predict", str(folder / "run"), str(folder / "images"), "--top", "2"])
    told = capsys.readouterr()
    assert sorted(str(predicted).splitlines()) == sorted((told.out + told.err.splitlines()[0]).splitlines())
    (folder / "images" / "broken.png").unlink()


def test_explain(folder, capsys):
    image = folder / "images" / "1.png"
    assert main(["explain", str(folder / "run"), str(image), "--out", str(folder / "a.png")]) == 0
    explained = convspec.explain(folder / "run", image, out=folder / "b.png")
    ((path, found),) = explained
    assert f"<p>{path}: {found.class_name} " in explained._repr_html_()
    assert explained._repr_html_().count("<img ") == 1
    assert str(explained) == f"{path}: {found}"
    said = f"{path}: {found.class_name} {100 * found.probability:.1f} %, most around row {found.row}"
    assert capsys.readouterr().out == f"{said}, column {found.column}: {folder / 'a.png'}\n"
    assert (folder / "a.png").read_bytes() == (folder / "b.png").read_bytes()
    with pytest.raises(InputError, match="no method is called 'gradcam'; did you mean 'grad_cam'"):
        convspec.explain(folder / "run", image, method="gradcam")


def test_export(folder, capsys):
    assert main(["export", str(folder / "run"), "--format", "tflite", "--out", str(folder / "a.tflite")]) == 0
    found = convspec.export(folder / "run", "tflite", folder / "b.tflite")
    assert f"probabilities differ by at most {found.difference:.1e}\n" in capsys.readouterr().out
    assert (folder / "a.tflite").stat().st_size == found.file.stat().st_size
    assert found.card.exists()
    assert str(found.card) in found._repr_html_()


def test_tune(folder, capsys):
    command = ["tune", str(folder / "tuned.yaml"), "--data", str(folder / "data.npz"), "--out", str(folder / "search")]
    assert main(command) == 0
    found = convspec.tune(folder / "tuned.yaml", folder / "data.npz", out=folder / "searched")
    by_command, by_call = (trials(folder / name) for name in ("search", "searched"))
    assert by_command == by_call
    assert len(by_call) == 3
    assert [path.name for path in found.pictures] == sorted(path.name for path in (folder / "search").glob("*.png"))
    assert "3 trials" in found._repr_html_()
    assert "\n".join(str(found).splitlines()[1:-1]) in capsys.readouterr().out  # but for seconds, and the folder
    assert all(trial["values"].keys() == {"train.l2"} and trial["history"] for trial in by_call.values())
    for name in ("best.yaml", "best.keras"):
        assert content(folder / "search" / name) == content(folder / "searched" / name)
    for record in found.records:
        written = by_call[record.key]
        assert (record.values, record.score, record.trial) == (written["values"], written["score"], written["trial"])
        assert losses(record.history) == written["history"]
    assert found.best.score == max(record.score for record in found.records if record.score is not None)


def trials(folder):
    """What the files of trials hold, but for seconds of the clock."""
    found = [json.loads(path.read_text()) for path in (folder / "trials").glob("*.json")]
    for trial in found:
        del trial["seconds"], trial["finished"]
        trial["history"] = losses(trial["history"])
    return {trial["key"]: trial for trial in found}


def content(path):
    if path.suffix != ".keras":
        return path.read_text()
    from convspec.training.predictor import load_model

    return [weight.tolist() for weight in load_model(path).get_weights()]


def test_bench(folder, capsys):
    """Seconds are never equal; what they are seconds of is."""
    how = ["--batch", "2", "--repeats", "2", "--input", "32x32x1", "--set", "classes=4"]
    assert main(["bench", str(folder / "tiny.yaml"), "lenet5", *how, "--json"]) == 0
    said = json.loads(capsys.readouterr().out)["networks"]
    shape = {"input_shape": (32, 32, 1), "overrides": {"classes": 4}}
    found = convspec.bench(folder / "tiny.yaml", "lenet5", batch=2, repeats=2, **shape)
    assert [row.name for row in found] == list(said) == ["tiny", "lenet5"]
    assert all(len(part.seconds) == part.batch == 2 for row in found for part in (row.inference, row.training))
    assert found._repr_html_().count("<tr>") == 3
    assert [line.split()[0] for line in str(found).splitlines()] == ["batches", "network", "-" * 73, "tiny", "lenet5"]
    (row,) = convspec.bench(convspec.load(folder / "tiny.yaml"), repeats=1, inference=True)
    assert (row.inference.batch, row.training) == (32, None)
    with pytest.raises(InputError, match="no dtype is called 'float8'\n  there are float32, float16, bfloat16"):
        convspec.bench("lenet5", dtype="float8")
    with pytest.raises(InputError, match="botleneck"):  # before the first is measured
        convspec.bench("lenet5", {"name": "a", "input": [8, 8, 1], "classes": 3, "body": [{"block": "botleneck"}]})


def test_report(folder):
    path = convspec.report(folder / "run", folder / "called.html")
    assert main(["report", str(folder / "run"), "--out", str(folder / "command.html")]) == 0
    assert path.stat().st_size == (folder / "command.html").stat().st_size


def test_plot_compare_diff_and_check(folder, capsys):
    assert main(["plot", "lenet5", "--out", str(folder / "command.svg")]) == 0
    convspec.plot("lenet5", folder / "called.svg")
    assert (folder / "command.svg").read_text() == (folder / "called.svg").read_text()
    capsys.readouterr()

    assert main(["compare", "lenet5", "resnet1*", "--json"]) == 0
    from convspec.analysis.comparison import to_dicts

    assert json.loads(capsys.readouterr().out) == json.loads(
        json.dumps(to_dicts(convspec.compare("lenet5", "resnet1*")))
    )

    assert main(["diff", "resnet18", "resnet34"]) == 1
    assert convspec.diff("resnet18", "resnet34").keys() == {None}
    assert main(["diff", "resnet18", "resnet18"]) == 0
    assert convspec.diff("resnet18", convspec.load("resnet18")) == {}

    wrong = {"name": "wrong", "input": [8, 8, 1], "classes": 3, "body": [{"block": "botleneck", "filters": 4}]}
    findings = convspec.check(wrong)
    (diagnostic,) = findings
    assert not findings.ok
    assert "did you mean &#x27;bottleneck&#x27;" in findings._repr_html_()
    assert "did you mean 'bottleneck'" in str(diagnostic)
    right = convspec.check(folder / "tiny.yaml")
    assert right == []
    assert right.notes == ()
    assert right.ok
    assert str(right) in right._repr_html_()
    assert "<td>11,699,112</td>" in convspec.compare("lenet5", "resnet18")._repr_html_()
    assert "--- resnet18\n+++ resnet34\n" in convspec.diff("resnet18", "resnet34")._repr_html_()
    assert "are the same network" in convspec.diff("lenet5", "lenet5")._repr_html_()
    assert convspec.plot("lenet5")._repr_html_().startswith("<svg")


def printed(capsys, *command):
    main(list(map(str, command)))
    return capsys.readouterr().out


def test_results_print_as_their_commands_do(folder, tmp_path, capsys):
    tiny, digits = folder / "tiny.yaml", tmp_path / "short.yaml"
    digits.write_text("name: short\ninput: [28, 28, 1]\nclasses: 4\nbody: [conv3-8]\ntrain: {epochs: 1}\n")
    assert f"{convspec.analyze(tiny)}\n" == printed(capsys, "inspect", tiny)
    assert f"{convspec.compare(tiny, digits)}\n" == printed(capsys, "compare", tiny, digits)
    assert f"{convspec.diff(tiny, digits)}\n" == printed(capsys, "diff", tiny, digits)
    assert f"{convspec.check(tiny)}\n" == printed(capsys, "check", tiny)
    assert str(Findings("tiny", notes=["worth knowing"])) == "tiny: ok\n  worth knowing"
    picture = convspec.plot(tiny, tmp_path / "a.svg")
    assert f"{picture}\n" == printed(capsys, "plot", tiny, "--out", tmp_path / "a.svg", "--overwrite")
    assert str(convspec.diff(tiny, tiny)) == f"{tiny} and {tiny} are the same network"
    spec = convspec.load(digits)
    assert repr(spec) == str(spec) == "Spec('short', 28x28x1 -> 4 classes)"
    assert repr(convspec.analyze(spec)) == "Analysis('short')"


def test_the_folder_of_a_run_is_named_for_its_network(folder, tmp_path):
    result = convspec.train(folder / "tiny.yaml", folder / "data.npz", out=tmp_path / "{name}", epochs=1)
    assert result.folder == tmp_path / "tiny"
    assert (tmp_path / "tiny" / "model.keras").exists()


def test_what_a_call_notices_is_logged_and_a_command_prints_it(folder, tmp_path, capsys, caplog):
    dark = np.load(folder / "data.npz")
    np.savez(tmp_path / "dark.npz", **{name: array // 8 if name[0] == "x" else array for name, array in dark.items()})
    note = "dark: pixels 0 to 255, that of their type, uint8, though the largest is 24; "
    with pytest.raises(InputError):
        convspec.train(folder / "tiny.yaml", tmp_path / "dark.npz", devices=0)
    assert [(record.name, record.levelname) for record in caplog.records] == [("convspec.api.datasets", "WARNING")]
    assert caplog.messages == [f"{note}pixel_range= declares another range"]
    assert capsys.readouterr() == ("", "")
    main(["train", str(folder / "tiny.yaml"), "--data", str(tmp_path / "dark.npz"), "--devices", "0"])
    assert f"{note}--pixel-range declares another range\n" in capsys.readouterr().err


def test_check_with_data(folder, capsys):
    main(["check", str(folder / "tiny.yaml"), "--data", str(folder / "data.npz")])
    said = capsys.readouterr().out
    found = convspec.check(folder / "tiny.yaml", data=folder / "data.npz", verbose=True)
    assert capsys.readouterr().out == said == "\n".join([f"{folder / 'tiny.yaml'}: ok", *map(str, found), ""])
    with pytest.raises(InputError, match=r"data\.npz: is there already"):
        convspec.check(folder / "tiny.yaml", data=folder / "data.npz", picture=folder / "data.npz")
    with pytest.raises(InputError, match="shows the learning-rate range test, which needs images"):
        convspec.check(folder / "tiny.yaml", picture=folder / "range.png")


def test_a_training_without_a_folder_names_no_files():
    result = Result((), 1, 0.5, 0.25, None, None, 2.0)
    assert summary(result, []) == str(result)
    assert "model.keras" in summary(dataclasses.replace(result, folder=Path("runs/x")), [])


def test_a_comparison_of_inference_alone_has_no_columns_for_training():
    page = Measurements([Measured("lenet5", Timing(8, (0.010, 0.012)), None)], {})._repr_html_()
    assert page.count("<td>") == 3
    assert "training step" not in page
