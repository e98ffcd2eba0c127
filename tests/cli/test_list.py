"""`seqrun list`."""

from __future__ import annotations

import pytest
from click.testing import CliRunner
from own_network import NET

from seqrun.cli import main
from seqrun.registry import REGISTRIES


def listed(*arguments: str) -> str:
    ended = CliRunner().invoke(main, ["list", *arguments])
    assert ended.exit_code == 0, ended.stderr
    return ended.stdout


def row(table: str, first: str) -> str:
    """The table's row for a key, its columns joined by single spaces."""
    return next(" ".join(line.split()) for line in table.splitlines() if line.split()[:1] == [first])


def test_everything_is_listed_with_a_line_of_what_it_is():
    shown = listed()
    for registry in REGISTRIES.values():
        for name in registry.names():
            assert len(row(shown, name).split()) > 3


def test_one_kind_is_listed_alone():
    shown = listed("datasets")
    assert "imdb" in shown
    assert "lstm" not in shown


def test_a_component_is_shown_with_type_default_and_help_of_each_key():
    shown = listed("architectures", "lstm")
    assert row(shown, "units").startswith("units whole number >= 1 or list of whole numbers >= 1 32 size of")
    assert row(shown, "bidirectional").startswith("bidirectional true or false false read")
    keys = {line.split()[0] for line in shown.splitlines() if line.strip()}
    assert set(REGISTRIES["architecture"].get("lstm").model_fields) - {"name"} <= keys


def test_a_required_key_says_so():
    assert row(listed("datasets", "text"), "path").startswith("path path required a .csv")


def test_groups_of_settings_are_shown_below_each_choice_with_its_name():
    shown = listed("trainers", "classifier")
    assert row(shown, "optimizer").startswith("optimizer settings adam")
    assert row(shown, "early_stopping").startswith("early_stopping settings or false as below")
    assert "optimizer: {name: adam | adamw |" in shown
    assert row(shown, "nesterov").startswith("nesterov sgd true or false false")
    assert row(shown, "clipnorm").startswith("clipnorm all number > 0 or null null")
    assert "optimizer.learning_rate: {name: exponential_decay |" in shown
    assert row(shown, "patience").startswith("patience whole number >= 0 7")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["architecture"], "did you mean architectures?"),
        (["models"], "(did you mean architectures?); there are datasets, architectures, trainers"),
        (["lstm"], "did you mean seqrun list architectures lstm?"),
        (["architectures", "lstmm"], "did you mean lstm?"),
    ],
)
def test_what_there_is_not_is_suggested(arguments, words):
    ended = CliRunner().invoke(main, ["list", *arguments])
    assert ended.exit_code == 2
    assert words in ended.stderr


def test_the_components_of_a_plugin_are_listed_alone(tmp_path):
    (tmp_path / "my_model.py").write_text(NET)
    shown = listed("--plugin", str(tmp_path / "my_model.py"))
    assert row(shown, "my_net") == "my_net My own network."
    assert "lstm" not in shown and "datasets" not in shown


def test_a_component_of_a_plugin_is_shown_with_its_settings(tmp_path):
    (tmp_path / "my_model.py").write_text(NET)
    shown = listed("architectures", "my_net", "--plugin", str(tmp_path / "my_model.py"))
    assert row(shown, "units").startswith("units whole number 5")
    assert "units" in listed("architectures", "lstm", "--plugin", str(tmp_path / "my_model.py"))


def test_a_plugin_that_cannot_be_run_is_told_with_its_line(tmp_path):
    (tmp_path / "my_model.py").write_text("import seqrun\n1 / 0\n")
    ended = CliRunner().invoke(main, ["list", "--plugin", str(tmp_path / "my_model.py")])
    assert ended.exit_code == 2
    assert "my_model.py cannot be loaded: line 2: ZeroDivisionError" in " ".join(ended.stderr.split())
