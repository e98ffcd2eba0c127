"""The benchmarks' cases stay valid experiments, and their tables say what was measured."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.cases import CASES, grown
from benchmarks.data import arrays, classic_generator
from benchmarks.report import BEGIN, END, write
from seqrun.components.splits import Windows


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
