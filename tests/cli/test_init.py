"""`seqrun init`."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest
import starters
from click.testing import CliRunner

from seqrun.cli import main
from seqrun.config.experiment import load_experiment
from seqrun.config.templates import templates
from seqrun.registry import REGISTRIES

CONFIGS = Path(__file__).parents[2] / "configs"
SHIPPED = sorted(path.stem for path in CONFIGS.glob("*.yaml"))


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(*arguments: str):
    return CliRunner().invoke(main, ["init", *arguments])


def test_without_a_template_all_are_listed_and_nothing_is_written(folder):
    ended = run()
    assert ended.exit_code == 0
    for name in templates():
        (line,) = [line for line in ended.stdout.splitlines() if line.split()[:1] == [name]]
        assert len(line.split()) > 2, "says what it is for"
    assert not list(folder.iterdir())


def test_the_starter_for_texts_is_commented_and_valid_once_the_path_is_there(folder):
    ended = run("text")
    assert ended.stdout == "text.yaml\n"
    assert "seqrun validate text.yaml" in ended.stderr
    text = Path("text.yaml").read_text()
    assert text.startswith("# seqrun train text.yaml ")
    Path("reviews.csv").write_text("text,label\na,b\n")
    assert load_experiment("text.yaml").dataset.path == folder / "reviews.csv"


@pytest.mark.parametrize("name", ["series", "sequences"])
def test_the_starters_for_numbers_are_commented_and_valid(name, folder):
    assert run(name).stdout == f"{name}.yaml\n"
    assert Path(f"{name}.yaml").read_text().startswith(f"# seqrun train {name}.yaml ")
    dataset = load_experiment(f"{name}.yaml").dataset
    assert dataset.name == name
    assert dataset.path.parent == folder


def test_the_starter_for_sequences_shows_an_autoencoder_and_a_tagger_that_are_valid():
    run("sequences")
    text = Path("sequences.yaml").read_text()
    dataset = text.partition("\narchitecture:")[0]
    datasets = {
        "autoencoder": dataset.replace("  labels: y", ""),
        "tagger": dataset.replace("# label_each: step", "label_each: step"),
    }
    shown = re.split("^# An? (?:autoencoder|tagger) instead", text, flags=re.MULTILINE)[1:]
    for (trainer, given), sections in zip(datasets.items(), shown, strict=True):
        plain = "\n".join(re.findall("^# (architecture:|trainer:|  .*)", sections, re.MULTILINE))
        Path("other.yaml").write_text(f"{given}\n{plain}\n")
        assert load_experiment("other.yaml").trainer.name == trainer


def test_there_is_a_starter_for_every_trainer():
    for name in starters.FILES:
        run(name)
    trainers = {name: load_experiment(f"{name}.yaml").trainer.name for name in starters.FILES}
    assert {*trainers.values()} == {*REGISTRIES["trainer"].names()}
    assert trainers == {name: starters.trainer_of(name) for name in starters.FILES}


@pytest.mark.parametrize("name", starters.FILES)
def test_a_starter_is_valid_once_its_file_is_there(name, told_of):
    run(name)
    starters.fill_in(name)
    assert told_of(Path(f"{name}.yaml")) == {}


@pytest.mark.parametrize("name", SHIPPED)
def test_a_shipped_config_is_the_same_experiment_in_its_new_place(name):
    assert run(name, "-o", "mine.yaml").exit_code == 0
    assert Path("mine.yaml").read_text().startswith("# seqrun train mine.yaml ")
    shipped = load_experiment(CONFIGS / f"{name}.yaml")
    assert load_experiment("mine.yaml") == replace(shipped, name=shipped.name)


def test_a_file_that_exists_is_kept_unless_forced():
    Path("text.yaml").write_text("mine")
    ended = run("text")
    assert ended.exit_code == 2
    assert "text.yaml exists; --force replaces it" in ended.stderr
    assert Path("text.yaml").read_text() == "mine"
    assert run("text", "--force").exit_code == 0
    assert Path("text.yaml").read_text() != "mine"


def test_an_unknown_template_is_suggested():
    ended = run("imdb_lsmt")
    assert ended.exit_code == 2
    assert "did you mean imdb_lstm?" in ended.stderr


def test_a_folder_that_is_not_there_is_an_error_in_words():
    ended = run("text", "-o", "none/text.yaml")
    assert ended.exit_code == 2
    assert "cannot write none/text.yaml" in ended.stderr


def test_the_comments_inside_name_the_file_that_was_written():
    run("text", "-o", "mine.yaml")
    text = Path("mine.yaml").read_text()
    assert "text.yaml" not in text
    assert "`seqrun validate mine.yaml`" in text
