"""`seqrun tag`, and what `show` and `compare` make of tags."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from commands import run_command

from seqrun.rundir.directory import RunDirectory


def tags_of(run: Path) -> list[str] | None:
    return json.loads((run / "run.json").read_text()).get("tags")


def test_tags_are_given_and_taken_away(make_run):
    first, second = make_run(), make_run(settings={"tags": ["draft", "small"]})
    run_command("tag", first, second, "+good", "-draft")
    assert tags_of(first) == ["good"]
    assert tags_of(second) == ["small", "good"]


def test_all_runs_of_a_name_are_tagged_and_what_is_no_run_is_skipped(make_run, monkeypatch):
    runs = [make_run(name="a", seed=seed) for seed in (1, 2)]
    monkeypatch.chdir(runs[0].parent.parent)
    (runs[0].parent / "notes").mkdir()
    assert "skipped" in run_command("tag", "a", "runs/notes", "+good").stderr
    assert [tags_of(run) for run in runs] == [["good"], ["good"]]


def test_a_tag_that_begins_like_an_option_of_click_is_a_tag(make_run):
    run = make_run(settings={"tags": ["h", "high", "o"]})
    ended = run_command("tag", "-o", run, "-high", "+new", "--json")
    assert json.loads(ended.stdout) == [{"path": str(run), "tags": ["h", "new"]}]


def test_without_a_change_the_tags_are_printed_and_nothing_is_written(make_run):
    run = make_run(settings={"tags": ["draft"]})
    before = (run / "run.json").stat().st_mtime_ns
    assert run_command("tag", run).stdout.splitlines()[-1].split() == [run.name, "draft"]
    assert (run / "run.json").stat().st_mtime_ns == before


@pytest.mark.parametrize("name", ["", "two words", "-x", "a,b", "é" * 65])
def test_what_can_be_no_tag_changes_nothing(name, make_run):
    run = make_run()
    assert "cannot be a tag" in run_command("tag", run, "+good", f"+{name}", code=2).stderr
    assert tags_of(run) is None


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["RUN", "none", "+x"], "none: no such run directory"),
        (["+x"], "no run is given"),
        (["RUN", "+x", "-x"], "+x and -x"),
    ],
)
def test_a_mistake_is_told_and_nothing_is_written(arguments, words, make_run):
    run = make_run()
    assert words in run_command("tag", *(str(run) if each == "RUN" else each for each in arguments), code=2).stderr
    assert tags_of(run) is None


def test_a_tag_that_no_run_has_is_told(make_run):
    assert (
        "no run has the tag 'goood' (did you mean good?)"
        in run_command("tag", make_run(settings={"tags": ["good"]}), "-goood").stderr
    )


def test_a_run_that_is_going_on_keeps_the_tags_it_is_given(tmp_path):
    with RunDirectory.create(tmp_path, "x") as run:
        run.update(status="running", config={"tags": ["a"]})
        run_command("tag", run.path, "+b")
        run.update(status="finished")
        run.update(seconds=1.0)
    record = json.loads((run.path / "run.json").read_text())
    assert (record["tags"], record["status"], record["seconds"]) == (["a", "b"], "finished", 1.0)


def test_processes_that_tag_one_run_at_once_lose_no_tag(make_run):
    run = make_run()
    code = (
        "import sys\nfrom seqrun.cli import main\n"
        "for n in range(10): main(['tag', sys.argv[1], f'+{sys.argv[2]}{n}'], standalone_mode=False)"
    )
    processes = [
        subprocess.Popen([sys.executable, "-c", code, run, name], stdout=subprocess.DEVNULL) for name in ("a", "b")
    ]
    assert [process.wait() for process in processes] == [0, 0]
    assert sorted(tags_of(run)) == sorted(f"{name}{number}" for name in ("a", "b") for number in range(10))


def test_tags_are_shown_instead_of_those_of_the_config(make_run):
    run = make_run(settings={"tags": ["draft"]})
    run_command("tag", run, "+good", "-draft")
    (line,) = [line for line in run_command("show", run).stdout.splitlines() if line.startswith("tags")]
    assert line.split() == ["tags", "[good]"]


def test_a_comparison_has_the_tags_of_its_rows_if_there_are_any(make_run):
    runs = [make_run(test={"auc": 0.9}, name="a"), make_run(test={"auc": 0.8}, name="b", settings={"units": 3})]
    assert "tags" not in run_command("compare", *runs).stdout
    run_command("tag", runs[1], "+good", "+new")
    head, _, *rows = run_command("compare", *runs).stdout.splitlines()
    assert head.split()[:2] == ["run", "tags"]
    assert [row.split()[1] for row in rows] == ["—", "good,"]
    found = json.loads(run_command("compare", *runs, "--format", "json").stdout)
    assert [row["tags"] for row in found] == [[], ["good", "new"]]


def test_repeats_that_differ_in_tags_are_one_row(make_run):
    runs = [make_run(test={"auc": 0.9}, seed=1), make_run(test={"auc": 0.8}, seed=2)]
    run_command("tag", runs[0], "+good")
    (row,) = json.loads(run_command("compare", *runs, "--format", "json").stdout)
    assert row["tags"] == ["good"]


@pytest.mark.parametrize(
    ("asked", "names"),
    [(["good"], "ab"), (["good", "new"], "b"), (["-good"], "c"), (["good", "-new"], "a")],
)
def test_runs_are_chosen_by_tags(asked, names, make_run):
    given = {"a": ["good"], "b": ["good", "new"], "c": []}
    runs = [make_run(name=name, settings={"tags": tags, "units": name}) for name, tags in given.items()]
    options = [part for tag in asked for part in ("--tag", tag)]
    rows = json.loads(run_command("compare", *runs, *options, "--format", "json").stdout)
    assert sorted(row["name"] for row in rows) == [*names]


def test_a_tag_that_no_run_has_is_an_error_with_those_there_are(make_run):
    run = make_run(settings={"tags": ["good"]})
    words = run_command("compare", run, "--tag", "goood", code=2).stderr
    assert "no run is left by --tag goood (did you mean good?); there are good" in " ".join(words.split())


def test_the_answer_comes_at_once(make_run, answers_at_once):
    answers_at_once("tag", make_run(), "+good")
