"""`seqrun validate`, and how every command tells of failures."""

from __future__ import annotations

import subprocess
import sys

import pytest
from click.testing import CliRunner

from seqrun.cli import COMMANDS, main

GOOD = "dataset: imdb\narchitecture: lstm\ntrainer: classifier\n"
BAD = "dataset:\n  name: imdb\n  max_length: 128\narchitecture: lstm\ntrainer: {name: classifier, epochs: 0}\n"


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "good.yaml").write_text(GOOD)
    (tmp_path / "bad.yaml").write_text(BAD)
    return tmp_path


def run(*arguments: str):
    return CliRunner().invoke(main, arguments)


def test_a_valid_config_is_one_line_on_stdout(folder):
    ended = run("validate", "good.yaml")
    assert (ended.exit_code, ended.stdout, ended.stderr) == (0, "good.yaml: valid\n", "")


def test_the_problems_of_all_configs_are_told_on_stderr_with_their_lines(folder):
    ended = run("validate", "bad.yaml", "good.yaml", "none.yaml")
    assert ended.exit_code == 2
    assert ended.stdout == "good.yaml: valid\n"
    lines = ended.stderr.splitlines()
    assert lines[0] == "bad.yaml:3:3: dataset.max_length: unknown key (did you mean max_len?)"
    assert lines[1].endswith("|   max_length: 128")
    assert lines[2].index("^") == lines[1].index("max_length")
    assert lines[3] == "bad.yaml:5:37: trainer.epochs: must be at least 1, not 0"
    assert "none.yaml: there is no such file" in ended.stderr


def test_set_is_checked_too(folder):
    ended = run("validate", "good.yaml", "--set", "dataset.max_len=x")
    assert ended.exit_code == 2
    expected = "--set dataset.max_len=x: dataset.max_len: must be a whole number, not 'x'"
    assert ended.stderr.splitlines()[0] == expected


def test_a_relative_path_in_set_starts_here_and_in_a_config_there(folder):
    (folder / "sub").mkdir()
    (folder / "sub" / "exp.yaml").write_text("extends: ../good.yaml\n")
    assert run("validate", "sub/exp.yaml").exit_code == 0


# --- the group --------------------------------------------------------------------------------------------------------


def test_help_lists_every_command_after_all_are_imported_too():
    for name in COMMANDS:
        run(name, "--help")
    shown = run("--help").stdout
    for name, summary in COMMANDS.items():
        assert f"{name} " in shown
        assert summary in shown


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_help_with_an_example_of_itself(name):
    ended = run(name, "--help")
    assert ended.exit_code == 0
    assert "Example" in ended.stdout
    assert f"seqrun {name}" in ended.stdout.partition("Example")[2]


def test_a_mistyped_command_is_suggested():
    ended = run("trian")
    assert ended.exit_code == 2
    assert "there is no command 'trian' (did you mean train?)" in ended.stderr


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ("run", ""),
        ("my.yaml", " (did you mean seqrun train my.yaml?)"),
        ("help", " (did you mean seqrun --help?)"),
    ],
)
def test_an_unknown_command_lists_those_there_are(given, words):
    ended = run(given)
    assert ended.exit_code == 2
    assert f"there is no command {given!r}{words}; there are {', '.join(COMMANDS)}" in " ".join(ended.stderr.split())


@pytest.mark.parametrize("command", ["train", "validate"])
@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--epochs", "3"], "--set trainer.epochs=3"),
        (["--epochs=3"], "--set trainer.epochs=3"),
        (["--trainer.epochs", "3"], "--set trainer.epochs=3"),
        (["--lr", "1e-3"], "--set trainer.optimizer.learning_rate=1e-3"),
        (["--batch-size", "8", "--units", "4"], "--set trainer.batch_size=8"),
        (["--units"], "--set architecture.units=VALUE"),
        (["--model", "lstm"], "--set architecture=lstm"),
        (["--patience=2"], "--set trainer.early_stopping.patience=2 or --set trainer.reduce_lr.patience=2"),
        (["trainer.epochs=3"], "(did you mean --set trainer.epochs=3?)"),
    ],
)
def test_an_option_that_is_a_setting_names_set(folder, command, options, words):
    ended = run(command, "good.yaml", *options)
    assert ended.exit_code == 2
    assert words in " ".join(ended.stderr.split())


def test_a_device_that_is_given_as_an_option_names_the_right_one(folder):
    ended = run("train", "good.yaml", "--gpu")
    assert ended.exit_code == 2
    assert "no option --gpu; did you mean --device gpu?" in ended.stderr


@pytest.mark.parametrize(
    ("option", "words"), [("--sett", "'--set'"), ("--frobnicate", "No such option '--frobnicate'")]
)
def test_other_unknown_options_are_told_as_such(folder, option, words):
    ended = run("validate", "good.yaml", option)
    assert words in ended.stderr and "setting of the config" not in ended.stderr


def test_version():
    from seqrun import __version__

    assert run("--version").stdout == f"seqrun {__version__}\n"


@pytest.mark.parametrize("arguments", [["--debug", "validate", "bad.yaml"], ["validate", "bad.yaml", "--debug"]])
def test_debug_shows_the_traceback_and_keeps_the_exit_code(folder, arguments):
    ended = run(*arguments)
    assert ended.exit_code == 2
    assert "Traceback (most recent call last)" in ended.stderr
    assert "bad.yaml:3:3: dataset.max_length" in ended.stderr
    assert "Traceback" not in run("validate", "bad.yaml").stderr


@pytest.mark.parametrize(
    ("error", "code", "words"),
    [
        (ValueError("what\nnow"), 1, "error: ValueError: what now (--debug shows where)"),
        (KeyboardInterrupt(), 130, "interrupted"),
    ],
)
def test_an_unexpected_end_is_one_line_and_its_exit_code(monkeypatch, error, code, words):
    def fail(*arguments, **options):
        raise error

    monkeypatch.setattr("seqrun.config.experiment.load_experiment", fail)
    ended = run("validate", "x.yaml")
    assert (ended.exit_code, ended.stderr.strip()) == (code, words)


def test_a_reader_that_goes_away_is_no_error(folder):
    many = ["good.yaml"] * 50
    process = subprocess.Popen(
        [sys.executable, "-m", "seqrun", "validate", *many], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    process.stdout.close()
    assert process.stderr.read() == b""
    process.stderr.close()
    process.wait()


def test_unknown_columns_are_told_at_their_places(folder):
    (folder / "reviews.csv").write_text("review,stars\ngood,5\n")
    config = "dataset: {name: text, path: reviews.csv, text: reviews, label: star}\narchitecture: lstm\n"
    (folder / "texts.yaml").write_text(config + "trainer: classifier\n")
    ended = run("validate", "texts.yaml")
    assert ended.exit_code == 2
    assert "texts.yaml:1:48: dataset.text: reviews.csv: no column 'reviews' (did you mean review?)" in ended.stderr
    assert "texts.yaml:1:64: dataset.label: reviews.csv: no column 'star' (did you mean stars?)" in ended.stderr


def test_the_name_of_a_shipped_config_is_no_file_and_init_is_named(folder):
    assert "seqrun init imdb_lstm writes it here" in run("validate", "imdb_lstm").stderr
