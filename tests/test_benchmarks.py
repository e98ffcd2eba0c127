"""The benchmarks' cases stay valid experiments, and their tables say what was measured."""

from __future__ import annotations

import json

import numpy as np
import pytest

from benchmarks.cases import CASES, grown
from benchmarks.data import arrays, classic_generator
from benchmarks.exporting import difference, table
from benchmarks.family_cases import FAMILIES, SMOKE, raw_of
from benchmarks.report import BEGIN, END, write
from seqrun.components.splits import Windows
from seqrun.config.experiment import load_experiment
from seqrun.registry import TRAINERS


@pytest.mark.parametrize("name", CASES)
def test_every_case_is_an_experiment_of_whole_batches(name: str) -> None:
    case = CASES[name]
    experiment = case.experiment()
    if experiment.trainer.steps_per_epoch is None:
        assert experiment.dataset.limit == case.steps * experiment.trainer.batch_size
    for settings in case.variants.values():
        assert case.experiment(settings) != experiment


def test_growth_trains_on_as_many_tokens_at_every_size() -> None:
    for case in (grown(batch=32), grown(length=256)):
        experiment = case.experiment()
        tokens = case.steps * experiment.trainer.batch_size * experiment.dataset.max_len
        assert tokens == pytest.approx(512_000, rel=0.01)


def test_the_classic_generator_and_fit_see_windows_as_the_dataset_cuts_them() -> None:
    rows = np.arange(40, dtype=np.float32)[:, None]
    windows = Windows(rows, rows, np.arange(10, 20), np.arange(0, 6, 2), np.array([8]), ((0, 40),))
    inputs, targets = arrays(windows)
    assert (inputs[0, :, 0] == [10, 12, 14]).all() and targets[0, 0] == 18
    samples, following = next(classic_generator(windows, 64))
    assert (samples[:, 1:, 0] - samples[:, :-1, 0] == 2).all()
    assert (following - samples[:, 0, 0] == 8).all()


def test_the_report_has_medians_and_the_ratios_of_rounds(tmp_path) -> None:
    (tmp_path / "README.md").write_text(f"# Mine\n{BEGIN}\nold\n{END}\nafter\n")
    ms = {"fit": [40.0, 20.0, 30.0], "pytorch": [30.0, 30.0, 30.0], "seqrun": [10.0, 10.0, 30.0], "products": [1.0] * 3}
    write({"machine": {"threads": "2"}, "date": "2026-11-22", "steps": {"lstm": ms}}, tmp_path)
    text = (tmp_path / "README.md").read_text()
    assert text.startswith("# Mine") and text.endswith("after\n") and "old" not in text
    assert "30.0 (25.0 to 35.0)" in text  # fit's milliseconds
    assert "2.00 (1.50 to 3.00)x" in text  # of fit to seqrun, round by round: 4, 2 and 1
    assert (tmp_path / "results.png").stat().st_size > 0


def test_every_kind_of_trainer_has_a_family_that_is_an_experiment(tmp_path) -> None:
    trainers = set()
    for family in FAMILIES.values():
        settings = {**family.settings, **family.prepare(tmp_path)}
        changes = [f"{key}={json.dumps(value)}" for key, value in settings.items()]
        trainers.add(load_experiment(SMOKE / f"{family.config}.yaml", changes).trainer.name)
    assert trainers == {*TRAINERS}


def test_raw_input_of_an_export_is_the_end_of_each_series() -> None:
    many = FAMILIES["forecast of many series"].given()
    told = {"kind": "windows", "lookback": 48, "columns": ["load"], "calendar": ["hour"]}
    raw = raw_of(many, {"input": told, "output": {"series": {}}})
    assert raw["series"] == ["007", "north", "Süd"]
    assert np.shape(raw["samples"]) == (3, 48, 1)
    for name, sample, times in zip(raw["series"], raw["samples"], raw["times"], strict=True):
        own = many[many["plant"] == name]
        assert (np.array(sample)[:, 0] == own["load"].to_numpy()[-48:]).all()
        assert [f"{np.datetime64(seconds, 's')}".replace("T", " ") for seconds in times] == [*own["time"]][-48:]


def test_a_difference_is_in_proportion_to_large_numbers_and_infinite_where_one_is_missing() -> None:
    assert difference([0.25, np.nan], [0.5, np.nan]) == 0.25
    assert difference([1000.0], [1001.0]) == pytest.approx(1 / 1001)
    assert difference([np.nan], [1.0]) == difference([1.0, 2.0], [1.0]) == np.inf


def test_the_table_of_families_has_the_largest_difference_and_says_why_there_is_none() -> None:
    rows = {"a": {"onnx": 1e-6, "litert": "no loop"}, "b": {"onnx": 3e-7, "litert": "no loop"}, "c": {"litert": 0.0}}
    header, _, a, b, c, largest, _, note = table(rows).splitlines()
    assert header == "|  | onnx | litert |"
    assert (a, b, c) == ("| a | 1.0e-06 | (1) |", "| b | 3.0e-07 | (1) |", "| c |  | 0 |")
    assert largest == "| **largest** | 1.0e-06 | 0 |" and note.startswith("(1) no loop")
