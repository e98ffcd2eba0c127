"""Which way a metric is better, whatever split, scale or threshold its name mentions."""

from pathlib import Path

import pytest

from seqrun.metrics import direction
from seqrun.registry import REGISTRIES, TRAINERS

# The direction in which scikit-learn's scorer of that metric is signed.
LARGER = {"accuracy": "accuracy", "auc": "roc_auc", "average_precision": "average_precision", "f1": "f1", "r2": "r2"}
SMALLER = {"log_loss": "neg_log_loss", "mae": "neg_mean_absolute_error", "mse": "neg_mean_squared_error"}


@pytest.mark.parametrize(("name", "scorer"), [*LARGER.items(), *SMALLER.items()])
def test_agrees_with_the_sign_of_scikit_learns_scorer(name, scorer):
    from sklearn.metrics import get_scorer

    assert {"max": 1, "min": -1}[direction(name)] == get_scorer(scorer)._sign


@pytest.mark.parametrize("template", ["{}", "val_{}", "test.{}", "validation.{}", "train.{}", "baselines.majority.{}"])
def test_the_split_does_not_change_the_direction(template):
    assert direction(template.format("auc")) == "max"
    assert direction(template.format("loss")) == "min"


def test_the_scale_and_the_threshold_do_not_change_the_direction():
    assert direction("scaled_mae") == "min"
    assert direction("reconstruction_mse") == "min"
    assert direction("val_reconstruction_mse") == "min"
    assert direction("test.span_f1") == direction("span_recall") == "max"
    assert direction("test.balanced_accuracy_at_test_chosen_threshold") == "max"


def test_a_threshold_does_not_change_the_direction_that_a_trainer_declares():
    declared = {"my_score": "max", "my_loss": "min"}
    assert direction("test.my_score_at_thresholds", declared) == "max"
    assert direction("my_loss_at_threshold", declared) == "min"


def test_every_metric_of_the_classifier_has_a_direction():
    from seqrun.tasks.classification.columns import METRICS

    assert {direction(name) for name in METRICS} == {"min", "max"}


def test_an_unknown_metric_is_an_error_that_suggests_the_nearest():
    with pytest.raises(KeyError, match=r"did you mean accuracy\?"):
        direction("val_acuracy")


def test_the_readme_defines_every_metric():
    readme = (Path(__file__).parent.parent / "README.md").read_text("utf-8")
    table = readme.partition("## What is measured")[2].partition("\n\n`skill`")[0]
    for name in TRAINERS:
        assert all(f"`{metric}`" in table for metric in REGISTRIES["trainer"].get(name).metrics)
