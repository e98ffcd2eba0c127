"""`seqrun delete`: the trash of a folder of runs."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from commands import run_command

from seqrun.rundir.directory import RunDirectory


def delete(*arguments: object, code: int = 0, stdin: str | None = None):
    return run_command("delete", *arguments, code=code, stdin=stdin)


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir() if not path.name.startswith(".")} if folder.is_dir() else set()


def days_ago(days: float) -> str:
    return (datetime.now(UTC) - timedelta(days=days)).isoformat(timespec="milliseconds")


def content(run: Path) -> dict[str, bytes]:
    return {str(path.relative_to(run)): path.read_bytes() for path in run.rglob("*") if path.is_file()}


def test_a_run_is_moved_to_the_trash_and_back_as_it_was(make_run):
    run, other = make_run(name="a"), make_run(name="b")
    before = content(run)
    ended = delete(run)
    assert names(run.parent) == {other.name}
    assert content(run.parent / ".trash" / run.name) == before
    assert f"back: seqrun delete --restore {run}" in ended.stderr
    assert delete("--restore", run).stdout.strip() == str(run)
    assert content(run) == before


def test_a_run_is_named_as_elsewhere_but_one_that_is_not_the_only_one_of_its_name_is_not_guessed(make_run, monkeypatch):
    runs = [make_run(name=name) for name in ("a", "b", "b")]
    monkeypatch.chdir(runs[0].parent.parent)
    delete("a")
    assert "2 runs are called so" in delete("b", code=2).stderr
    assert names(runs[0].parent) == {runs[1].name, runs[2].name}
    delete("--restore", runs[0].name)
    assert runs[0].is_dir()
    delete("a")
    delete("--restore", "a")
    assert runs[0].is_dir()


def test_a_run_is_restored_by_its_path_in_the_trash_too(make_run):
    run = make_run()
    delete(run)
    delete("--restore", run.parent / ".trash" / run.name)
    assert run.is_dir()


def test_nothing_is_restored_over_another_run(make_run):
    run = make_run()
    delete(run)
    run.mkdir()
    assert "already; rename that first" in delete("--restore", run, code=2).stderr
    assert names(run.parent / ".trash") == {run.name}


def test_two_runs_of_one_name_are_both_in_the_trash(make_run):
    run = make_run()
    copy = content(run)
    delete(run)
    for name, data in copy.items():
        (run / name).parent.mkdir(parents=True, exist_ok=True)
        (run / name).write_bytes(data)
    delete(run)
    assert names(run.parent / ".trash") == {run.name, f"{run.name}-2"}


def test_a_dry_run_says_what_would_be_moved_with_sizes_and_moves_nothing(make_run):
    runs = [make_run(name=name) for name in "ab"]
    (runs[0] / "large").write_bytes(bytes(123_456))
    sizes = [sum(len(data) for data in content(run).values()) for run in runs]
    rows = json.loads(delete(*runs, "--dry-run", "--json").stdout)
    assert [(row["path"], row["bytes"]) for row in rows] == [
        (str(run), size) for run, size in zip(runs, sizes, strict=True)
    ]
    assert "would move 2 runs" in delete(*runs, "--dry-run").stderr
    assert len(names(runs[0].parent)) == 2


def test_a_run_that_is_going_on_is_refused_and_nothing_is_moved(make_run):
    going, ended = make_run(name="a", status="running"), make_run(name="b")
    assert "is still running" in delete(ended, going, code=2).stderr
    assert names(ended.parent) == {going.name, ended.name}


def test_of_chosen_runs_one_that_is_going_on_is_left(make_run):
    going = make_run(name="a", status="running", seed=1)
    old = make_run(name="b", finished=days_ago(9))
    assert "left where it is" in delete(going, old, "--tag", "-x").stderr
    assert names(old.parent) == {going.name}


@pytest.mark.parametrize(("span", "left"), [("30d", "ac"), ("12h", "c"), ("8w", "abc"), ("0d", "")])
def test_runs_are_chosen_by_when_they_ended(span, left, make_run):
    runs = [make_run(name=name, finished=days_ago(days)) for name, days in (("a", 20), ("b", 40), ("c", 0.1))]
    delete(*runs, "--older-than", span)
    assert {name[-1] for name in names(runs[0].parent)} == {*left}


def test_a_resumed_run_is_as_old_as_its_last_going_on(make_run):
    run = make_run(status="interrupted", resumed=[{"resumed": days_ago(1), "epochs": 3}])
    assert "no run is left by these options" in delete(run, "--older-than", "2d").stderr
    assert run.is_dir()


@pytest.mark.parametrize("span", ["30", "d", "1.5d", "3m", "-3d"])
def test_what_is_no_span_of_time_is_an_error(span, make_run):
    assert "no span of time" in delete(make_run(), "--older-than", span, code=2).stderr


def test_runs_are_chosen_by_status_and_tags_together(make_run):
    makes = {"a": ("failed", []), "b": ("failed", ["keep"]), "c": ("finished", [])}
    runs = [make_run(name=name, status=status, settings={"tags": tags}) for name, (status, tags) in makes.items()]
    delete(*runs, "--status", "failed", "--tag", "-keep")
    assert {name[-1] for name in names(runs[0].parent)} == {"b", "c"}


@pytest.mark.parametrize(("metric", "keep", "left"), [("auc", 1, "b"), ("auc", 2, "bc"), ("log_loss", 1, "a")])
def test_the_best_are_kept_whichever_way_the_metric_is_better(metric, keep, left, make_run):
    found = {"a": (0.7, 0.1), "b": (0.9, 0.5), "c": (0.8, 0.3)}
    runs = [make_run(name=name, test={"auc": auc, "log_loss": loss}) for name, (auc, loss) in found.items()]
    delete(*runs, make_run(name="failed", status="failed", data=None), "--keep-best", metric, "--keep", keep)
    assert {name[-1] for name in names(runs[0].parent)} == {*left}


def test_the_best_are_kept_on_each_test_set(make_run):
    data = [{"name": "x", "test_sha256": digest * 32} for digest in ("ab", "cd", "ef")]
    runs = [
        make_run(name=name, data=data[number], test=test)
        for name, number, test in [("a", 0, {"auc": 0.9}), ("b", 0, {"auc": 0.8}), ("c", 1, {"auc": 0.6}), ("d", 2, {})]
    ]
    delete(*runs, "--keep-best", "auc")
    assert {name[-1] for name in names(runs[0].parent)} == {"a", "c", "d"}


def test_a_metric_that_no_run_has_is_an_error(make_run):
    assert "unknown metric 'test.acu'" in delete(make_run(test={"auc": 0.9}), "--keep-best", "acu", code=2).stderr


def test_what_is_no_run_is_skipped(make_run, tmp_path):
    run = make_run()
    (run.parent / "notes.txt").write_text("mine")
    assert "skipped" in delete(run, run.parent / "notes.txt").stderr
    assert names(run.parent) == {"notes.txt"}
    assert "there is no run to delete" in delete(run.parent / "notes.txt", tmp_path, code=2).stderr


def test_a_loggers_store_is_left_where_it_is_without_a_word(make_run):
    run = make_run()
    for name in ("mlruns", "mlartifacts"):
        (run.parent / name / "1").mkdir(parents=True)
    (run.parent / "mlflow.db").write_text("")
    assert "skipped" not in delete(*run.parent.iterdir()).stderr
    assert names(run.parent) == {"mlruns", "mlartifacts", "mlflow.db"}


def test_a_damaged_run_can_be_deleted_and_is_never_chosen(make_run):
    run = make_run(status="failed")
    (run / "run.json").write_text("{")
    assert "left where it is" in delete(run, "--status", "failed").stderr
    delete(run)
    assert names(run.parent) == set()


def test_a_run_that_was_stopped_before_it_began_can_be_deleted(tmp_path):
    run = RunDirectory.create(tmp_path, "x")
    run.close()
    delete(run.path)
    assert names(tmp_path) == set()


def test_compare_and_a_second_deletion_never_see_the_trash(make_run):
    run, other = make_run(test={"auc": 0.9}), make_run(test={"auc": 0.8})
    delete(run)
    rows = json.loads(run_command("compare", *run.parent.glob("[!.]*"), "--format", "json").stdout)
    assert [row["runs"][0]["path"] for row in rows] == [str(other)]
    assert "is in the trash already" in delete(run.parent / ".trash" / run.name, code=2).stderr


def test_the_trash_is_emptied_after_a_question(make_run):
    run = make_run()
    delete(run)
    empty = ("--empty-trash", "--runs-dir", run.parent)
    assert "would remove 1 run" in delete(*empty, "--dry-run").stderr
    delete(*empty, code=1, stdin="n\n")
    assert names(run.parent / ".trash") == {run.name}
    assert "removed 1 run" in delete(*empty, stdin="y\n").stderr
    assert names(run.parent / ".trash") == set()
    assert "the trash is empty" in delete(*empty, "--yes").stderr


def test_what_was_put_into_the_trash_by_hand_stays(make_run):
    run = make_run()
    delete(run)
    (run.parent / ".trash" / "mine").mkdir()
    (run.parent / ".trash" / "link").symlink_to(run.parent)
    delete("--empty-trash", "--runs-dir", run.parent, "--yes")
    assert names(run.parent / ".trash") == {"mine", "link"}


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ([], "no run is given"),
        (["--empty-trash", "x"], "it takes no RUN"),
        (["--restore", "--empty-trash", "x"], "give one of the two"),
        (["--restore", "x", "--status", "failed"], "choose what is moved"),
        (["--keep", "3", "x"], "give the metric"),
        (["x"], "x: no such run directory"),
        (["--restore", "x"], "x: is not in the trash"),
    ],
)
def test_a_mistake_is_told(arguments, words):
    assert words in " ".join(delete(*arguments, code=2).stderr.split())


def test_the_answer_comes_at_once(make_run, answers_at_once):
    answers_at_once("delete", make_run(), "--older-than", "1d", "--dry-run")
