"""What a comparison says of rows with repeats: by which test, how sure, and how many runs would tell."""

from __future__ import annotations

import csv
import io
import json

import numpy as np
import pytest
from commands import run_command
from scipy import stats
from statsmodels.stats.multitest import multipletests

from seqrun.comparing.bootstrap import quantile_of

RNG = np.random.default_rng(18)


@pytest.fixture
def repeats(make_run):
    """repeats("gru", values): runs of an experiment with these test AUCs, with the seeds 0, 1, ... or others."""

    def repeats(name, values, seeds=None, metric="auc", **settings):
        for seed, value in zip(seeds or range(len(values)), values, strict=False):
            make_run(
                name=name, seed=seed, test={metric: float(value)}, settings={"architecture.name": name, **settings}
            )

    return repeats


@pytest.fixture
def verdicts(make_run):
    """The JSON rows of `seqrun compare`, by name."""

    def verdicts(*options):
        found = run_command("compare", *make_run.runs_dir.iterdir(), "--json", *options)
        return {row["name"]: row for row in json.loads(found.stdout)}

    return verdicts


def test_repeats_with_the_same_seeds_are_compared_in_pairs(repeats, verdicts):
    noise, own = RNG.normal(size=(2, 6)) * [[0.02], [0.002]]
    a, b = 0.9 + noise, 0.89 + noise + own
    repeats("a", a)
    repeats("b", b)
    rows = verdicts()
    oracle = stats.ttest_rel(b, a)
    assert (rows["a"]["verdict"], rows["b"]["verdict"]) == ("best", "worse")
    assert (rows["b"]["test"], rows["b"]["over"]) == ("t test paired by seed", "seeds")
    assert rows["b"]["p"] == pytest.approx(oracle.pvalue, rel=1e-9)
    assert rows["b"]["interval"] == pytest.approx(oracle.confidence_interval(), rel=1e-9)
    assert rows["b"]["difference"] == pytest.approx(np.mean(b) - np.mean(a), rel=1e-9)
    assert rows["b"]["runs_needed"] is None
    assert stats.ttest_ind(a, b).pvalue > 0.05  # what pairing is for


def test_other_seeds_are_compared_by_welchs_test(repeats, verdicts):
    a, b = RNG.normal(0.9, 0.01, 6), RNG.normal(0.85, 0.02, 6)
    repeats("a", a)
    repeats("b", b, seeds=range(10, 16))
    row = verdicts()["b"]
    oracle = stats.ttest_ind(b, a, equal_var=False)
    assert (row["verdict"], row["test"]) == ("worse", "Welch's t test")
    assert row["p"] == pytest.approx(oracle.pvalue, rel=1e-9)
    assert row["interval"] == pytest.approx(oracle.confidence_interval(), rel=1e-9)


def test_a_smaller_value_can_be_the_better_one(repeats, verdicts):
    repeats("small", RNG.normal(1.0, 0.01, 5), metric="mae")
    repeats("large", RNG.normal(2.0, 0.01, 5), metric="mae")
    rows = verdicts()
    assert (rows["small"]["verdict"], rows["large"]["verdict"]) == ("best", "worse")
    assert rows["large"]["probability_better"] == 0
    assert verdicts("--against", "large")["small"]["verdict"] == "better"


def test_p_values_are_holms_over_the_rows_that_a_named_one_is_compared_with(repeats, verdicts):
    values = {name: RNG.normal(mean, 0.02, 5) for name, mean in zip("abcd", (0.9, 0.89, 0.87, 0.86), strict=True)}
    for number, (name, found) in enumerate(values.items()):
        repeats(name, found, seeds=range(10 * number, 10 * number + 5))
    rows = verdicts("--against", "a")
    p = [stats.ttest_ind(values[name], values["a"], equal_var=False).pvalue for name in "bcd"]
    assert [rows[name]["p_adjusted"] for name in "bcd"] == pytest.approx(multipletests(p, method="holm")[1], rel=1e-9)
    assert rows["b"]["counted"] == 3
    chosen = verdicts()
    assert {row["counted"] for row in chosen.values()} - {None} == {6}  # all pairs, for the best was chosen


def test_few_runs_that_vary_say_how_many_more_would_tell(repeats, verdicts):
    a, b = [0.90, 0.92, 0.94], [0.88, 0.92, 0.93]
    repeats("a", a)
    repeats("b", b, seeds=[7, 8, 9])
    row = verdicts()["b"]
    assert row["verdict"] == "too few runs"
    assert row["runs_needed"] > 0
    line = run_command("compare", *row_paths(verdicts())).stdout
    assert f"too few runs (about {row['runs_needed']} more)" in line


def row_paths(rows):
    return [run["path"] for row in rows.values() for run in row["runs"]]


def test_the_same_values_are_a_tie_and_a_row_of_its_own_copy(repeats, verdicts):
    values = RNG.normal(0.9, 0.01, 5)
    repeats("a", values)
    repeats("b", values)
    rows = verdicts()
    assert {row["verdict"] for row in rows.values()} == {"best", "tie"}
    assert [row["interval"] for row in rows.values() if row["verdict"] == "tie"] == [[0, 0]]


def test_enough_runs_of_one_config_are_a_tie(repeats, verdicts):
    both = stats.norm.ppf((np.arange(40) + 0.5) / 40) * 0.01 + 0.9  # as regular a sample as there can be
    repeats("a", both[::2])
    repeats("b", both[1::2], seeds=range(100, 120))
    rows = verdicts()
    assert {row["verdict"] for row in rows.values()} == {"best", "tie"}
    (tie,) = [row for row in rows.values() if row["verdict"] == "tie"]
    assert tie["smallest"] == pytest.approx(np.sqrt((both[::2].var(ddof=1) + both[1::2].var(ddof=1)) / 2))


def test_a_difference_smaller_than_what_matters_is_a_tie_however_sure(repeats, verdicts):
    noise = RNG.normal(0, 0.0001, 6)
    repeats("a", 0.9 + noise)
    repeats("b", 0.899 - noise, seeds=range(20, 26))
    assert verdicts()["b"]["verdict"] == "worse"
    row = verdicts("--smallest", "0.005")["b"]
    assert (row["verdict"], row["smallest"]) == ("tie", 0.005)
    assert row["p"] < 0.001


@pytest.mark.parametrize(("runs", "verdict"), [(2, "too few runs"), (3, "too few runs"), (4, "worse")])
def test_where_no_seed_changes_anything_chance_alone_must_be_unlikely(repeats, verdicts, runs, verdict):
    repeats("a", [0.9] * runs)
    repeats("b", [0.8] * runs)
    row = verdicts()["b"]
    assert (row["verdict"], row["test"]) == (verdict, "permutation test")
    assert row["p"] == pytest.approx(exact_p(runs))
    assert row["runs_needed"] == (None if verdict == "worse" else 4 - runs)


@pytest.mark.parametrize(("runs", "verdict"), [(3, "too few runs"), (5, "too few runs"), (6, "worse")])
def test_pairs_that_differ_by_one_amount_are_counted_by_their_signs(repeats, verdicts, runs, verdict):
    values = np.round(0.9 + 0.01 * np.arange(runs), 2)  # accuracies of 100 samples: a t test would be certain
    repeats("a", values)
    repeats("b", np.round(values - 0.1, 2))
    row = verdicts()["b"]
    assert (row["verdict"], row["test"]) == (verdict, "sign test by seed")
    assert row["p"] == pytest.approx(stats.binomtest(runs, runs).pvalue)
    assert row["runs_needed"] == (None if verdict == "worse" else 6 - runs)


@pytest.mark.parametrize("options", [[], ["--smallest", "0.02"]])
def test_two_pairs_that_differ_by_one_small_amount_are_no_tie(repeats, verdicts, options):
    repeats("a", [0.91, 0.93])
    repeats("b", [0.90, 0.92])
    row = verdicts(*options)["b"]
    assert (row["verdict"], row["interval"], row["runs_needed"]) == ("too few runs", None, 4)


def exact_p(runs):
    """What scipy's exact permutation test says."""
    found = stats.permutation_test(
        ([0.9] * runs, [0.8] * runs), lambda a, b, axis: np.mean(a, axis) - np.mean(b, axis), vectorized=True
    )
    return found.pvalue


def test_one_run_has_no_verdict_over_seeds(repeats, verdicts):
    repeats("a", RNG.normal(0.9, 0.01, 5))
    repeats("b", [0.5])
    row = verdicts()["b"]
    assert (row["verdict"], row["over"], row["test"], row["interval"]) == ("too few runs", None, None, None)
    assert row["runs_needed"] >= 1  # by how much the other row's runs vary
    assert "over test items: " in row["reason"]


def test_without_repeats_nobody_knows_how_many_runs_it_takes(repeats, verdicts):
    repeats("a", [0.9])
    repeats("b", [0.5])
    row = verdicts()["b"]
    assert (row["verdict"], row["runs_needed"]) == ("too few runs", None)


def test_rows_on_other_test_data_are_never_compared(make_run, repeats, verdicts):
    repeats("a", [0.9, 0.91, 0.92])
    repeats("b", [0.8, 0.81, 0.83])
    for seed in (1, 2):
        make_run(name="other", seed=seed, test={"auc": 0.99}, data={"sources": [], "test_sha256": "00"})
    rows = verdicts()
    assert (rows["a"]["verdict"], rows["b"]["reference"]) == ("best", "a")
    assert rows["other"]["verdict"] is None


def test_runs_that_go_on_have_no_verdict(make_run, repeats, verdicts):
    repeats("a", [0.9, 0.91, 0.92])
    repeats("b", [0.8, 0.81, 0.83])
    make_run(name="live", status="running", history=[{"epoch": 1, "loss": 1.0, "val_loss": 1.0, "val_auc": 0.99}])
    rows = verdicts()
    assert (rows["a"]["verdict"], rows["live"]["verdict"]) == ("best", None)


def test_from_ten_runs_on_there_is_an_interquartile_mean(repeats, verdicts):
    values = RNG.normal(0.9, 0.01, 11)
    repeats("a", values)
    repeats("b", values[:9] - 0.1)
    rows = verdicts()
    assert rows["a"]["metrics"]["test.auc"]["interquartile_mean"] == pytest.approx(stats.trim_mean(values, 0.25))
    assert rows["b"]["metrics"]["test.auc"]["interquartile_mean"] is None


def test_the_bootstrap_interval_is_scipys(repeats, verdicts):
    a, b = RNG.exponential(size=12), 1 + RNG.exponential(size=12)
    repeats("a", b)
    repeats("b", a, seeds=range(50, 62))
    oracle = stats.bootstrap((a, b), lambda a, b, axis: a.mean(axis) - b.mean(axis), n_resamples=100_000, rng=1)
    found = verdicts()["b"]["bootstrap"]
    assert found == pytest.approx(oracle.confidence_interval, abs=0.1 * oracle.standard_error)


@pytest.mark.parametrize("given", ["b", "directory", "path", "@1"])
def test_the_row_compared_with_can_be_named_in_every_way(repeats, verdicts, make_run, monkeypatch, given):
    repeats("a", [0.9, 0.91, 0.92])
    repeats("b", [0.8, 0.81, 0.83])
    monkeypatch.chdir(make_run.runs_dir.parent)
    newest = sorted(make_run.runs_dir.iterdir())[-1]
    rows = verdicts("--against", {"directory": newest.name, "path": newest}.get(given, given))
    assert (rows["a"]["verdict"], rows["b"]["verdict"], rows["a"]["reference"]) == ("better", None, "b")


def test_only_the_row_compared_with_is_called_the_reference(repeats, make_run):
    repeats("a", [0.9, 0.91, 0.92])
    repeats("b", [0.8, 0.81, 0.83])
    other = {"sources": [], "test_sha256": "00"}
    for seed in (1, 2):  # of another test set, and of the same name
        make_run(name="b", seed=seed, test={"auc": 0.99}, data=other, settings={"architecture.units": 8})
    told = run_command("compare", *make_run.runs_dir.iterdir(), "--against", min(make_run.runs_dir.glob("*_b")))
    assert told.stdout.split().count("reference") == 1


@pytest.mark.parametrize("folders", ["one", "two"])
def test_where_rows_have_one_name_the_reference_is_told_by_a_name_that_is_its_own(repeats, make_run, tmp_path, folders):
    repeats("a", [0.9, 0.91, 0.92])
    repeats("a", [0.8, 0.81, 0.83], **{"architecture.units": 7})
    runs = sorted(make_run.runs_dir.iterdir())
    if folders == "two":  # in which directories are called alike
        for number in (0, 1):
            (tmp_path / str(number)).mkdir()
        runs = [run.rename(tmp_path / str(number // 3) / f"a_{number % 3}") for number, run in enumerate(runs)]
    rows = json.loads(run_command("compare", *runs, "--json").stdout)
    reference = rows[1]["reference"]
    assert reference == (str(runs[2]) if folders == "two" else runs[2].name) == rows[0]["reference"]
    again = json.loads(run_command("compare", *runs, "--json", "--against", reference).stdout)
    assert again[0]["verdict"] == "best" and again[1]["reference"] == reference


def test_a_reference_that_is_not_among_the_runs_is_added(repeats, make_run):
    repeats("a", [0.9, 0.91, 0.92])
    repeats("b", [0.8, 0.81, 0.83])
    names = sorted(make_run.runs_dir.iterdir())
    out = run_command("compare", *names[:3], "--against", names[3], "--json").stdout
    assert {row["name"]: row["verdict"] for row in json.loads(out)} == {"a": "too few runs", "b": None}


def test_a_name_that_several_rows_have_is_an_error(repeats, make_run):
    repeats("a", [0.9, 0.91, 0.92])
    repeats("a", [0.8, 0.81, 0.83], units=7)
    repeats("b", [0.7, 0.71])
    told = run_command("compare", *make_run.runs_dir.iterdir(), "--against", "a", code=2).stderr
    assert "--against: 2 rows are called so; name a run of one: 2" in told


def test_csv_has_the_verdict_and_what_repeats_tell_of_each_metric(repeats, make_run):
    values = RNG.normal(0.9, 0.01, 12)
    repeats("a", values)
    repeats("b", values[:5] - 0.2)
    rows = list(
        csv.DictReader(io.StringIO(run_command("compare", *make_run.runs_dir.iterdir(), "--format", "csv").stdout))
    )
    first, second = rows
    ends = [float(first[f"test.auc{ending}"]) for ending in ("_low", "_high", "_min", "_max", "_iqm")]
    interval = stats.t.interval(0.95, 11, values.mean(), stats.sem(values))
    assert ends == pytest.approx([*interval, values.min(), values.max(), stats.trim_mean(values, 0.25)])
    assert (first["verdict"], second["verdict"], second["test.auc_iqm"]) == ("best", "worse", "")
    assert float(second["interval_high"]) < 0


def test_equal_values_have_no_deviation_at_all(repeats, verdicts):
    repeats("a", [0.1] * 12)
    assert verdicts()["a"]["metrics"]["test.auc"]["sd"] == 0


@pytest.mark.parametrize("given", ["nan", "inf", "-1"])
def test_a_difference_that_matters_is_a_number(repeats, make_run, given):
    repeats("a", [0.1, 0.2])
    assert "--smallest" in run_command("compare", *make_run.runs_dir.iterdir(), "--smallest", given, code=2).stderr


def test_quantiles_are_numpys():
    drawn = np.random.default_rng(0)
    for size in (2, 5, 5000):
        values = drawn.normal(size=size)
        for probability in (0.0, 0.025, 0.5, float(drawn.random()), 0.975, 1.0):
            assert quantile_of(values.copy(), probability) == np.quantile(values, probability)
