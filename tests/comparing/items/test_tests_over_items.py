"""Each test over items against another implementation of it, or against the formula by hand."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from kept_runs import classifier, forecaster, keep, tagger
from scipy.stats import binomtest, norm, t
from sklearn.metrics import f1_score, roc_auc_score
from statsmodels.stats.contingency_tables import mcnemar
from statsmodels.tsa.stattools import acovf

from seqrun.comparing.items.difference import NotComparable, difference_over_items
from seqrun.components.targets import LabelsTarget, NumbersTarget

N = 120


@pytest.fixture
def random():
    return np.random.default_rng(3)


def two_classifiers(make_run, random, n=N, classes=2):
    """Two runs on the same samples, and what they were made of: targets and both probabilities."""
    targets = random.integers(0, classes, n)
    if classes == 2:
        scores = [np.round(np.clip(0.5 + 0.2 * (targets - 0.5) + 0.25 * random.normal(size=n), 0, 1), 2) for _ in "ab"]
    else:
        scores = [random.dirichlet(np.ones(classes), n) + 0.3 * np.eye(classes)[targets] for _ in "ab"]
        scores = [each / each.sum(axis=1, keepdims=True) for each in scores]
    return [classifier(make_run(name=name), targets, each) for name, each in zip("ab", scores, strict=True)], (
        targets,
        *scores,
    )


def test_accuracy_is_judged_as_statsmodels_judges_discordant_pairs(make_run, random):
    (a, b), (targets, one, other) = two_classifiers(make_run, random)
    right, theirs = (one > 0.5) == targets, (other > 0.5) == targets
    table = [[(right & theirs).sum(), (right & ~theirs).sum()], [(~right & theirs).sum(), (~right & ~theirs).sum()]]
    found = difference_over_items(a, b, "accuracy")
    assert found.p == pytest.approx(mcnemar(table, exact=True).pvalue)
    assert found.difference == pytest.approx(right.mean() - theirs.mean())
    assert found.interval[0] < found.difference < found.interval[1]
    assert (found.test, found.n) == ("McNemar's exact test", N)


@pytest.mark.parametrize(
    ("wins", "losses"), [(0, 1), (3, 3), (0, 40), (7, 21), (400, 310), (2_400, 2_550), (9_000, 9_300)]
)
def test_the_exact_p_is_scipys_at_any_number_of_items(wins, losses):
    from seqrun.comparing.items.mcnemar import mcnemar as ours

    right = np.arange(wins + losses + 10) < wins
    other = (np.arange(wins + losses + 10) >= wins) & (np.arange(wins + losses + 10) < wins + losses)
    assert ours(right, other).p == pytest.approx(binomtest(wins, wins + losses).pvalue, rel=1e-9)


def structural_variance(targets, *scores):
    """The variance of a difference between AUCs by DeLong's formulas, from every pair of a positive and a negative."""
    positives, negatives = np.flatnonzero(targets == 1), np.flatnonzero(targets == 0)
    kernels = np.array(
        [
            [[(s[i] > s[j]) + (s[i] == s[j]) / 2 for j in negatives] for i in positives]
            for s in scores  # each (positives, negatives)
        ]
    )
    by_positive, by_negative = np.cov(kernels.mean(axis=2)), np.cov(kernels.mean(axis=1))
    both = by_positive / len(positives) + by_negative / len(negatives)
    return both[0, 0] + both[1, 1] - 2 * both[0, 1]


def test_auc_is_judged_by_delongs_formulas_over_all_pairs(make_run, random):
    (a, b), (targets, one, other) = two_classifiers(make_run, random)  # scores of two digits: many are equal
    found = difference_over_items(a, b, "auc")
    error = np.sqrt(structural_variance(targets, one, other))
    difference = roc_auc_score(targets, one) - roc_auc_score(targets, other)
    assert found.difference == pytest.approx(difference)
    assert found.p == pytest.approx(2 * norm.sf(abs(difference) / error))
    assert found.interval == pytest.approx((difference - 1.959964 * error, difference + 1.959964 * error))


def test_auc_of_three_classes_varies_as_in_the_bootstrap(make_run, random):
    (a, b), (targets, one, other) = two_classifiers(make_run, random, 400, classes=3)
    found = difference_over_items(a, b, "auc")
    draws = []
    for _ in range(400):
        chosen = random.integers(0, 400, 400)
        draws.append(np.subtract(*(roc_auc_score(targets[chosen], s[chosen], multi_class="ovr") for s in (one, other))))
    width = (found.interval[1] - found.interval[0]) / (2 * 1.959964)
    assert width == pytest.approx(np.std(draws), rel=0.12)


def f1_by_hand(targets, predicted):
    """2 TP / (2 TP + FP + FN), in a hundredth of scikit-learn's time."""
    return 2 * (targets & predicted).sum() / (targets.sum() + predicted.sum())


@pytest.mark.parametrize(("metric", "of"), [("f1", f1_by_hand), ("log_loss", None)])
def test_other_metrics_are_judged_by_drawing_samples_again(make_run, random, metric, of):
    (a, b), (targets, one, other) = two_classifiers(make_run, random, 300)

    def measured(scores, chosen):
        if of is not None:
            return of(targets[chosen] == 1, scores[chosen] > 0.5)
        given = np.where(targets == 1, scores, 1 - scores)[chosen]
        return -np.log(np.clip(given, 2.220446e-16, 1)).mean()

    draws = []
    for _ in range(4000):
        chosen = random.integers(0, 300, 300)
        draws.append(measured(one, chosen) - measured(other, chosen))
    assert f1_by_hand(targets == 1, one > 0.5) == pytest.approx(f1_score(targets, one > 0.5))
    found = difference_over_items(a, b, metric)
    low, high = np.quantile(draws, [0.025, 0.975])
    assert found.test == "paired bootstrap"
    assert found.difference == pytest.approx(measured(one, slice(None)) - measured(other, slice(None)))
    assert found.interval == pytest.approx((low, high), abs=0.15 * (high - low))
    assert found.p == pytest.approx(2 * min(np.mean(np.array(draws) < 0), np.mean(np.array(draws) > 0)), abs=0.06)


def harvey(apart, horizon):
    """DM statistic and p of R's forecast::dm.test, whose acf(type = "covariance") is statsmodels' acovf."""
    n = len(apart)
    variances = acovf(apart, adjusted=False, fft=False, nlag=max(1, horizon - 1))
    variance = (variances[0] + 2 * variances[1:horizon].sum()) / n
    statistic = apart.mean() / np.sqrt(variance) * np.sqrt((n + 1 - 2 * horizon + horizon * (horizon - 1) / n) / n)
    return statistic, 2 * t.sf(abs(statistic), n - 1)


def test_diebold_mariano_has_the_values_that_others_have():
    """R's dm.test(0:5, c(0, 2, 3, 3, 5, 6)), as the Python package dieboldmariano has it: DM -2.4905, p 0.05513."""
    from seqrun.comparing.items.diebold_mariano import diebold_mariano

    apart = np.arange(6.0) ** 2 - np.array([0, 2, 3, 3, 5, 6.0]) ** 2
    assert diebold_mariano(apart, 0).p == pytest.approx(0.05513, abs=5e-6)
    assert harvey(apart, 1) == pytest.approx((-2.4905, 0.05513), abs=5e-5)


@pytest.mark.parametrize("horizon", [1, 3, 8])
def test_diebold_mariano_at_each_horizon(random, horizon):
    from seqrun.comparing.items.diebold_mariano import diebold_mariano

    apart = np.convolve(random.normal(size=107), np.ones(8), "valid") + 1
    assert diebold_mariano(apart, horizon - 1).p == pytest.approx(harvey(apart, horizon)[1])


def two_forecasters(make_run, random, horizon=3, n=N):
    values = np.cumsum(random.normal(size=n + horizon))
    targets = np.stack([values[step : step + n] for step in range(horizon)], axis=1)[:, :, None]
    forecasts = [targets + random.normal(size=targets.shape) * size for size in (1.0, 1.3)]
    runs = [forecaster(make_run(name=name), targets, each) for name, each in zip("ab", forecasts, strict=True)]
    return runs, targets, forecasts


@pytest.mark.parametrize(("metric", "power"), [("mae", 1), ("mse", 2), ("rmse", 2)])
def test_forecasts_are_never_judged_more_boldly_than_by_r(make_run, random, metric, power):
    (a, b), targets, (one, other) = two_forecasters(make_run, random)
    found = difference_over_items(a, b, metric)
    apart = (np.abs(targets - one) ** power - np.abs(targets - other) ** power)[:, :, 0]
    means = [(np.abs(targets - each) ** power).mean() for each in (one, other)]
    metrics = np.sqrt(means) if metric == "rmse" else means
    assert found.test == "Diebold-Mariano with Harvey's correction"
    assert found.difference == pytest.approx(metrics[0] - metrics[1])
    assert found.p >= harvey(apart.mean(axis=1), 3)[1] - 1e-12
    assert found.interval[0] < found.difference < found.interval[1]
    for number, step in enumerate(found.steps):
        assert step.p >= harvey(apart[:, number], number + 1)[1] - 1e-12
        assert step.step == number + 1


def test_one_forecast_a_series_is_an_ordinary_paired_test(make_run, random):
    _, targets, (one, other) = two_forecasters(make_run, random)
    apart = (np.abs(targets - one) - np.abs(targets - other)).mean(axis=(1, 2))
    rows = np.arange(N) * 50
    far = [forecaster(make_run(name=n), targets, f, index=rows) for n, f in zip("cd", (one, other), strict=True)]
    assert difference_over_items(*far, "mae").p == pytest.approx(harvey(apart, 1)[1])


def test_spans_are_drawn_by_sentence(make_run, random):
    tags = ("O", "B-PER", "I-PER")
    targets = random.choice(3, p=[0.6, 0.3, 0.1], size=(200, 6))
    outputs = [np.eye(3)[np.where(random.random(targets.shape) < w, 0, targets)] for w in (0.1, 0.4)]
    a, b = (tagger(make_run(name=name), tags, targets, each) for name, each in zip("ab", outputs, strict=True))
    better = difference_over_items(a, b, "span_f1")
    assert better.p < 0.01 and better.interval[0] > 0
    assert (better.n, better.test) == (200, "paired bootstrap")  # sentences, not tags


def test_labels_and_numbers_are_judged_too(make_run, random):
    labels = (random.random((N, 3)) < 0.4).astype(int)
    scores = [np.clip(labels * 0.5 + random.random(labels.shape) * w, 0, 1) for w in (0.6, 0.9)]
    one, other = (
        keep(make_run(name=n), LabelsTarget(("x", "y", "z")), targets=labels, predictions=s)
        for n, s in zip("ab", scores, strict=True)
    )
    for metric in ("micro_f1", "macro_f1", "average_precision", "hamming_loss", "subset_accuracy", "log_loss"):
        found = difference_over_items(one, other, metric)
        assert found.interval[0] <= found.difference <= found.interval[1], metric
    numbers = random.normal(size=(N, 1))
    close, far = (
        keep(make_run(name=n), NumbersTarget(("x",), (0.0,), (1.0,)), targets=numbers, predictions=numbers + w)
        for n, w in zip("cd", (random.normal(size=(N, 1)) * 0.5, random.normal(size=(N, 1))), strict=True)
    )
    for metric, sign in product(("mae", "rmse"), (1,)):
        assert difference_over_items(far, close, metric).interval[0] * sign > 0
    assert difference_over_items(close, far, "r2").interval[0] > 0


@pytest.mark.parametrize("metric", ["accuracy", "auc", "f1", "average_precision", "calibration_error"])
def test_a_run_is_no_different_from_itself(make_run, random, metric):
    (a, _), _ = two_classifiers(make_run, random)
    found = difference_over_items(a, a, metric)
    assert (found.difference, found.p) == (0, 1)


def test_what_cannot_be_paired_says_why(make_run, random):
    (a, b), (targets, _, other) = two_classifiers(make_run, random)
    with pytest.raises(NotComparable, match=r"unequal test data"):
        data = {**a.record["data"], "test_sha256": "ef" * 32}
        difference_over_items(a, classifier(make_run(name="c", data=data), targets, other), "auc")
    with pytest.raises(NotComparable, match=r"different test rows"):
        difference_over_items(a, classifier(make_run(name="d"), targets, other, index=np.arange(N) + 1), "auc")
    with pytest.raises(NotComparable, match=r"different targets"):
        difference_over_items(a, classifier(make_run(name="e"), 1 - targets, other), "auc")
    with pytest.raises(NotComparable, match=r"loss cannot be computed .*; accuracy, auc,"):
        difference_over_items(a, b, "loss")
    with pytest.raises(NotComparable, match=r"test split alone"):
        difference_over_items(a, b, "validation.auc")
    (b.path / "predictions.npz").unlink()
    with pytest.raises(NotComparable, match=r"has no predictions.npz any more"):
        difference_over_items(a, b, "auc")


def test_samples_are_paired_by_their_rows(make_run, random):
    (a, b), (targets, _, other) = two_classifiers(make_run, random)
    turned = classifier(make_run(name="c"), targets[::-1], other[::-1], index=np.arange(N)[::-1])
    for metric in ("accuracy", "auc", "f1"):
        assert difference_over_items(a, turned, metric) == difference_over_items(a, b, metric)


@pytest.mark.parametrize(("items", "told"), [(4, False), (30, True)])
def test_items_without_spread_must_be_enough_to_be_no_chance(make_run, random, items, told):
    targets = np.arange(items, dtype=float)[:, None, None]
    a, b = (forecaster(make_run(), targets, targets + error) for error in (1.0, 2.0))
    assert (difference_over_items(b, a, "mae").p < 0.05) is told
    classes = np.repeat([0, 1], items // 2)
    a, b = (classifier(make_run(), classes, scores) for scores in (classes * 0.8 + 0.1, classes * -0.8 + 0.9))
    found = difference_over_items(b, a, "auc")
    assert (found.difference, found.p < 0.05) == (-1, told)
    assert found.p == pytest.approx(binomtest(items, items).pvalue)
