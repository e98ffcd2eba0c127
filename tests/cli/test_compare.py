"""`seqrun compare` as a user runs it."""

import contextlib
import csv
import fcntl
import io
import itertools
import json
import os
import pty
import re
import struct
import subprocess
import sys
import termios
import time
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from PIL import Image
from scipy import stats

from seqrun.cli import main

HALF_A_SECOND = 0.5  # of processor time
HISTORY = [{"epoch": 1, "loss": 0.5, "val_loss": 0.4, "val_auc": 0.75, "seconds": 2.0}]


def compare(make_run, *options, code=0):
    runs = sorted(map(str, make_run.runs_dir.iterdir()))
    result = CliRunner().invoke(main, ["compare", *runs, *options])
    assert result.exit_code == code, result.output
    return result


@pytest.fixture
def mixture(make_run):
    """Two repeats, another architecture, a run that lives, one that failed, and things that are no runs."""
    make_run(seed=1, test={"auc": 1 / 3, "accuracy": 0.5}, skill=0.25, history=HISTORY)
    make_run(seed=2, test={"auc": 2 / 3, "accuracy": 0.5}, skill=0.75, history=HISTORY)
    make_run(name="a|b*", settings={"architecture": {"name": "gru"}}, test={"auc": 0.9})
    make_run(status="running", history=HISTORY, settings={"architecture.units": 64})
    make_run(status="failed", settings={"architecture.units": 128})
    (make_run.runs_dir / ".gitkeep").touch()
    (make_run.runs_dir / "notes.txt").touch()
    (make_run.runs_dir / "half").mkdir()
    return make_run


def test_the_table_has_a_row_an_experiment(mixture):
    lines = compare(mixture).stdout.splitlines()
    head, _, *rows = lines
    assert head.split()[:5] == ["run", "status", "architecture", "units", "test.auc"]
    assert "dropout" not in head and "max_len" not in head
    assert len(rows) == 4
    assert rows[0].split()[1:4] == ["finished", "gru", "—"]
    assert "0.5000 ± 0.2357 (2)" in rows[1]
    assert "0.7500 so far" in rows[2] and "running" in rows[2]
    assert "failed" in rows[3]
    assert " 0.0000" not in lines[2] + lines[4] + lines[5]  # what is missing is not nought


def test_what_is_no_run_is_skipped_with_a_note_on_stderr(mixture):
    result = compare(mixture)
    for name in (".gitkeep", "notes.txt", "half"):
        assert f"{name}: " in result.stderr
        assert name not in result.stdout


def test_a_loggers_store_beside_runs_is_passed_over_without_a_word(mixture):
    for name in ("mlflow.db", "mlflow.db-wal", "mlruns", "mlartifacts"):
        (mixture.runs_dir / name).touch() if "." in name else (mixture.runs_dir / name).mkdir()
    ended = compare(mixture)
    assert "mlflow" not in ended.stderr and "mlruns" not in ended.stderr and "mlartifacts" not in ended.stderr
    assert "notes.txt" in ended.stderr


def test_csv_has_every_digit_and_empty_cells(mixture):
    rows = list(csv.DictReader(io.StringIO(compare(mixture, "--format", "csv").stdout)))
    by_units = {row["architecture.units"]: row for row in rows}
    assert float(by_units["32"]["test.auc"]) == np.mean([1 / 3, 2 / 3])
    assert float(by_units["32"]["test.auc_sd"]) == np.std([1 / 3, 2 / 3], ddof=1)
    assert (by_units["32"]["n"], len(by_units["32"]["runs"].split())) == ("2", 2)
    assert (by_units["64"]["test.auc"], by_units["64"]["validation.auc"]) == ("", "0.75")
    assert (by_units["64"]["so_far"], by_units["32"]["so_far"]) == ("true", "false")
    assert by_units[""]["architecture.name"] == "gru"
    assert (by_units["128"]["test.auc"], by_units["128"]["skill"], by_units["128"]["seconds"]) == ("", "", "")


def test_json_is_rows_with_runs_and_statistics(mixture):
    rows = json.loads(compare(mixture, "--format", "json", "--sort", "skill").stdout)
    first = rows[0]
    assert first["config"] == {"architecture.name": "lstm", "architecture.units": 32}
    assert first["metrics"]["test.auc"] == {
        "mean": pytest.approx(0.5),
        "sd": pytest.approx(np.std([1 / 3, 2 / 3], ddof=1)),
        "n": 2,
        "values": [1 / 3, 2 / 3],
        "interval": pytest.approx(stats.t.interval(0.95, 1, 0.5, stats.sem([1 / 3, 2 / 3]))),
        "range": [1 / 3, 2 / 3],
        "interquartile_mean": None,
    }
    assert first["skill"]["mean"] == 0.5
    assert [run["seed"] for run in first["runs"]] == [1, 2]
    assert all(Path(run["path"]).is_dir() for row in rows for run in row["runs"])
    assert {row["status"]: row["so_far"] for row in rows} == {"finished": False, "running": True, "failed": True}
    assert [row["metrics"]["test.auc"] for row in rows if row["status"] == "failed"] == [None]


def test_markdown_is_a_table_whatever_a_name_holds(mixture):
    lines = compare(mixture, "--format", "md", "--all").stdout.splitlines()
    assert len(lines) == 2 + 5
    assert len({line.replace("\\|", "").count("|") for line in lines}) == 1
    assert lines[0].startswith("| run | status | seed | architecture | units | test.auc |")
    assert lines[1].startswith("| --- | --- | --- | --- | --- | --: |")


def test_a_name_with_a_pipe_is_escaped(make_run):
    for seed in (1, 2):
        make_run(name="a|b*c", seed=seed, test={"auc": 0.5})
    assert "| a\\|b\\*c |" in compare(make_run, "--format", "md").stdout


def test_the_output_file_decides_the_format_and_stdout_stays_empty(mixture, tmp_path):
    for name, start in (("o.md", "| run"), ("o.csv", "name,runs"), ("o.json", "["), ("o.txt", "run ")):
        assert compare(mixture, "-o", str(tmp_path / name)).stdout == ""
        assert (tmp_path / name).read_text("utf-8").startswith(start)
    assert not list(tmp_path.glob(".*tmp"))


def test_an_output_that_cannot_be_written_is_a_usage_error(mixture, tmp_path):
    assert "cannot write" in compare(mixture, "-o", str(tmp_path / "no" / "o.md"), code=2).stderr


def test_unequal_test_data_are_marked(make_run):
    make_run(seed=1, test={"auc": 0.5})
    make_run(seed=2, test={"auc": 0.7}, data={"sources": [], "rows": {"test": 7}, "test_sha256": "00"})
    result = compare(make_run)
    assert result.stdout.splitlines()[0].split()[:3] == ["run", "test", "data"]
    assert "unequal test data" in result.stderr
    assert "±" not in result.stdout


def test_many_differences_share_a_column(make_run):
    make_run(test={"auc": 0.5})
    changed = {f"dataset.{key}": 1 for key in "abcdef"}
    make_run(test={"auc": 0.7}, settings=changed)
    head, _, first, _ = compare(make_run).stdout.splitlines()
    assert head.split()[:2] == ["run", "config"]
    assert "a=1, b=1, c=1, d=1, e=1, f=1" in first


def on_a_terminal(columns, *arguments):
    """What the command prints on a terminal so wide, without its colours."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    environment = {**os.environ, "TERM": "xterm"}
    environment.pop("COLUMNS", None)
    command = [sys.executable, "-m", "seqrun", *arguments]
    process = subprocess.Popen(command, stdin=theirs, stdout=theirs, stderr=subprocess.DEVNULL, env=environment)
    os.close(theirs)
    text = b""
    with contextlib.suppress(OSError):  # how Linux says that the other end of a terminal is closed
        while part := os.read(ours, 65536):
            text += part
    os.close(ours)
    assert process.wait() == 0
    return [line.rstrip() for line in re.sub(r"\x1b\[[0-9;]*m", "", text.decode()).splitlines()]


@pytest.mark.parametrize("columns", [40, 80, 300])
def test_no_figure_is_folded_however_narrow_the_terminal(mixture, columns):
    lines = on_a_terminal(columns, "compare", *map(str, mixture.runs_dir.glob("2*")))
    assert max(map(len, lines)) <= columns
    for figure in ("0.5000 ± 0.2357 (2)", "0.7500 so far", "652,577", "0.9000"):
        assert any(figure in line for line in lines), figure


def test_a_plot_is_a_picture_with_a_panel_a_metric(mixture, tmp_path):
    plot = tmp_path / "p.png"
    compare(mixture, "--plot", str(plot), "--metric", "auc")
    one = Image.open(plot)
    one.load()
    compare(mixture, "--plot", str(plot), "--metric", "auc", "--metric", "accuracy")
    assert Image.open(plot).width > one.width > 300
    assert "must end in .png" in compare(mixture, "--plot", str(tmp_path / "p.xyz"), code=2).stderr


def test_the_plot_shows_every_run_with_mean_and_deviation(mixture):
    from seqrun.comparing.comparison import compare as rows_of
    from seqrun.comparing.plot import comparison_figure
    from seqrun.rundir.reading import read_run

    found = rows_of([read_run(path) for path in mixture.runs_dir.glob("2*")], ["auc"])
    (panel,) = comparison_figure(found).axes
    dots = [list(line.get_xdata()) for line in panel.lines if line.get_marker() == "o"]
    assert dots == [[0.9], [1 / 3, 2 / 3]]
    bars = [segment for container in panel.collections for segment in container.get_segments()]
    assert [x for x, _ in bars[0]] == pytest.approx([0.5 - 0.2357, 0.5 + 0.2357], abs=1e-4)
    assert panel.get_xlabel() == "test auc\n(larger is better)"
    assert len(panel.get_yticks()) == 2  # the runs that live and failed have no figure


def test_unlike_runs_have_a_row_of_panels_for_each_family_with_its_own_metrics_alone(make_run):
    from seqrun.comparing.comparison import compare as rows_of
    from seqrun.comparing.plot import comparison_figure
    from seqrun.rundir.reading import read_run

    forecasts = {"dataset.name": "series", "trainer.name": "forecaster"}
    for auc in (0.8, 0.9):
        make_run(test={"auc": auc, "accuracy": auc}, settings={"architecture.units": int(100 * auc)})
    make_run(test={"mae": 500.0, "rmse": 700.0, "mse": 490000.0}, settings=forecasts)
    make_run(status="failed", settings={"dataset.name": "mnist", "trainer.name": "autoencoder"})
    figure = comparison_figure(rows_of([read_run(path) for path in sorted(make_run.runs_dir.iterdir())]))
    found = [[panel.get_xlabel().partition("\n")[0] for panel in each.axes] for each in figure.subfigs]
    assert found == [["test auc", "test accuracy"], ["test mae", "test rmse"]]
    assert [each.get_suptitle() for each in figure.subfigs] == ["imdb · classifier", "series · forecaster"]
    assert [len(each.axes[0].get_yticks()) for each in figure.subfigs] == [2, 1]
    assert all(panel.lines for panel in figure.axes)  # none is empty


def test_a_plots_size_and_legibility_do_not_depend_on_how_much_differs(make_run):
    from seqrun.comparing.comparison import compare as rows_of
    from seqrun.comparing.plot import comparison_figure
    from seqrun.rundir.reading import read_run

    for number in range(3):
        long = {f"dataset.setting_{letter}": f"{number}-{letter * 40}" for letter in "abcdefghijkl"}
        make_run(name=f"x{number}" * 30, test={"mae": 58516.4 + 1e-4 * number}, settings=long)
    figure = comparison_figure(rows_of([read_run(path) for path in make_run.runs_dir.iterdir()], ["mae"]))
    figure.draw_without_rendering()
    (panel,) = figure.axes
    assert figure.get_figwidth() * 120 < 1000
    assert panel.get_window_extent().width > 0.4 * figure.bbox.width
    drawn = [label.get_window_extent() for label in panel.get_yticklabels()]
    assert all(box.x0 >= 0 for box in drawn)
    assert all(upper.y0 > lower.y1 for upper, lower in itertools.pairwise(drawn))
    ticks = [label.get_window_extent() for label in panel.get_xticklabels() if label.get_text()]
    inside = [box for box in ticks if panel.bbox.x0 <= (box.x0 + box.x1) / 2 <= panel.bbox.x1]
    assert len(inside) > 1
    assert all(left.x1 < right.x0 for left, right in itertools.pairwise(inside))


def test_runs_that_another_stands_for_are_named(make_run):
    for status in ("failed", "finished", "interrupted", "finished", "failed", "failed"):
        make_run(seed=1, status=status, test={"auc": 0.5})
    make_run(seed=2, test={"auc": 0.6})
    result = compare(make_run)
    assert len(result.stdout.splitlines()) == 3
    (note,) = [line for line in result.stderr.splitlines() if "--all" in line]
    assert note.startswith("note: 5 more runs have the config and seed of a row above; --all shows each: 2")
    assert note.endswith(" and 2 more")
    assert "more runs" not in compare(make_run, "--all").stderr


def test_a_section_that_is_off_in_some_runs_is_on_or_told_by_what_differs_in_it(make_run):
    on = {"monitor": "val_loss", "factor": 0.5, "patience": 3}
    make_run(test={"auc": 0.9}, settings={"trainer.reduce_lr": None})
    make_run(test={"auc": 0.8}, settings={"trainer.reduce_lr": on})
    head, _, *rows = compare(make_run).stdout.splitlines()
    assert head.split()[:2] == ["run", "reduce_lr"]
    assert [row.split()[1] for row in rows] == ["off", "on"]
    make_run(test={"auc": 0.7}, settings={"trainer.reduce_lr": {**on, "patience": 5}})
    head, _, *rows = compare(make_run).stdout.splitlines()
    assert head.split()[:3] == ["run", "reduce_lr", "patience"]
    assert [row.split()[1:3] for row in rows] == [["off", "—"], ["on", "3"], ["on", "5"]]
    for number in range(2):  # so many differences share a column
        varied = {f"dataset.{letter}": number for letter in "abcdef"} | {"trainer.reduce_lr": on if number else None}
        make_run(test={"auc": 0.6 - number / 10}, settings=varied)
    *_, first, second = compare(make_run).stdout.splitlines()
    assert "reduce_lr=off" in first and "patience" not in first
    assert "reduce_lr" not in second and "patience=3" in second


def test_a_shared_column_leaves_out_what_most_runs_have_and_says_so(make_run):
    for number in range(5):
        usual = {f"dataset.{letter}": 0.5 for letter in "abcdef"}
        special = {f"dataset.{'abcdef'[number]}": number + 1e-5, "dataset.f": 9 if number == 4 else 0.5}
        make_run(name=f"r{number}", test={"auc": 0.9 - number / 10}, settings=usual | special)
    result = compare(make_run)
    _, _, *rows = result.stdout.splitlines()
    assert rows[0].split()[1] == "a=1e-05"
    assert rows[4].split()[1:3] == ["e=4.00001,", "f=9"]
    assert "note: where config does not say otherwise: a=0.5, b=0.5, c=0.5" in result.stderr


def test_a_run_that_failed_without_a_figure_brings_no_columns(make_run):
    make_run(test={"auc": 0.9})
    make_run(test={"auc": 0.8}, settings={"architecture.units": 64})
    make_run(name="broken", status="failed", settings={"architecture.units": 7, "dataset.max_len": 1})
    head, _, *rows = compare(make_run).stdout.splitlines()
    assert head.split()[:4] == ["run", "status", "units", "test.auc"]
    assert rows[2].split()[1:3] == ["failed", "7"]


def test_epochs_are_whole_numbers_and_the_time_is_called_what_it_is(make_run):
    make_run(test={"auc": 0.9}, history=[{"epoch": n + 1, "loss": 1.0, "seconds": 0.02} for n in range(1000)])
    head, _, row = compare(make_run).stdout.splitlines()
    assert head.split()[-2:] == ["epochs", "training"]
    assert row.split()[-3:] == ["1,000", "20.0", "s"]
    assert "column training" in CliRunner().invoke(main, ["compare", "--help"]).stdout


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["nowhere"], "nowhere: no such run directory"),
        ([os.devnull], "no run to compare"),
        ([], "Missing argument"),
    ],
)
def test_without_runs_it_is_a_usage_error(arguments, message):
    result = CliRunner().invoke(main, ["compare", *arguments])
    assert (result.exit_code, message in result.stderr) == (2, True), result.stderr


def test_an_unknown_metric_is_a_usage_error_that_suggests(mixture):
    assert "did you mean test.accuracy?" in compare(mixture, "--metric", "acuracy", code=2).stderr


def test_a_run_given_twice_counts_once(make_run):
    path = make_run(test={"auc": 0.5})
    arguments = ["compare", str(path), f"{path}/", f"{path}/run.json", "--all", "--format", "json"]
    assert len(json.loads(CliRunner().invoke(main, arguments).stdout)) == 1


def test_sorting_worst_first_takes_a_leading_minus(mixture):
    rows = json.loads(compare(mixture, "--sort", "-auc", "--format", "json").stdout)
    assert [row["name"] for row in rows][:2] == ["imdb_lstm", "a|b*"]


def test_without_repeats_it_answers_at_once_and_loads_nothing_heavy(mixture, answers_at_once):
    seeds = {path: json.loads((path / "run.json").read_bytes())["seed"] for path in mixture.runs_dir.glob("2*")}
    second = next(path for path, seed in seeds.items() if seed == 2)
    answers_at_once("compare", *(path for path in mixture.runs_dir.iterdir() if path != second))


def test_repeats_of_two_configs_are_judged_almost_at_once(make_run):
    """Beside the import of scipy.special it takes the half second of all commands."""
    for seed in range(5):
        make_run(seed=seed, test={"auc": 0.9 + seed / 100})
        make_run(seed=seed, test={"auc": 0.8 + seed**2 / 1000}, settings={"architecture.units": 64})
    runs = [*map(str, make_run.runs_dir.iterdir())]
    judging, importing = [], []
    for _ in range(3):
        used, table = processor_seconds("from seqrun.cli import main\ntry: main()\nexcept SystemExit: pass", runs)
        assert "worse" in table[-1]
        judging.append(used)
        importing.append(processor_seconds("import scipy.special", [])[0])
    assert min(judging) < HALF_A_SECOND + min(importing)


def processor_seconds(code, runs):
    """What a process takes that runs the code as `compare RUNS`, and what it prints."""
    measured = "used = resource.getrusage(resource.RUSAGE_SELF)\nprint(used.ru_utime + used.ru_stime)"
    command = [sys.executable, "-c", f"import resource\n{code}\n{measured}", "compare", *runs]
    *table, last = subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()
    return float(last), table


def test_a_thousand_runs_are_read_quickly(make_run, tmp_path):
    """What is timed is the reading and comparing; 1,000 runs of 20 epochs take about a second of processor time."""
    row = {"loss": 0.123456789, "val_loss": 0.2, **{f"{s}{m}": 0.5 for s in ("", "val_") for m in ("auc", "f1", "mae")}}
    history = [{"epoch": epoch, **row, "learning_rate": 1e-3, "seconds": 1.5} for epoch in range(1, 21)]
    model = make_run(test={"auc": 0.5}, history=history)
    record = json.loads((model / "run.json").read_text())
    runs = tmp_path / "many"
    for number in range(1000):
        path = runs / f"run-{number}"
        path.mkdir(parents=True)
        for name in ("history.csv", "metrics.json"):
            os.link(model / name, path / name)
        config = {**record["config"], "seed": number % 5, "architecture": {"name": "lstm", "units": number // 5}}
        (path / "run.json").write_text(json.dumps({**record, "seed": number % 5, "config": config}))
    started = time.process_time()
    result = CliRunner().invoke(main, ["compare", *map(str, runs.iterdir()), "--format", "json"])
    taken = time.process_time() - started
    rows = json.loads(result.stdout)
    assert (len(rows), {row["metrics"]["test.auc"]["n"] for row in rows}) == (200, {5})
    assert taken < 5


def test_runs_with_warnings_are_marked_and_their_texts_stand_below_and_in_json(make_run):
    told = "18 of 18 test texts also stand in training:\n  row 2 is as row 16"
    warned = make_run(test={"auc": 0.9}, warnings=[told], settings={"architecture.units": 8})
    clean = make_run(test={"auc": 0.8})
    result = compare(make_run)
    first = [line.split("  ")[0] for line in result.stdout.splitlines()]
    assert f"{warned.name} (!)" in first and clean.name in first
    assert f"note: (!) {warned.name}: 18 of 18 test texts also stand in training\n" in result.stderr
    rows = json.loads(compare(make_run, "--format", "json").stdout)
    assert [row["warnings"] for row in rows] == [[told], []]


@pytest.mark.parametrize("form", ["table", "md", "csv", "json"])
def test_nothing_that_a_terminal_obeys_is_printed(make_run, form):
    make_run(name="a\x1b[2J\u202e", settings={"architecture.units": 1}, test={"auc": 0.5})
    make_run(name="b", settings={"architecture.units": "x\x9b|\n\x07"}, test={"auc": 0.4})
    out = compare(make_run, "--format", form).stdout
    assert not {each for each in out if not (each.isprintable() or each == "\n")}
    assert "x\\u009b" in out and "\\u0007" in out
    if form == "json":
        assert sorted(row["name"] for row in json.loads(out)) == ["a\x1b[2J\u202e", "b"]


def test_a_run_whose_name_no_file_can_have(make_run):
    make_run(test={"auc": 0.5})
    assert "no such run directory" in compare(make_run, "x" * 300, code=2).stderr


def test_the_name_of_an_experiment_stands_for_its_repeats(make_run, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    folder = make_run(seed=1).parent
    make_run(seed=2)
    make_run(name="other")
    folder.rename(tmp_path / "runs")
    result = CliRunner().invoke(main, ["compare", "imdb_lstm", "--format", "json"])
    [row] = json.loads(result.stdout)
    assert [run["seed"] for run in row["runs"]] == [1, 2]
