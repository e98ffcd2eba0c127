"""What came of training a run again, told by the two runs and the repeats that are stored."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import scipy.stats

from seqrun.comparing.comparison import compare
from seqrun.comparing.noise import expected, stored_repeats
from seqrun.comparing.reproduction import reproduction
from seqrun.comparing.reproduction_page import sections
from seqrun.rundir.reading import RunRecord, read_run

SCORES = (0.80, 0.83, 0.81, 0.84)  # of seeds 0 to 3


def all_in(folder: Path) -> list[RunRecord]:
    return [read_run(path) for path in folder.iterdir()]


@pytest.fixture
def family(make_run):
    """family(again): a run of seed 0 and one that trained it again with this AUC, beside the runs of other seeds."""

    def family(again: float, seeds: int = len(SCORES)):
        runs = [make_run(seed=seed, test={"auc": SCORES[seed]}) for seed in range(seeds)]
        reproduced = make_run(seed=0, test={"auc": again}, reproduces={"run": runs[0].name})
        return read_run(runs[0]), read_run(reproduced)

    return family


def test_a_run_that_came_out_the_same_is_identical(family):
    found = reproduction(*family(SCORES[0]))
    assert found.word == "identical" and found.sentence.startswith("identical: ")


def test_the_interval_is_the_prediction_interval_of_one_more_value(family):
    original, again = family(0.8)
    (found,) = expected(stored_repeats(original, all_in(original.path.parent)))
    mean, sd, n = np.mean(SCORES), np.std(SCORES, ddof=1), len(SCORES)
    low, high = scipy.stats.t.interval(0.95, n - 1, mean, sd * np.sqrt(1 + 1 / n))
    assert (found.metric, len(found.runs)) == ("test.auc", n)
    assert (found.low, found.high) == pytest.approx((low, high), rel=1e-10)
    assert again.path.name not in found.runs


@pytest.mark.parametrize(("again", "word"), [(0.83, "within noise"), (0.7, "differs"), (0.95, "differs")])
def test_another_figure_is_held_against_the_repeats(family, again, word):
    found = reproduction(*family(again))
    assert found.word == word and found.repeats == len(SCORES)
    assert found.note() is None
    assert f"test.auc: 0.8 and {again}" in found.sentence


def test_the_page_says_which_repeats_and_what_interval(family):
    found = reproduction(*family(0.83))
    facts, noise = (section.rows for section in sections(found))
    named = {path.name for path in found.original.path.parent.iterdir()} - {found.again.path.name}
    assert {*dict(facts)["repeats"].split(", ")} == named
    (expected,) = found.noise
    assert noise == [["test.auc", "0.8000", "0.8300", f"{expected.low:.4f}", f"{expected.high:.4f}", "4"]]


def test_of_too_few_repeats_nothing_is_noise(family):
    found = reproduction(*family(0.81, seeds=2))
    assert found.word == "differs" and not found.noise
    assert "--seed 1 --repeats 2" in found.note() and "there are 2" in found.note()


def test_runs_of_another_config_or_on_other_data_are_no_repeats(family, make_run):
    original, _ = family(0.8)
    make_run(seed=7, test={"auc": 0.1}, settings={"architecture.units": 64})
    make_run(seed=8, test={"auc": 0.1}, data={"sources": [], "rows": {}, "test_sha256": "00"})
    make_run(seed=9, status="failed")
    assert len(stored_repeats(original, all_in(original.path.parent))) == len(SCORES)


def test_a_seed_that_was_trained_again_counts_once_and_by_the_first_run(family):
    original, _ = family(0.7)
    (row,) = compare([read_run(path) for path in original.path.parent.iterdir()]).rows
    assert sorted(row.metrics["test.auc"].values) == sorted(SCORES)


def test_a_reproduction_stands_for_its_seed_where_it_alone_finished(make_run):
    make_run(seed=1, status="failed")
    again = make_run(seed=1, test={"auc": 0.9}, reproduces={"run": "x"})
    (row,) = compare([read_run(path) for path in again.parent.iterdir()]).rows
    assert row.metrics["test.auc"].values == (0.9,)


def test_what_it_ran_with_is_compared(make_run):
    packages = {"python": "3.12.1", "keras": "3.15.1"}
    first = make_run(test={"auc": 0.5}, threads=2, device="CPU (2 cores)", packages=packages, git={"commit": "abc"})
    then = {"packages": {**packages, "keras": "3.16.0"}, "git": {"commit": "def"}}
    second = make_run(test={"auc": 0.5}, threads=4, device="CPU (4 threads)", **then)
    (second / "code.patch").write_text("+ a line\n- another\n")
    found = {each.name: (each.was, each.now) for each in reproduction(read_run(first), read_run(second)).surroundings}
    assert found == {
        "code (git commit)": ("abc", "def"),
        "uncommitted changes of code": (None, "+ a line\n- another\n"),
        "threads": (2, 4),
        "keras": ("3.15.1", "3.16.0"),
    }
