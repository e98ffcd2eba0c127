"""`seqrun check`: what passes, what does not, and what cannot be told."""

from __future__ import annotations

import json
import re
import shutil
from datetime import datetime
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
from commands import run_command
from scipy import stats

OTHER_DATA = {"sources": [{"kind": "path", "path": "/data/imdb.npz", "sha256": "ff" * 32}], "test_sha256": "ee" * 32}


@pytest.fixture
def pair(make_run):
    """pair(new, former): a run with these test metrics, and one to hold it against."""

    def pair(new: dict, former: dict, **others: object) -> tuple[Path, Path]:
        return make_run(test=new, name="new", **others), make_run(test=former, name="former")

    return pair


def check(*arguments: object, code: int = 0):
    return run_command("check", *arguments, code=code)


def limits(folder: Path, text: str) -> Path:
    (folder / "limits.yaml").write_text(text)
    return folder / "limits.yaml"


@pytest.mark.parametrize(
    ("metric", "new", "former", "code"),
    [
        ("auc", 0.88, 0.9, 1),
        ("auc", 0.899, 0.9, 0),
        ("auc", 0.99, 0.9, 0),  # better
        ("loss", 0.32, 0.3, 1),
        ("loss", 0.1, 0.3, 0),  # better
        ("auc", 0.9, 0.91, 0),  # 0.91 - 0.9 is more than 0.01 in binary
        ("auc", 0.8999, 0.91, 1),
    ],
)
def test_a_metric_may_be_worse_by_its_tolerance(pair, metric, new, former, code):
    run, against = pair({metric: new}, {metric: former})
    check(run, "--against", against, "--tolerance", f"{metric}=0.01", code=code)


def test_two_sided_a_better_metric_does_not_pass_either(pair):
    run, against = pair({"auc": 0.99}, {"auc": 0.9})
    assert (
        "0.99 is 0.09 above"
        in check(run, "--against", against, "--tolerance", "auc=0.01", "--two-sided", code=1).stdout
    )


@pytest.mark.parametrize(("new", "code"), [(0.525, 0), (0.526, 1)])
def test_a_share_is_of_the_baseline_s_figure(pair, new, code):
    run, against = pair({"loss": new}, {"loss": 0.5})
    check(run, "--against", against, "--tolerance", "test.loss=5%", code=code)


def test_the_direction_of_a_trainer_s_own_metric_counts(pair):
    run, against = pair({"oddity": 2.0}, {"oddity": 1.0}, metric_directions={"oddity": "min"})
    check(run, "--against", against, "--tolerance", "oddity=0.5", code=1)
    check(against, "--against", run, "--tolerance", "oddity=0.5", code=2)  # the run itself does not say which way
    check(against, "--against", run, "--tolerance", "oddity=1", "--two-sided")


def test_repeats_are_held_against_repeats_by_their_means_a_seed_once(make_run):
    new, former = np.random.default_rng(0).uniform(0.8, 0.9, (2, 4))
    runs = [make_run(seed=seed, test={"auc": value}) for seed, value in enumerate(new)]
    make_run(seed=0, test={"auc": 0.0}, name="older").rename(make_run.runs_dir / "older")
    others = [
        make_run(seed=seed, test={"auc": value}, settings={"architecture.units": 64})
        for seed, value in enumerate(former)
    ]
    options = [part for run in others for part in ("--against", run)]
    (found,) = json.loads(check(*runs, *options, "--tolerance", "auc=1", "--json").stdout)["checks"]
    assert (found["value"], found["baseline"]) == pytest.approx((new.mean(), former.mean()), rel=1e-12)
    assert found["change"] == pytest.approx(new.mean() - former.mean(), rel=1e-9)


def test_an_experiment_s_name_is_all_its_runs_but_the_one_that_is_checked(make_run, monkeypatch):
    monkeypatch.chdir(make_run.runs_dir.parent)
    for seed in (1, 2):
        make_run(seed=seed, test={"auc": 0.8})
    run = make_run(seed=3, test={"auc": 0.5})
    found = json.loads(check(run, "--against", "imdb_lstm", "--tolerance", "auc=0", "--json", code=1).stdout)
    assert (len(found["against"]), found["checks"][0]["baseline"]) == (2, 0.8)


def test_runs_of_several_configs_have_no_common_mean(make_run):
    runs = [make_run(test={"auc": 0.9}, settings={"architecture.units": units}) for units in (32, 64)]
    assert "architecture.units" in check(*runs, "--against", runs[0], "--tolerance", "auc=1", code=2).stderr


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("test.auc: {at_least: 0.9}", 0),
        ("auc: {at_least: 0.901}", 1),
        ("test:\n  auc: {at_least: 0.9, at_most: 0.95}\nvalidation:\n  loss: {at_most: 0.5}", 0),
        ("validation.loss: {at_most: 0.49}", 1),
        ("seconds: {at_most: 60}", 0),
        ("time: {at_most: 29}", 1),
        ("parameters: {at_most: 652577}\nepochs: {at_most: 2}", 0),
        ("skill: {at_least: 0.3}", 1),
    ],
)
def test_bounds_need_no_baseline(make_run, text, code):
    history = [{"epoch": number, "loss": 0.4, "seconds": 15.0} for number in (1, 2)]
    run = make_run(test={"auc": 0.9}, validation={"loss": 0.5}, skill=0.25, history=history)
    check(run, "--tolerances", limits(run.parent, text), code=code)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("auc: 0.01", 1),
        ("auc: 0.02", 0),
        ("auc: {absolute: 0.02}", 0),
        ("auc: {relative: 0.01}", 1),
        ("auc: 5%", 0),
        ("auc: {absolute: 0.02, relative: 1%}", 1),  # both must hold
        ("loss: {absolute: 0.1, two_sided: true}", 1),
        ("loss: 0.1", 0),
    ],
)
def test_a_file_of_limits_has_tolerances_too(pair, text, code):
    run, against = pair({"auc": 0.88, "loss": 0.1}, {"auc": 0.9, "loss": 0.3})
    check(run, "--against", against, "--tolerances", limits(run.parent, text), code=code)


@pytest.mark.parametrize(
    ("text", "place", "told"),
    [
        ("auc: much", "1:6", "'much' is no number"),
        ("auc: 0.01\nloss: {atmost: 1}", "2:8", "did you mean at_most?"),
        ("auc: {at_least: 5%}", "1:17", "must be a number, not 5%"),
        ("auc: -1", "1:6", "from 0 on"),
        ("auc: {absolute: 5%}", "1:17", "relative: 5%"),
        ("auc: [1]", "1:6", "not a list"),
        ("auc: {two_sided: true}", "1:1", "says no limit"),
        ("auc: {absolute: 1, two_sided: 3}", "1:31", "true or false"),
        ("", "1:1", "auc: 0.01, test.loss: 5%"),
        ("auc: 1\nauc: 2", "2:1", "auc"),
    ],
)
def test_what_is_wrong_in_a_file_of_limits_is_told_with_its_place(pair, text, place, told):
    run, against = pair({"auc": 0.88}, {"auc": 0.9})
    stderr = check(run, "--against", against, "--tolerances", limits(run.parent, text), code=2).stderr
    assert f"limits.yaml:{place}" in stderr.replace("\n", "") and told in " ".join(stderr.split())


@pytest.mark.parametrize("word", ["auc", "auc=", "=0.1", "auc=x", "auc=nan", "auc=-1", "auc=inf%"])
def test_a_tolerance_is_a_metric_and_a_number(pair, word):
    run, against = pair({"auc": 0.88}, {"auc": 0.9})
    assert f"--tolerance {word}" in check(run, "--against", against, "--tolerance", word, code=2).stderr


def test_unequal_test_data_are_refused_for_metrics_and_not_for_seconds(make_run):
    history = [{"epoch": 1, "loss": 0.4, "seconds": 15.0}]
    run, other = (make_run(test={"auc": 0.9}, history=history, **data) for data in ({}, {"data": OTHER_DATA}))
    assert "unequal test data" in check(run, "--against", other, "--tolerance", "auc=1", code=2).stderr
    check(run, "--against", other, "--tolerance", "seconds=1")


def test_metrics_that_are_missing_are_named(pair):
    run, against = pair({"auc": 0.9, "f1": 0.5}, {"auc": 0.9, "accuracy": 0.8})
    stderr = check(run, "--against", against, "--tolerance", "acuracy=1", code=2).stderr
    assert "did you mean accuracy?" in " ".join(stderr.split())  # which neither has
    assert "the baseline has no test.f1" in check(run, "--against", against, "--tolerance", "f1=1", code=2).stderr
    stdout = check(run, "--against", against, "--tolerance", "accuracy=1", "--tolerance", "auc=1", code=1).stdout
    assert "has no test.accuracy" in stdout and "1 of 2 limits hold" in stdout


def test_a_metric_that_is_no_number_did_not_pass(pair):
    run, against = pair({"loss": float("nan")}, {"loss": 0.9})
    check(run, "--against", against, "--tolerance", "loss=1", code=1)


def test_a_run_that_did_not_finish_does_not_pass_and_is_no_baseline(make_run):
    run, other = make_run(status="failed"), make_run(test={"auc": 0.9}, name="other")
    assert "failed, not finished" in check(run, "--against", other, "--tolerance", "auc=1", code=1).stdout
    assert "no results" in check(other, "--against", run, "--tolerance", "auc=1", code=2).stderr


@pytest.mark.parametrize("arguments", [["--tolerance", "auc=1"], []])
def test_without_a_baseline_or_a_limit_nothing_can_be_told(make_run, arguments):
    check(make_run(test={"auc": 0.9}), *arguments, code=2)


def test_a_baseline_can_be_metrics_alone_or_the_files_of_a_run_that_say_more(pair, tmp_path):
    run, against = pair({"auc": 0.88}, {"auc": 0.9})
    shutil.copy(against / "metrics.json", tmp_path / "former.json")
    found = check(run, "--against", tmp_path / "former.json", "--tolerance", "auc=0.01", code=1)
    assert "former.json does not say on what data" in found.stderr
    (tmp_path / "baseline").mkdir()
    for name in ("run.json", "metrics.json"):
        shutil.copy(against / name, tmp_path / "baseline" / name)
    found = check(run, "--against", tmp_path / "baseline", "--tolerance", "auc=0.01", code=1)
    assert "note" not in found.stderr
    (tmp_path / "former.json").write_text('{"test": {"auc": "much"}}')
    assert "damaged" in check(run, "--against", tmp_path / "former.json", "--tolerance", "auc=1", code=2).stderr


# What https://github.com/windyroad/JUnit-Schema asks of each element: attributes, and children in their order.
SCHEMA = {
    "testsuites": (set(), ["testsuite"]),
    "testsuite": (
        {"id", "package", "name", "timestamp", "hostname", "tests", "failures", "errors", "time"},
        ["properties", "testcase", "system-out", "system-err"],
    ),
    "properties": (set(), ["property"]),
    "property": ({"name", "value"}, []),
    "testcase": ({"name", "classname", "time"}, ["failure"]),
    "failure": ({"message", "type"}, []),
    "system-out": (set(), []),
    "system-err": (set(), []),
}


def test_junit_xml_is_as_its_schema_has_it(pair, tmp_path):
    run, against = pair({"auc": 0.8, "loss": 0.3}, {"auc": 0.9, "loss": 0.3, "f1": 0.2})
    options = [part for each in ("auc=0.01", "loss=1%", "f1=0") for part in ("--tolerance", each)]
    check(run, "--against", against, *options, "--junit", tmp_path / "check.xml", code=1)
    root = ElementTree.parse(tmp_path / "check.xml").getroot()
    for element in root.iter():
        attributes, children = SCHEMA[element.tag]
        assert {*element.keys()} == attributes
        order = [children.index(child.tag) for child in element]
        assert order == sorted(order)
    suite = root[0]
    assert [child.tag for child in suite] == ["properties", *["testcase"] * 3, "system-out", "system-err"]
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d", suite.get("timestamp"))
    assert datetime.fromisoformat(suite.get("timestamp"))
    assert (suite.get("tests"), suite.get("failures"), suite.get("errors")) == ("3", "2", "0")
    kinds = [
        None if (failure := case.find("failure")) is None else failure.get("type") for case in suite.iter("testcase")
    ]
    assert kinds == ["absolute", None, "missing"]
    assert "0.8 is 0.1 below the baseline's 0.9" in suite.find("testcase/failure").get("message")


def test_junit_xml_of_odd_names_can_be_read(make_run, tmp_path):
    run = make_run(test={"a\x1b<b>&\ufffe": 0.5}, name='x"<&')
    file = tmp_path / "check.xml"
    (tmp_path / "limits.yaml").write_text('"test.a\\e<b>&\\uFFFE": {at_least: 0.6}')
    check(run, "--tolerances", tmp_path / "limits.yaml", "--junit", file, code=1)
    (case,) = ElementTree.parse(file).getroot().iter("testcase")
    assert case.get("classname") == 'seqrun.x"<&' and "<b>&" in case.get("name")


def test_the_summary_is_a_markdown_table_with_what_failed(pair, tmp_path):
    run, against = pair({"auc": 0.8, "loss": 0.3}, {"auc": 0.9, "loss": 0.3})
    check(
        run,
        "--against",
        against,
        "--tolerance",
        "auc=0.01",
        "--tolerance",
        "loss=0",
        "--summary",
        tmp_path / "s.md",
        code=1,
    )
    text = (tmp_path / "s.md").read_text()
    assert text.startswith("### seqrun check: FAILED\n")
    assert "| test.auc | 0.8 | 0.9 | -0.1 | at most 0.01 worse | FAILED |" in text
    assert "| test.loss | 0.3 | 0.3 | 0 | at most 0 worse | ok |" in text
    assert "- test.auc: 0.8 is 0.1 below the baseline's 0.9" in text


def test_a_report_that_cannot_be_written_is_told(pair):
    run, against = pair({"auc": 0.9}, {"auc": 0.9})
    check(run, "--against", against, "--tolerance", "auc=0", "--junit", run / "none" / "check.xml", code=2)


def test_it_answers_at_once_and_loads_nothing_heavy(pair, answers_at_once):
    run, against = pair({"auc": 0.9}, {"auc": 0.9})
    answers_at_once("check", run, "--against", against, "--tolerance", "auc=0")


@pytest.fixture
def repeated(make_run):
    """repeated(run, baseline): runs with these AUCs on the seeds 0, 1, ..., and those that they are held against."""

    def repeated(ours: list[float], theirs: list[float]) -> list[object]:
        runs = [make_run(name="new", seed=seed, test={"auc": auc}) for seed, auc in enumerate(ours)]
        former = {"name": "former", "settings": {"architecture.units": 99}}
        others = [make_run(**former, seed=seed, test={"auc": auc}) for seed, auc in enumerate(theirs)]
        return [*runs, *(word for other in others for word in ("--against", other)), "--tolerance", "auc=0.05"]

    return repeated


def test_beside_a_tolerance_stands_whether_the_difference_is_more_than_chance(repeated, tmp_path):
    ours, theirs = [0.88, 0.87, 0.89, 0.885], [0.9, 0.895, 0.91, 0.9]
    given = repeated(ours, theirs)
    [found] = json.loads(check(*given, "--json").stdout)["checks"]  # worse, but by less than it may be: exit code 0
    low, high = stats.ttest_rel(ours, theirs).confidence_interval()
    assert (found["verdict"], found["over"], found["test"]) == ("worse", "seeds", "t test paired by seed")
    assert found["interval"] == [pytest.approx(low), pytest.approx(high)]
    assert found["p"] == pytest.approx(stats.ttest_rel(ours, theirs).pvalue)
    told = check(*given, "--junit", tmp_path / "c.xml", "--summary", tmp_path / "c.md").stdout
    assert "worse" in told and "t test paired by seed" in told and f"{low:.4f} to {high:.4f}" in told
    assert "| worse |" in (tmp_path / "c.md").read_text()
    (out,) = ElementTree.parse(tmp_path / "c.xml").getroot().iter("system-out")
    assert f"test.auc: worse, change {low:.4f} to {high:.4f} [95%], t test paired by seed" in out.text


def test_what_fails_its_limit_by_chance_fails_all_the_same(repeated):
    [found] = json.loads(check(*repeated([0.7, 0.95], [0.9, 0.91]), "--json", code=1).stdout)["checks"]
    assert (found["passed"], found["verdict"]) == (False, "too few runs")


def test_two_runs_are_compared_over_their_test_samples(family_run):
    run = family_run("bag_of_words")
    [found] = json.loads(check(run, "--against", run, "--tolerance", "auc=0", "--json").stdout)["checks"]
    assert (found["verdict"], found["over"], found["n"]) == ("tie", "items", [200, 200])


def test_where_nothing_can_be_tested_there_is_no_verdict(pair):
    run, against = pair({"auc": 0.9}, {"auc": 0.9})
    ended = check(run, "--against", against / "metrics.json", "--tolerance", "auc=0", "--json")
    assert json.loads(ended.stdout)["checks"][0]["verdict"] is None
    assert "verdict" not in check(run, "--against", against, "--tolerance", "auc=0").stdout
