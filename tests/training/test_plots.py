"""Plots show the numbers that they should, with everything named, whatever the number of epochs and classes."""

import io
import math
import subprocess
import sys

import numpy as np
import pytest
from sklearn import metrics as oracle

from seqrun.tasks.classification.plots import classification_figures
from seqrun.training.drawing import drawn
from seqrun.training.figures import new_figure
from seqrun.training.history_plots import history_figures

pytestmark = pytest.mark.filterwarnings("error")
TWO = ("negative", "positive")


def history(epochs):
    """Rows as in history.csv, with falling losses and rising metrics."""
    rows = []
    for epoch in range(1, epochs + 1):
        done = epoch / epochs
        row = {"epoch": epoch, "loss": 1 - done / 2, "accuracy": done, "auc": done / 2 + 0.5}
        row |= {"val_loss": 1.1 - done / 2, "val_accuracy": done - 0.1, "val_auc": done / 2 + 0.4}
        rows.append(row | {"learning_rate": 1e-3 / epoch, "seconds": 2.0, "samples_per_second": 1e4})
    return rows


def test_characters_without_a_font_are_told_once_for_all_plots():
    figures = {name: new_figure(3, 2) for name in ("one", "two")}
    for figure in figures.values():
        figure.add_subplot().set_title("\U000f0000 and \U000f0001")  # of private use: no font has them
    files, told = drawn(figures)
    assert [content[:4] for content in files.values()] == [b"\x89PNG"] * 2
    assert len(told) == 1 and "the plots show \U000f0000, \U000f0001 as boxes" in told[0]
    assert drawn({"plain": new_figure(3, 2)})[1] == ()


def binary_predictions(samples=400):
    random = np.random.default_rng(0)
    targets = random.integers(0, 2, samples)
    return targets, (0.4 * targets + 0.6 * random.random(samples)).astype(np.float32)


def class_predictions(classes, samples=600):
    random = np.random.default_rng(0)
    targets = np.arange(samples) % classes
    logits = random.normal(size=(samples, classes))
    logits[np.arange(samples), targets] += 1.5
    weights = np.exp(logits).astype(np.float32)
    return targets, weights / weights.sum(axis=1, keepdims=True), [f"class {number}" for number in range(classes)]


def lines(axes):
    return {line.get_label().split(" ")[0]: line for line in axes.lines}


def legend_texts(axes):
    return [text.get_text() for text in axes.get_legend().get_texts()]


def png(figure):
    """The figure as a file: draws everything, so that what cannot be drawn raises."""
    target = io.BytesIO()
    figure.savefig(target)
    assert target.getvalue().startswith(b"\x89PNG")
    return target.getvalue()


def cells(axes):
    return [text.get_text() for text in axes.texts]


# --- history


def test_a_history_has_three_figures_of_which_each_axis_is_named():
    figures = history_figures(history(12), best_epoch=7)
    assert list(figures) == ["loss", "metrics", "learning_rate"]
    for figure in figures.values():
        assert all(
            axes.get_xlabel() == "epoch" and axes.get_title(loc="left") for axes in figure.axes if axes.get_visible()
        )


def test_the_loss_plot_shows_both_losses_and_marks_the_best_epoch():
    rows = history(12)
    (axes,) = history_figures(rows, best_epoch=7)["loss"].axes
    drawn = lines(axes)
    np.testing.assert_array_equal(drawn["train"].get_xydata(), [(row["epoch"], row["loss"]) for row in rows])
    np.testing.assert_array_equal(drawn["validation"].get_xydata(), [(row["epoch"], row["val_loss"]) for row in rows])
    np.testing.assert_array_equal(drawn["best"].get_xydata(), [(7, rows[6]["val_loss"])])
    assert legend_texts(axes)[2].startswith("best epoch: 7")


def test_each_metric_has_its_axes_with_train_and_validation():
    rows = history(12)
    panels = [axes for axes in history_figures(rows, best_epoch=7)["metrics"].axes if axes.get_visible()]
    assert [axes.get_title(loc="left") for axes in panels] == ["accuracy", "auc"]
    np.testing.assert_array_equal(lines(panels[1])["train"].get_ydata(), [row["auc"] for row in rows])
    np.testing.assert_array_equal(lines(panels[1])["validation"].get_ydata(), [row["val_auc"] for row in rows])


def test_the_learning_rate_stands_on_a_log_axis():
    (axes,) = history_figures(history(12), best_epoch=7)["learning_rate"].axes
    assert axes.get_yscale() == "log"
    np.testing.assert_array_equal(axes.lines[0].get_ydata(), [1e-3 / epoch for epoch in range(1, 13)])


def test_one_epoch_is_visible_as_points():
    for figure in history_figures(history(1), best_epoch=1).values():
        for axes in figure.axes:
            marked = [line for line in axes.lines if line.get_marker() == "o" and line.get_xdata()[0] == 1]
            assert marked
            assert [tick for tick in axes.get_xticks() if tick % 1] == []
        png(figure)


def test_a_value_alone_between_gaps_is_marked_and_a_metric_without_values_says_so():
    rows = history(100)
    for row in rows:
        row["auc"] = row["val_auc"] = math.nan
        if row["epoch"] in (40, 42):
            row["val_accuracy"] = math.inf
    figure = history_figures(rows, best_epoch=50)["metrics"]
    accuracy, auc = (axes for axes in figure.axes if axes.get_visible())
    assert lines(accuracy)["validation"].get_markevery() == [40]  # epoch 41
    assert cells(auc) == ["not defined"]
    png(figure)


def test_thousands_of_epochs_are_a_line_without_markers():
    (axes,) = history_figures(history(3000), best_epoch=2999)["loss"].axes
    assert lines(axes)["train"].get_marker() == "None"


def test_a_history_without_validation_or_metrics_shows_what_there_is():
    rows = [{"epoch": epoch, "loss": 1 / epoch, "learning_rate": 0.0, "seconds": 1.0} for epoch in (1, 2, 3)]
    figures = history_figures(rows, best_epoch=3)
    assert list(figures) == ["loss", "learning_rate"]
    assert legend_texts(figures["loss"].axes[0]) == ["train", "best epoch: 3 (0.3333)"]
    for figure in figures.values():
        png(figure)


# --- predictions of two classes


def test_the_roc_curve_is_scikit_learns_with_auc_and_threshold():
    targets, probabilities = binary_predictions()
    (axes,) = classification_figures(targets, probabilities, TWO, 0.45)["roc"].axes
    fpr, tpr, _ = oracle.roc_curve(targets, probabilities)
    np.testing.assert_allclose(lines(axes)["AUC"].get_xydata(), np.stack([fpr, tpr], axis=1))
    (x,), (y,) = lines(axes)["threshold"].get_data()
    tn, fp, fn, tp = oracle.confusion_matrix(targets, probabilities >= 0.45).ravel()
    assert (x, y) == pytest.approx((fp / (fp + tn), tp / (tp + fn)))
    assert f"AUC {oracle.roc_auc_score(targets, probabilities):.4f}" in legend_texts(axes)
    assert (axes.get_xlabel(), axes.get_ylabel()) == ("false positive rate", "true positive rate")


def test_the_precision_recall_curve_is_scikit_learns_with_prevalence_and_threshold():
    targets, probabilities = binary_predictions()
    (axes,) = classification_figures(targets, probabilities, TWO, 0.45)["precision_recall"].axes
    precision, recall, _ = oracle.precision_recall_curve(targets, probabilities)
    np.testing.assert_allclose(lines(axes)["AP"].get_xydata(), np.stack([recall, precision], axis=1))
    assert set(lines(axes)["prevalence"].get_ydata()) == {np.mean(targets)}
    (x,), (y,) = lines(axes)["threshold"].get_data()
    assert x == pytest.approx(oracle.recall_score(targets, probabilities >= 0.45))
    assert y == pytest.approx(oracle.precision_score(targets, probabilities >= 0.45))
    assert f"AP {oracle.average_precision_score(targets, probabilities):.4f}" in legend_texts(axes)


def test_two_classes_have_a_confusion_matrix_at_each_threshold():
    targets, probabilities = binary_predictions()
    matrices = classification_figures(targets, probabilities, TWO, 0.45)["confusion_matrix"].axes
    for axes, predicted in zip(matrices, (probabilities > 0.5, probabilities >= 0.45), strict=True):
        counts = oracle.confusion_matrix(targets, predicted)
        shares = oracle.confusion_matrix(targets, predicted, normalize="true") * 100
        expected = [f"{n}\n{s:.0f}%" for n, s in zip(counts.ravel(), shares.ravel(), strict=True)]
        assert cells(axes) == expected
        assert [label.get_text() for label in axes.get_yticklabels()] == list(TWO)
        assert (axes.get_xlabel(), axes.get_ylabel()) == ("predicted class", "true class")
    assert "0.45" in matrices[1].get_title(loc="left")


def test_the_calibration_plot_is_scikit_learns_with_a_histogram():
    from sklearn.calibration import calibration_curve

    targets, probabilities = binary_predictions()
    upper, lower = classification_figures(targets, probabilities, TWO, 0.45)["calibration"].axes
    observed, promised = calibration_curve(targets, probabilities, n_bins=15)
    np.testing.assert_allclose(lines(upper)["test"].get_xydata(), np.stack([promised, observed], axis=1), rtol=1e-6)
    assert lower.patches[0].get_data().values.sum() == len(targets)
    assert "positive" in lower.get_xlabel()


@pytest.mark.parametrize("target", [0, 1])
def test_a_test_split_of_one_class_says_that_there_is_no_roc_curve(target):
    figures = classification_figures(np.full(20, target), np.linspace(0, 1, 20), TWO, 0.5)
    assert "not defined" in cells(figures["roc"].axes[0])[0]
    for figure in figures.values():
        png(figure)


def test_equal_probabilities_can_be_drawn():
    for figure in classification_figures(np.array([0, 1, 1]), np.full(3, 0.5), TWO, 0.9).values():
        png(figure)


# --- predictions of many classes


def test_up_to_ten_classes_have_a_curve_each_and_their_mean():
    targets, probabilities, names = class_predictions(10)
    figures = classification_figures(targets, probabilities, names, None)
    for figure, area in (("roc", oracle.roc_auc_score), ("precision_recall", oracle.average_precision_score)):
        texts = legend_texts(figures[figure].axes[0])
        areas = [area(targets == number, probabilities[:, number]) for number in range(10)]
        assert [text.split("  ")[1] for text in texts[1:]] == [*names, "mean of 10 classes"]
        assert [float(text.split()[1]) for text in texts[1:]] == pytest.approx([*areas, np.mean(areas)], abs=6e-4)


def test_the_mean_curve_encloses_the_mean_area():
    targets, probabilities, names = class_predictions(12)
    figures = classification_figures(targets, probabilities, names, None)
    (roc,), (recall,) = figures["roc"].axes, figures["precision_recall"].axes
    auc = oracle.roc_auc_score(targets, probabilities, multi_class="ovr")
    precision = np.mean([oracle.average_precision_score(targets == k, probabilities[:, k]) for k in range(12)])
    assert oracle.auc(*lines(roc)["AUC"].get_data()) == pytest.approx(auc, abs=2e-3)
    assert lines(recall)["AP"].get_ydata().mean() == pytest.approx(precision, abs=2e-3)


def test_more_than_ten_classes_show_their_mean_alone():
    targets, probabilities, names = class_predictions(11)
    (axes,) = classification_figures(targets, probabilities, names, None)["roc"].axes
    assert len(axes.lines) == 2  # the mean and the diagonal


def test_a_class_without_samples_is_left_out_of_the_mean_and_said_so():
    targets, probabilities, names = class_predictions(4)
    targets[targets == 3] = 0
    figures = classification_figures(targets, probabilities, names, None)
    texts = legend_texts(figures["roc"].axes[0])
    assert texts[4] == "not defined  class 3"
    assert texts[5].endswith("mean of 3 of 4 classes")
    for figure in figures.values():
        png(figure)


@pytest.mark.parametrize(("classes", "annotated"), [(3, True), (20, True), (40, False)])
def test_a_confusion_matrix_of_many_classes_holds_the_counts(classes, annotated):
    targets, probabilities, names = class_predictions(classes)
    figure = classification_figures(targets, probabilities, names, None)["confusion_matrix"]
    axes = figure.axes[0]
    shares = oracle.confusion_matrix(targets, probabilities.argmax(axis=1), normalize="true") * 100
    np.testing.assert_allclose(axes.images[0].get_array(), shares)
    assert [label.get_text() for label in axes.get_yticklabels()] == names
    assert bool(cells(axes)) == annotated
    png(figure)


def test_class_names_of_any_kind_can_be_drawn():
    targets, probabilities, _ = class_predictions(4)
    names = ["$\\frac{$", "_hidden", "two\nlines", "a name that goes on and on and on and on"]
    figures = classification_figures(targets, probabilities, names, None)
    texts = legend_texts(figures["roc"].axes[0])
    assert len(texts) == 6
    assert texts[4].endswith("…")
    for figure in figures.values():
        png(figure)


@pytest.mark.parametrize("names", [("a", "b"), TWO, tuple(f"class {number} of a long line" for number in range(20))])
def test_labels_are_not_cut_off(names):
    targets, probabilities = binary_predictions() if len(names) == 2 else class_predictions(len(names))[:2]
    threshold = 0.123456 if len(names) == 2 else None
    figures = classification_figures(targets, probabilities, names, threshold) | history_figures(history(60), 40)
    for figure in figures.values():
        png(figure)
        drawn, (width, height) = figure.get_tightbbox(), figure.get_size_inches()
        assert drawn.x0 >= 0
        assert drawn.y0 >= 0
        assert drawn.x1 <= width
        assert drawn.y1 <= height


def test_nothing_touches_pyplot():
    code = (
        "import sys, numpy as np\n"
        "from seqrun.tasks.classification.plots import classification_figures\n"
        "from seqrun.training.history_plots import history_figures\n"
        "assert not {'matplotlib', 'sklearn', 'scipy'} & set(sys.modules)\n"
        "history_figures([{'epoch': 1, 'loss': 1.0, 'auc': 0.5, 'learning_rate': 0.1}], 1)\n"
        "classification_figures(np.array([0, 1]), np.array([0.2, 0.7]), ('a', 'b'), 0.5)\n"
        "assert 'matplotlib.figure' in sys.modules and 'matplotlib.pyplot' not in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
