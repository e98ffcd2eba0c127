"""Unlike runs: a table for each family."""

import json

import pytest
from click.testing import CliRunner

from seqrun.cli import main
from seqrun.comparing.comparison import compare
from seqrun.comparing.families import families
from seqrun.rundir.several import read_runs

SERIES = {"name": "series", "path": "/data/load.csv", "lookback": 48}


@pytest.fixture
def unlike(make_run):
    """Two classifiers and two forecasters, the better one of each family made first."""
    make_run(name="lstm", test={"auc": 0.9})
    make_run(name="wide", test={"auc": 0.8}, settings={"architecture.units": 64})
    data = {"name": "series", "sources": [], "rows": {"test": 9}, "test_sha256": "11" * 32}
    forecaster = {"dataset": SERIES, "trainer": {"name": "forecaster"}}
    make_run(name="short", test={"mae": 2.0}, data=data, settings=forecaster)
    make_run(name="long", test={"mae": 1.0}, data=data, settings={**forecaster, "dataset": {**SERIES, "lookback": 96}})
    return make_run


def invoke(make_run, *options):
    runs = sorted(map(str, make_run.runs_dir.iterdir()))
    result = CliRunner().invoke(main, ["compare", *runs, *options])
    assert result.exit_code == 0, result.output
    return result


def test_each_family_has_its_own_settings_and_metrics(unlike):
    whole = compare(read_runs(sorted(unlike.runs_dir.iterdir()), pytest.fail))
    found = families(whole)
    assert [(name, one.keys, one.metrics) for name, one in found.items()] == [
        ("imdb · classifier", ["architecture.units"], ["test.auc"]),
        ("series · forecaster", ["dataset.lookback"], ["test.mae"]),
    ]
    assert [[row.name for row in one.rows] for one in found.values()] == [["lstm", "wide"], ["long", "short"]]
    assert len(whole.keys) > 2  # one table would have all of them


def test_an_order_that_was_asked_for_holds_in_each_family(unlike):
    text = invoke(unlike, "--sort", "-name").stdout
    assert text.index("short") < text.index("long") and text.index("wide") < text.index("lstm")


def test_the_tables_are_headed_in_a_terminal_and_in_markdown(unlike):
    text = invoke(unlike).stdout.splitlines()
    assert text[0] == "imdb · classifier" and "series · forecaster" in text
    rulers = [line for line in invoke(unlike, "--format", "md").stdout.splitlines() if line.startswith("| --- |")]
    assert len(rulers) == 2
    assert [row["family"] for row in json.loads(invoke(unlike, "--json").stdout)].count("series · forecaster") == 2


def test_like_runs_are_one_table_without_a_head(make_run):
    make_run(test={"auc": 0.9})
    make_run(test={"auc": 0.8}, settings={"architecture.units": 64})
    assert invoke(make_run).stdout.startswith("run ")
