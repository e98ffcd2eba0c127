"""`seqrun diff`: in what two runs differ, and what is told where something cannot be known."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import h5py
import numpy as np
import pandas as pd
import pytest
from commands import arrays_of, run_command, without_hashes

from seqrun.rundir.reading import read_run


def told(*arguments: object) -> dict:
    return json.loads(run_command("diff", *arguments, "--json").stdout)


@pytest.fixture
def pair(family_run, tmp_path):
    """pair(config): the run of a smoke config, and a copy of it, without hashes, to be changed."""

    def pair(config: str) -> tuple[Path, Path]:
        run = family_run(config)
        return run, without_hashes(shutil.copytree(run, tmp_path / f"changed_{config}"))

    return pair


def changed_record(run: Path, **fields: object) -> None:
    record = json.loads((run / "run.json").read_text())
    (run / "run.json").write_text(json.dumps({**record, **fields}))


def changed_predictions(run: Path, change) -> dict[str, np.ndarray]:
    """The run's new arrays, of which `change` has changed some."""
    arrays = arrays_of(run / "predictions.npz")
    change(arrays)
    np.savez(run / "predictions.npz", **arrays)
    return arrays


def test_of_a_run_and_itself_all_is_the_same(family_run):
    run = family_run("text")
    found = told(run, run)
    assert found["training"]["identical"] and not any(found[part] for part in ("config", "data", "environment", "code"))
    text = run_command("diff", run, run).stdout
    assert "history, weights, predictions, metrics" in text


def test_settings_are_told_by_their_keys_with_both_values(make_run):
    settings = {"architecture.units": 64, "trainer.optimizer.learning_rate": 0.01, "tags": ["good"]}
    one, other = make_run(test={"auc": 0.9}), make_run(test={"auc": 0.8}, seed=7, settings=settings)
    found = told(one, other)["config"]
    assert found == {
        "seed": [42, 7],
        "tags": [[], ["good"]],
        "architecture.units": [32, 64],
        "trainer.optimizer.learning_rate": [0.001, 0.01],
    }
    assert "architecture.units" in run_command("diff", one, other).stdout


def test_another_component_is_told_by_its_name(make_run):
    one, other = make_run(), make_run(settings={"architecture": {"name": "conv1d", "filters": 8}})
    assert told(one, other)["config"] == {"architecture.name": ["lstm", "conv1d"]}


def test_other_files_rows_and_classes_of_data_are_told(make_run):
    one = make_run(test={"auc": 0.9})
    source = {"kind": "path", "path": "/data/imdb.npz", "sha256": "ff" * 32}
    counts = {"of": "class", "train": {"a": 1}, "validation": {}, "test": {}}
    data = {"name": "imdb", "sources": [source], "rows": {"test": 10}, "test_sha256": "00", "counts": counts}
    found = told(one, make_run(test={"auc": 0.9}, data=data))
    assert found["same_test_data"] is False
    first, second = found["data"]["file 1"]
    assert "abababababab" in first and "ffffffffffff" in second
    assert found["data"]["samples in test"] == [25000, 10]
    assert found["data"]["samples of each class in train"] == [None, {"a": 1}]


def test_the_same_file_elsewhere_is_the_same_data(make_run):
    source = {"kind": "cache", "path": "/elsewhere/imdb.npz", "sha256": "ab" * 32}
    rows = {"train": 20000, "validation": 5000, "test": 25000}
    data = {"name": "imdb", "sources": [source], "rows": rows, "test_sha256": "cd" * 32}
    found = told(make_run(), make_run(data=data))
    assert not found["data"] and found["same_test_data"] is True


def test_versions_device_threads_and_code_are_told(make_run):
    packages = {"python": "3.12.1", "keras": "3.15.1"}
    one = make_run(threads=2, device="CPU (2 cores)", packages=packages, git={"commit": "abc"})
    git = {"commit": "def"}
    other = make_run(threads=4, device="GPU:0 (A100)", packages={**packages, "keras": "3.16.0"}, git=git)
    (one / "code.patch").write_text("same\n- old\n")
    (other / "code.patch").write_text("same\n+ new\n")
    found = told(one, other)
    assert {each["name"]: (each["was"], each["now"]) for each in found["environment"]} == {
        "device": ("CPU", "A100"),
        "deterministic": (True, False),
        "threads": (2, 4),
        "keras": ("3.15.1", "3.16.0"),
    }
    assert {each["name"] for each in found["code"]} == {"code (git commit)", "uncommitted changes of code"}
    lines = run_command("diff", one, other).stdout.splitlines()
    assert "-- old" in lines and "++ new" in lines  # a difference between two differences


def test_where_training_parts_is_told(pair):
    run, other = pair("bag_of_words")
    history = pd.read_csv(other / "history.csv")
    history.loc[0, "loss"] += 1
    history.to_csv(other / "history.csv", index=False)
    with h5py.File(other / "model.weights.h5", "r+") as file:
        names: list[str] = []
        file.visititems(lambda name, item: names.append(name) if isinstance(item, h5py.Dataset) else None)
        file[names[-1]][...] += 2
    found = told(run, other)["training"]
    assert found["epoch"]["epoch"] == 1 and [*found["epoch"]["columns"]] == ["loss"]
    (array,) = found["weights"]
    assert (array["name"], array["largest"]) == (names[-1], pytest.approx(2, rel=1e-6))
    assert not found["predictions"] and not found["metrics"]


def test_metrics_have_both_values(make_run):
    one, other = make_run(test={"auc": 0.9, "f1": 0.5}), make_run(test={"auc": 0.85, "accuracy": 0.7})
    assert told(one, other)["metrics"] == {
        "test.auc": [0.9, 0.85],
        "test.f1": [0.5, None],
        "test.accuracy": [None, 0.7],
    }
    assert "-0.05" in run_command("diff", one, other).stdout


def test_the_verdict_is_over_the_repeats_that_are_stored(make_run):
    rng = np.random.default_rng(0)
    for seed, (low, high) in enumerate(zip(rng.normal(0.8, 0.01, 5), rng.normal(0.9, 0.01, 5), strict=True)):
        one = make_run(seed=seed, test={"auc": low}, name="small")
        other = make_run(seed=seed, test={"auc": high}, name="large", settings={"architecture.units": 64})
    (found,) = told(one, other)["verdicts"]
    assert (found["word"], found["over"], found["n"]) == ("better", "seeds", [5, 5])
    (found,) = told(other, one)["verdicts"]
    assert found["word"] == "worse" and found["difference"] < 0


def test_the_verdict_of_single_runs_is_over_test_items(pair):
    run, other = pair("text")
    before = arrays_of(run / "predictions.npz")

    def change(arrays: dict) -> None:  # always the right class
        arrays["predictions"][:] = np.eye(3)[arrays["targets"]]

    changed_predictions(other, change)
    metrics = json.loads((other / "metrics.json").read_text())
    metrics["test"]["accuracy"] = 1.0
    (other / "metrics.json").write_text(json.dumps(metrics))
    found = {each["metric"]: each for each in told(run, other)["verdicts"]}["test.accuracy"]
    right = (before["predictions"].argmax(axis=1) == before["targets"]).mean()
    assert (found["word"], found["over"]) == ("better", "items")
    assert found["difference"] == pytest.approx(1 - right)
    assert "better (over items)" in run_command("diff", run, other).stdout


def test_nothing_is_said_of_metrics_on_unequal_test_data(make_run):
    data = {"name": "imdb", "sources": [], "rows": {}, "test_sha256": "00"}
    assert told(make_run(test={"auc": 0.9}), make_run(test={"auc": 0.8}, data=data))["verdicts"] == []


def test_texts_whose_prediction_changed_most_are_shown_as_the_data_have_them(pair):
    run, other = pair("text")
    before = arrays_of(run / "predictions.npz")

    def change(arrays: dict) -> None:
        arrays["predictions"][5] = arrays["predictions"][5][::-1]
        arrays["predictions"][9] = [1, 0, 0]

    after = changed_predictions(other, change)
    found = told(run, other)["predictions"]
    distance = np.abs(before["predictions"] - after["predictions"]).mean(axis=1)
    expected = [place for place in np.argsort(-distance) if distance[place] > 0]
    assert found["compared"] == len(distance)
    assert [each["row"] for each in found["changed"]] == [int(before["index"][place]) for place in expected]
    assert [each["change"] for each in found["changed"]] == pytest.approx([distance[place] for place in expected])
    table = pd.read_csv(read_run(run).record["data"]["sources"][0]["path"])
    for each in found["changed"]:
        words = re.findall(r"\w+", table["review"][each["row"]].lower())
        assert {*each["sample"].split()} - {"[UNK]"} <= {*words}
        assert each["target"] == {"target": str(table["rating"][each["row"]])}
    by_row = {each["row"]: each["columns"] for each in found["changed"]}
    one, two = (before["predictions"][9][0], after["predictions"][9][0])
    (name,) = [name for name, values in by_row[int(before["index"][9])].items() if values == pytest.approx([one, two])]
    assert name.startswith("probability_")


def test_windows_are_told_by_when_they_end_and_what_the_file_has_there(pair):
    run, other = pair("series")
    before = arrays_of(run / "predictions.npz")

    def change(arrays: dict) -> None:
        arrays["predictions"][7] += 5

    changed_predictions(other, change)
    (found,) = told(run, other)["predictions"]["changed"]
    assert (found["row"], found["change"]) == (int(before["index"][7]), pytest.approx(5))
    config = read_run(run).record["config"]["dataset"]
    table = pd.read_csv(config["path"])
    last = table[config["targets"][0]][found["row"]]
    assert found["sample"].split()[-1] == f"{last:.4g}"
    assert pd.Timestamp(found["sample"].split()[1].rstrip(":")) == pd.Timestamp(table[config["time"]][found["row"]])
    (pair_of_steps, *_) = found["columns"].values()
    assert np.subtract(pair_of_steps[1], pair_of_steps[0]) == pytest.approx(5)


@pytest.mark.parametrize("config", ["tagger", "mnist_conv_autoencoder", "sequences", "multilabel", "regressor"])
def test_every_task_s_predictions_are_compared(pair, config):
    run, other = pair(config)

    def change(arrays: dict) -> None:
        arrays["predictions"][3] = arrays["predictions"][3][..., ::-1] + 0.25
        if "errors" in arrays:
            arrays["errors"][3] += 1

    before = arrays_of(run / "predictions.npz")
    changed_predictions(other, change)
    (found,) = told(run, other)["predictions"]["changed"]
    assert found["row"] == before["index"][3] and found["change"] > 0 and found["columns"] and found["sample"]
    assert str(found["row"]) in run_command("diff", run, other).stdout


def test_test_samples_of_one_run_alone_and_other_targets_are_told(pair):
    run, other = pair("text")

    def change(arrays: dict) -> None:
        arrays["index"][0] += 100_000
        arrays["targets"][4] = (arrays["targets"][4] + 1) % 3
        arrays["predictions"][1] *= 0.9

    after = changed_predictions(other, change)
    before = arrays_of(run / "predictions.npz")
    found = told(run, other)["test_samples"]
    assert found["only_first"] == [int(before["index"][0])] and found["only_second"] == [int(after["index"][0])]
    assert found["targets"] == [int(before["index"][4])] and found["both"] == len(before["index"]) - 1


def test_where_the_data_are_gone_what_the_run_keeps_is_shown(pair, tmp_path):
    run, other = pair("text")
    run = without_hashes(shutil.copytree(run, tmp_path / "moved"))
    (example, *_) = json.loads((run / "artifacts" / "examples.json").read_text())
    for each in (run, other):
        record = json.loads((each / "run.json").read_text())
        record["data"]["sources"][0]["path"] = str(tmp_path / "gone.csv")
        record["config"]["dataset"]["path"] = str(tmp_path / "gone.csv")
        (each / "run.json").write_text(json.dumps(record))

    def change(arrays: dict) -> None:
        arrays["predictions"][arrays["index"] == example["row"]] *= 0.5

    changed_predictions(other, change)
    ended = run_command("diff", run, other, "--json")
    (found,) = json.loads(ended.stdout)["predictions"]["changed"]
    assert (found["row"], found["sample"]) == (example["row"], example["text"])
    assert "what is predicted of is not shown: text: the data cannot be had" in " ".join(ended.stderr.split())
    assert not run_command("diff", run, other, "--no-samples").stderr


def test_plugins_are_not_run(pair, tmp_path):
    run, other = pair("text")
    (other / "plugins").mkdir()
    (other / "plugins" / "own.py").write_text(f"open({str(tmp_path / 'ran')!r}, 'w')\n")
    config = json.loads((other / "run.json").read_text())["config"]
    changed_record(other, config={**config, "plugins": [str(other / "plugins" / "own.py")]})
    changed_predictions(other, lambda arrays: arrays["predictions"].__imul__(0.5))
    for one, two in ((run, other), (other, run)):
        assert told(one, two)["predictions"]["changed"]
    assert not (tmp_path / "ran").exists()


def test_runs_without_predictions_or_on_other_files_are_compared_in_all_else(make_run, family_run):
    ended = run_command("diff", family_run("text"), make_run(test={"auc": 0.5}))
    assert "no predictions to compare" in ended.stderr
    ended = run_command("diff", family_run("text"), family_run("tagger"))
    assert "of other data" in ended.stderr


def test_runs_are_named_as_elsewhere_and_a_damaged_one_is_told(family_run, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    shutil.copytree(family_run("text"), tmp_path / "runs" / family_run("text").name)
    assert told("@1", "@latest")["training"]["identical"]
    run = without_hashes(shutil.copytree(family_run("text"), tmp_path / "bad"))
    (run / "predictions.npz").write_bytes(b"?")
    ended = run_command("diff", "@latest", run)
    assert "predictions not compared" in ended.stderr and "predictions.npz: damaged: it is no npz file" in ended.stderr
    assert "history, weights, metrics" in ended.stdout


def test_it_answers_at_once(make_run, answers_at_once):
    answers_at_once("diff", make_run(test={"auc": 0.9}), make_run(test={"auc": 0.8}, seed=3))
