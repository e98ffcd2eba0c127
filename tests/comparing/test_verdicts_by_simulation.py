"""How often verdicts over seeds are false, and find what they promise to; in full: benchmarks/verdicts.py."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats
from statsmodels.stats.power import TTestIndPower, TTestPower, tt_ind_solve_power

from benchmarks.verdicts import NOISE, of_two, share, words
from seqrun.comparing.power import Plan, runs_in_all

SIMULATIONS = 500
MOST = stats.binom.ppf(0.99, SIMULATIONS, 0.05) / SIMULATIONS  # false ones that a test at 5% may show by chance


@pytest.mark.parametrize("noise", ["normal", "skewed (exponential)", "steps (accuracy of 100)"])
@pytest.mark.parametrize(("sizes", "paired"), [((2, 2), True), ((3, 3), False), ((5, 5), True), ((2, 20), False)])
def test_an_experiment_is_seldom_better_or_worse_than_itself(noise, sizes, paired):
    assert share(of_two(NOISE[noise], sizes, paired, SIMULATIONS), "better", "worse") <= MOST


def test_of_ten_rows_of_one_experiment_seldom_any_is_worse_than_the_best():
    draws = np.random.default_rng(0).normal(size=(100, 10, 5))
    false = sum("worse" in words([*rows], paired=False) for rows in draws)
    assert false / len(draws) <= 0.05


def test_with_enough_runs_an_experiment_and_itself_are_mostly_a_tie():
    found = of_two(NOISE["normal"], (30, 30), False, 200)
    assert share(found, "tie") > 0.85
    assert share(of_two(NOISE["normal"], (3, 3), False, 200), "tie") == 0  # three runs cannot show that


def test_a_real_difference_is_seldom_called_a_tie():
    assert share(of_two(NOISE["normal"], (20, 20), False, SIMULATIONS, shift=1.0), "tie") <= MOST


@pytest.mark.parametrize("paired", [True, False])
def test_a_difference_of_a_standard_deviation_is_found_as_often_as_statsmodels_promises(paired):
    found = share(of_two(NOISE["normal"], (10, 10), paired, SIMULATIONS, shift=1.0), "better", "worse")
    promised = TTestPower().power(np.sqrt(0.5), 10, 0.05) if paired else TTestIndPower().power(1.0, 10, 0.05)
    assert found == pytest.approx(promised, abs=3 * np.sqrt(promised * (1 - promised) / SIMULATIONS))


@pytest.mark.parametrize("level", [0.05, 0.05 / 45])
@pytest.mark.parametrize("difference", [0.3, 1.0, 2.0])
def test_the_runs_that_a_difference_needs_are_statsmodels(difference, level):
    needed = runs_in_all(Plan(difference, 1.0, paired=False), 0.0, level)
    assert needed == np.ceil(tt_ind_solve_power(difference, power=0.8, alpha=level))
    needed = runs_in_all(Plan(difference, 1.0, paired=True), 0.0, level)
    assert needed == np.ceil(TTestPower().solve_power(difference, power=0.8, alpha=level))


@pytest.mark.parametrize("difference", [0.0, 0.3])
def test_the_runs_that_a_tie_needs_show_it_as_often_as_they_should(difference):
    needed = runs_in_all(Plan(difference, 1.0, paired=False), 1.0)
    draws = np.random.default_rng(1).normal(size=(4000, 2, needed))
    first, second = draws[:, 0] + difference, draws[:, 1]
    upper = stats.ttest_ind(first, second + 1, axis=1, alternative="less").pvalue
    lower = stats.ttest_ind(first, second - 1, axis=1, alternative="greater").pvalue
    assert np.mean(np.maximum(upper, lower) < 0.05) == pytest.approx(0.8, abs=0.04)
