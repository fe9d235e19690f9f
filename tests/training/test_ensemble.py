"""Several members, trained, resumed and averaged from the command line."""

import json
from dataclasses import replace

import numpy as np
import pytest

import convspec
from convspec.cli import main
from convspec.data import load_data
from convspec.data.preprocessing import Normalizer
from convspec.language import InputError
from convspec.training.predictor import Predictor, load_predictor, model_files
from convspec.training.saving import Inputs, save_trained

SPEC = "name: tiny\ninput: [8, 8, 1]\nclasses: 10\nbody: [conv3-4]\ntrain: {epochs: 1, batch_size: 128}\n"


def test_members_differ_and_their_mean_is_scored(tmp_path, capsys):
    (tmp_path / "tiny.yaml").write_text(SPEC)
    out = tmp_path / "run"
    command = ["train", str(tmp_path / "tiny.yaml"), "--data", "digits", "--out", str(out)]
    assert main([*command, "--ensemble", "2"]) == 0
    assert "validation accuracy of 2 members " in capsys.readouterr().out
    (out / "member_2" / "result.json").unlink()
    assert main([*command, "--ensemble", "2", "--resume"]) == 0
    said = capsys.readouterr().out
    assert "member 2 of 2, seed 2" in said
    assert "member 1 of 2" not in said

    x = load_data("digits").x_val[:50]
    members = [load_predictor(out / f"member_{number}").probabilities(x) for number in (1, 2)]
    assert not np.allclose(*members)
    assert load_predictor(out).probabilities(x) == pytest.approx(np.mean(members, axis=0), abs=1e-6)
    assert json.loads((out / "ensemble.json").read_text())["validation"].keys() == {"members", "ensemble"}
    assert main(["evaluate", str(out), "--data", "digits", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["accuracy"] == json.loads((out / "ensemble.json").read_text())["validation"]["ensemble"]

    (out / "member_2" / "model.keras").unlink()  # as if its training had been interrupted
    assert main(["evaluate", str(out), "--data", "digits"]) == 1
    assert "an ensemble whose member_2 has no model.keras yet\n  train them to the end" in capsys.readouterr().err


def test_a_finished_member_of_another_recipe_is_a_diagnostic(tmp_path, capsys):
    (tmp_path / "tiny.yaml").write_text(SPEC)
    command = ["train", str(tmp_path / "tiny.yaml"), "--data", "digits", "--out", str(tmp_path / "run")]
    command += ["--ensemble", "2"]
    assert main(command) == 0
    (tmp_path / "run" / "member_10").mkdir()
    assert main([*command, "--resume"]) == 1
    assert "run: holds member_10, too, and --ensemble is 2\n  name another --out, or" in capsys.readouterr().err
    (tmp_path / "run" / "member_10").rmdir()
    assert main([*command, "--resume", "--batch-size", "7"]) == 1
    assert "member_1: holds another run: " in capsys.readouterr().err


def test_an_ensemble_of_one_is_a_diagnostic(tmp_path, capsys):
    (tmp_path / "tiny.yaml").write_text(SPEC)
    assert main(["train", str(tmp_path / "tiny.yaml"), "--data", "digits", "--ensemble", "1"]) == 1
    assert capsys.readouterr().err == "--ensemble 1: an ensemble has two members or more\n"
    with pytest.raises(InputError) as caught:
        convspec.train(tmp_path / "tiny.yaml", "digits", ensemble=2)
    assert str(caught.value) == "an ensemble needs a folder for its members\n  name it: out=..."


def networks(model, *changes):
    """A network twice, and what its images and classes are; `changes` are those of the second."""
    import keras

    normalizer = Normalizer(255.0, np.zeros(1, np.float32), np.ones(1, np.float32))
    first = Inputs(("cat", "dog"), normalizer, "none", 0.1, 1)
    shape, change = changes
    other = keras.Sequential([keras.Input(shape), keras.layers.Flatten(), keras.layers.Dense(2)], name="other")
    return (model, other), (first, replace(first, **change))


@pytest.mark.parametrize(
    ("shape", "change", "told"),
    [
        (
            (8, 8, 1),
            {"class_names": ("dog", "cat")},
            "has the classes of small in another order: number 0 is 'dog', not",
        ),
        ((8, 8, 1), {"class_names": ("cat", "fox")}, "has other classes than small: 'dog' is in one of the two alone"),
        ((9, 8, 1), {}, "reads images of 9 x 8 x 1, and small of 8 x 8 x 1"),
        ((8, 8, 1), {"resize": "crop"}, "had images brought to its size by 'crop', and small by 'none'"),
    ],
)
def test_networks_that_differ_do_not_answer_together(network, tmp_path, shape, change, told):
    models, inputs = networks(network(), shape, change)
    with pytest.raises(InputError) as raised:
        Predictor(models, inputs)
    assert str(raised.value).startswith(f"other: {told}")
    for number, (model, its) in enumerate(zip(models, inputs, strict=True)):
        (tmp_path / f"member_{number}").mkdir()
        save_trained(model, tmp_path / f"member_{number}" / "model.keras", its)
    with pytest.raises(InputError) as raised:
        load_predictor(tmp_path)
    files = [str(tmp_path / f"member_{number}" / "model.keras") for number in (0, 1)]
    assert str(raised.value).startswith(f"{files[1]}: {told.replace('small', files[0])}")


def test_members_stand_in_the_order_of_their_numbers(tmp_path):
    for number in range(1, 12):
        (tmp_path / f"member_{number}").mkdir()
        (tmp_path / f"member_{number}" / "model.keras").touch()
    assert [file.parent.name for file in model_files(tmp_path)] == [f"member_{number}" for number in range(1, 12)]
