"""Metrics by kind of sample, as `seqrun show RUN --by` and `seqrun compare RUN... --by` have them."""

from __future__ import annotations

import csv
import json

import numpy as np
import pandas as pd
import pytest
from commands import run_command
from kept_runs import classifier, forecaster, keep
from sklearn.metrics import f1_score
from statsmodels.stats.proportion import proportion_confint

from seqrun.components.targets import LabelsTarget

N = 300
METRICS = {"accuracy": 0.5}  # that the run has measured


@pytest.fixture
def random():
    return np.random.default_rng(5)


def show(run, *arguments):
    return json.loads(run_command("show", run.path, *arguments, "--json").stdout)


def compare(*arguments):
    return json.loads(run_command("compare", *arguments, "--json").stdout)


def two_classes(random, n=N):
    targets = random.integers(0, 2, n)
    return targets, np.clip(0.5 + 0.3 * (targets - 0.5) + 0.3 * random.normal(size=n), 0, 1)


def test_accuracy_of_each_class_with_wilsons_interval(make_run, random):
    targets, scores = two_classes(random)
    found = show(classifier(make_run(), targets, scores), "--by", "class", "--metric", "accuracy")
    assert [each["slice"] for each in found["slices"]] == ["a", "b"]
    for number, each in enumerate(found["slices"]):
        right = ((scores > 0.5) == targets)[targets == number]
        assert each["n"] == len(right)
        assert each["metrics"]["accuracy"]["value"] == pytest.approx(right.mean())
        wilson = proportion_confint(right.sum(), len(right), method="wilson")
        assert each["metrics"]["accuracy"]["interval"] == pytest.approx(wilson)


def test_a_share_of_none_or_of_all_has_a_bound_that_is_exact(make_run):
    targets = np.repeat([0, 1], 37)
    found = show(classifier(make_run(), targets, np.full(74, 0.1)), "--by", "class", "--metric", "accuracy")
    (all_right, none_right) = (each["metrics"]["accuracy"]["interval"] for each in found["slices"])
    assert (all_right[1], none_right[0]) == (1.0, 0.0)


def test_shares_that_are_too_small_to_tell_apart_are_one_slice(make_run, random):
    targets, scores = two_classes(random)
    unknown = random.permutation(N).astype(np.float32) / N / 1000
    found = show(classifier(make_run(), targets, scores, unknown=unknown), "--by", "unknown", "--metric", "accuracy")
    assert sum(each["n"] for each in found["slices"]) == N


def test_lengths_are_cut_into_stretches_of_about_as_many_samples(make_run, random):
    targets, scores = two_classes(random)
    lengths = random.integers(3, 200, N)
    run = classifier(make_run(), targets, scores, lengths=lengths)
    found = show(run, "--by", "length", "--metric", "f1")
    assert sum(each["n"] for each in found["slices"]) == N
    assert max(each["n"] for each in found["slices"]) < N / 4
    for each in found["slices"]:
        low, high = map(int, each["slice"].split(" to "))
        inside = (lengths >= low) & (lengths <= high)
        f1 = each["metrics"]["f1"]
        assert (each["n"], f1["value"]) == (
            inside.sum(),
            pytest.approx(f1_score(targets[inside], scores[inside] > 0.5)),
        )
        assert f1["interval"][0] < f1["value"] < f1["interval"][1]


def test_an_interval_is_that_of_the_bootstrap_on_the_slice(make_run, random):
    targets, scores = two_classes(random)
    unknown = np.where(np.arange(N) < 120, 0.0, 0.25)
    run = classifier(make_run(), targets, scores, unknown=unknown.astype(np.float32))
    first, second = show(run, "--by", "unknown", "--metric", "log_loss")["slices"]
    assert [first["slice"], second["slice"], first["n"]] == ["0.0%", "25.0%", 120]
    losses = -np.log(np.where(targets == 1, scores, 1 - scores).clip(2.220446e-16, 1 - 2.220446e-16))[:120]
    draws = losses[random.integers(0, 120, (4000, 120))].mean(axis=1)
    assert first["metrics"]["log_loss"]["interval"] == pytest.approx(np.quantile(draws, [0.025, 0.975]), rel=0.12)


def test_few_samples_are_taken_together(make_run, random):
    sizes = {0: 150, 1: 100, 2: 4, 3: 3}
    targets = np.repeat([*sizes], [*sizes.values()])
    found = show(classifier(make_run(), targets, random.dirichlet(np.ones(4), len(targets))), "--by", "class")
    assert {each["slice"]: each["n"] for each in found["slices"]} == {"a": 150, "b": 100, "others (2)": 7}


def test_samples_with_several_labels_are_in_several_slices(make_run, random):
    labels = (random.random((N, 2)) < 0.6).astype(int)
    run = keep(make_run(), LabelsTarget(("x", "y")), targets=labels, predictions=random.random((N, 2)))
    found = show(run, "--by", "class", "--metric", "hamming_loss")
    assert [each["n"] for each in found["slices"]] == labels.sum(axis=0).tolist()


def forecasts(make_run, random, **arrays):
    values = np.cumsum(random.normal(size=N + 3))
    targets = np.stack([values[step : step + N] for step in range(3)], axis=1)[:, :, None]
    predictions = targets + random.normal(size=targets.shape) * np.array([1, 2, 4])[:, None]
    return forecaster(make_run(), targets, predictions, **arrays), np.abs(targets - predictions)[:, :, 0]


def test_forecasts_by_step_of_the_horizon(make_run, random):
    run, errors = forecasts(make_run, random)
    found = show(run, "--by", "step", "--metric", "mae", "--metric", "r2")
    assert [each["slice"] for each in found["slices"]] == ["1", "2", "3"]
    values = [each["metrics"]["mae"]["value"] for each in found["slices"]]
    assert values == pytest.approx(errors.mean(axis=0))
    assert found["whole"]["mae"]["value"] == pytest.approx(errors.mean())
    assert all(each["metrics"]["r2"]["value"] < 1 for each in found["slices"])


def test_forecasts_by_the_hour_that_is_forecast(make_run, random):
    start = pd.Timestamp("2026-03-01 05:00")
    times = np.array([[start + pd.Timedelta(hours=n + step) for step in range(3)] for n in range(N)], "datetime64[us]")
    run, errors = forecasts(make_run, random, times=times)
    found = show(run, "--by", "hour", "--metric", "mae")
    by_hand = pd.Series(errors.ravel()).groupby(pd.DatetimeIndex(times.ravel()).hour).mean()
    assert {int(each["slice"]): each["metrics"]["mae"]["value"] for each in found["slices"]} == pytest.approx(
        by_hand.to_dict()
    )


def test_forecasts_by_series(make_run, random):
    numbers = np.repeat([0, 1], N // 2).astype(np.int32)
    run, errors = forecasts(make_run, random, series=numbers)
    kept = {"period": None, "naive_mae": [[1.0], [2.0]], "series": ["north", "south"]}
    (run.path / "artifacts" / "naive_mae.json").write_text(json.dumps(kept))
    found = show(run, "--by", "series", "--metric", "mae", "--metric", "mase")
    assert {each["slice"]: each["metrics"]["mae"]["value"] for each in found["slices"]} == pytest.approx(
        {"north": errors[: N // 2].mean(), "south": errors[N // 2 :].mean()}
    )
    south = found["slices"][1]["metrics"]
    assert south["mase"]["value"] == pytest.approx(south["mae"]["value"] / 2)


def test_compare_has_the_same_slices_for_all_rows(make_run, random):
    targets, scores = two_classes(random)
    lengths = random.integers(3, 200, N)
    one = classifier(make_run(name="a", test=METRICS), targets, scores, lengths=lengths)
    other = classifier(
        make_run(name="b", settings={"architecture.units": 64}, test=METRICS),
        targets[::-1],
        1 - scores[::-1],
        index=np.arange(N)[::-1],
    )
    rows = compare(one.path, other.path, "--metric", "accuracy", "--by", "length")
    assert [row["name"] for row in rows] == ["a", "b"]
    assert [each["n"] for each in rows[0]["slices"]] == [each["n"] for each in rows[1]["slices"]]
    for first, second in zip(rows[0]["slices"], rows[1]["slices"], strict=True):
        assert first["value"] + second["value"] == pytest.approx(1)  # the other is wrong where the one is right
    alone = show(one, "--by", "length", "--metric", "accuracy")["slices"]
    assert [each["value"] for each in rows[0]["slices"]] == [each["metrics"]["accuracy"]["value"] for each in alone]


def test_repeats_have_their_spread_not_an_interval_over_samples(make_run, random):
    runs, shares = [], []
    for seed in range(3):
        targets, scores = two_classes(np.random.default_rng(0))[0], two_classes(random)[1]
        runs.append(classifier(make_run(name="a", seed=seed, test=METRICS), targets, scores))
        shares.append(((scores > 0.5) == targets)[targets == 1].mean())
    (row,) = compare(*(run.path for run in runs), "--metric", "accuracy", "--by", "class")
    of_class = row["slices"][1]
    assert (of_class["value"], of_class["sd"]) == pytest.approx((np.mean(shares), np.std(shares, ddof=1)))
    assert of_class["interval"] is None


def test_compare_as_csv_and_as_a_table(make_run, random, tmp_path):
    targets, scores = two_classes(random)
    run = classifier(make_run(name="a", test=METRICS), targets, scores)
    run_command("compare", run.path, "--by", "class", "-o", tmp_path / "slices.csv")
    with (tmp_path / "slices.csv").open() as file:
        rows = [*csv.DictReader(file)]
    assert [row["slice"] for row in rows] == ["a", "b", "all"]
    assert float(rows[0]["low"]) < float(rows[0]["value"]) < float(rows[0]["high"])
    head, *_ = run_command("compare", run.path, "--by", "class").stdout.splitlines()
    assert head.split() == ["accuracy", "by", "class", "n", run.path.name]


@pytest.mark.parametrize(
    ("by", "told"),
    [
        ("length", "has kept no lengths of its test samples: all have one, or the run is of an earlier version"),
        ("hour", "has kept no times of its test samples"),
        ("step", "makes no forecasts"),
        ("colour", "--by colour: is none of class, length, unknown, step, hour, series, and"),
    ],
)
def test_what_cannot_be_cut_so_says_why(make_run, random, by, told):
    run = classifier(make_run(test=METRICS), *two_classes(random))
    assert told in run_command("show", run.path, "--by", by, code=2).stderr
    assert told in run_command("compare", run.path, "--metric", "accuracy", "--by", by, code=2).stderr
