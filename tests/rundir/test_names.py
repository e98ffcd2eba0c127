"""What a run may be called in every command."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from seqrun.errors import UsageError
from seqrun.rundir.names import find_run, find_runs, runs_in
from seqrun.rundir.reading import read_run

LSTM, OTHER_LSTM, TWIN, GRU = (
    "20261122-041530_imdb_lstm",
    "20261123-041530_imdb_lstm",
    "20261123-041530_imdb_lstm-2",
    "20261124-000000_imdb_gru",
)


@pytest.fixture
def runs(tmp_path, monkeypatch) -> Path:
    monkeypatch.chdir(tmp_path)
    for name in (LSTM, OTHER_LSTM, TWIN, GRU):
        make(tmp_path / "runs" / name)
    (tmp_path / "runs" / "20261125-000000_no_run").mkdir()
    make(tmp_path / "runs" / ".trash")
    return tmp_path / "runs"


def make(path: Path, started: str = "2026-11-22T04:15:30.000+00:00") -> Path:
    path.mkdir(parents=True)
    (path / "run.json").write_text(json.dumps({"status": "finished", "started": started}))
    return path


@pytest.mark.parametrize(
    ("given", "meant"),
    [
        (GRU, GRU),
        ("imdb_gru", GRU),
        ("imdb_g", GRU),
        ("20261122", LSTM),
        ("20261123-041530_imdb_lstm", OTHER_LSTM),
        ("@latest", GRU),
        ("@1", GRU),
        ("@2", TWIN),
        ("@4", LSTM),
        ("imdb_lstm@latest", TWIN),
        ("imdb_lstm@3", LSTM),
        (f"runs/{GRU}", GRU),
        ("runs/imdb_gru", GRU),
        ("runs/@2", TWIN),
    ],
)
def test_a_run_is_found_by_what_it_is_called(runs, given, meant):
    assert find_run(given).resolve() == runs / meant
    assert read_run(given).path.resolve() == runs / meant


def test_names_are_looked_for_in_another_folder(runs, tmp_path):
    other = make(tmp_path / "others" / "20261001-000000_imdb_lstm")
    assert find_run("imdb_lstm", Path("others")).resolve() == other
    assert find_run("others/@latest").resolve() == other


def test_a_name_as_it_stands_in_the_config_is_one_of_a_directory(runs):
    run = make(runs / "20261125-000001_my_first_run")
    assert find_run("my first run").resolve() == run


def test_a_renamed_run_has_its_place_by_when_it_began(runs):
    make(runs / "best", started="2026-11-23T04:15:29.000+00:00")
    names = [run.name for run in runs_in(Path("runs"))]
    assert names == [GRU, TWIN, OTHER_LSTM, "best", LSTM]
    assert find_run("best").resolve() == runs / "best"


def test_a_name_of_several_runs_says_which(runs):
    with pytest.raises(UsageError, match="imdb_lstm: 3 runs are called so") as error:
        find_run("imdb_lstm")
    assert all(name in str(error.value) for name in (LSTM, OTHER_LSTM, TWIN, "imdb_lstm@latest"))
    assert [run.name for run in find_runs("imdb_lstm")] == [TWIN, OTHER_LSTM, LSTM]


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ("imdb_gur", r"imdb_gur: no such run directory, and no run in runs/ is called so \(did you mean imdb_gru\?\)"),
        ("runs/20261124-000000_imdb_grv", rf"no such run directory \(did you mean {GRU}\?\)"),
        ("@5", r"@5: there are 4 runs in runs/: @latest to @4"),
        ("@0", "@0: there are 4 runs in runs/"),
        ("gru@2", r"gru@2: there are 0 runs called gru in runs/"),
        ("others/@latest", "others/@latest: there are 0 runs in others/"),
        ("x" * 300, "no such run directory"),
    ],
)
def test_a_name_of_no_run_is_an_error_with_what_is_near(runs, given, told):
    with pytest.raises(UsageError, match=told):
        read_run(given)


def test_a_folder_that_is_no_run_does_not_hide_one(runs, tmp_path):
    (tmp_path / "imdb_gru").mkdir()
    assert find_run("imdb_gru").resolve() == runs / GRU
    (tmp_path / "imdb").mkdir()
    with pytest.raises(UsageError, match="4 runs are called so"):
        find_run("imdb")
    (tmp_path / "unlike").mkdir()
    with pytest.raises(UsageError, match="unlike: no run"):
        read_run("unlike")
