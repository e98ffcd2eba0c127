"""What a config cannot be: too large, too deep, too long, named as no file can be. Each is a problem at its place."""

from __future__ import annotations

import os
import re
import time

import pytest
from commands import run_command

from seqrun.config.experiment import load_experiment
from seqrun.errors import ConfigError


def doubling(first: str, double: str, count: int = 40) -> str:
    """The keys of a mapping, each twice the one before."""
    lines = [f"    a{number}: {double.replace('X', f'${{sweep.a{number - 1}}}')}\n" for number in range(1, count)]
    return f"sweep:\n    a0: {first}\n{''.join(lines)}"


# --- references -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("first", "double"), [("xxxxxxxx", "X X"), ("[1, 2]", "['X', 'X']")], ids=["text", "lists"])
def test_references_that_double_a_value_again_and_again(project, first, double):
    place, key, message = project.problem(project.valid + doubling(first, double))
    assert re.search("more than (1,000,000 characters|20,000 values)|nested too deeply", message)
    assert place.startswith("exp.yaml:") and key.startswith("sweep.a")


def test_what_fits_is_expanded(project):
    sweep = project.load(project.valid + doubling("xxxxxxxx", "X X", count=10)).sweep
    assert sweep["a9"].split(" ") == ["xxxxxxxx"] * 2**9


def test_lists_in_lists_by_references(project):
    lines = "".join(f"    a{number}: ['${{sweep.a{number - 1}}}']\n" for number in range(1, 60))
    _, _, message = project.problem(project.valid + f"sweep:\n    a0: 1\n{lines}")
    assert message == "what it refers to is nested too deeply: a config has at most 50 levels"


@pytest.mark.parametrize("count", [3000, 51])
def test_a_long_chain_of_references(project, count):
    lines = "".join(f"    a{number}: ${{sweep.a{number + 1}}}\n" for number in range(count))
    place, key, message = project.problem(project.valid + f"sweep:\n{lines}    a{count}: 1\n")
    assert message == "a chain of more than 50 references, each to the next"
    assert (place, key) == ("exp.yaml:56:10", "sweep.a50")


def test_a_chain_that_is_not_too_long(project):
    lines = "".join(f"    a{number}: ${{sweep.a{number + 1}}}\n" for number in range(50))
    assert project.load(project.valid + f"sweep:\n{lines}    a50: 7\n").sweep["a0"] == 7


def test_a_variable_with_a_number_that_is_too_long(project, monkeypatch):
    monkeypatch.setenv("SEQRUN_TEST_N", "9" * 5000)
    _, key, message = project.problem(project.valid + "seed: ${env:SEQRUN_TEST_N}\n")
    assert key == "seed"
    assert "a whole number of 5,000 digits is too long" in message


# --- files ------------------------------------------------------------------------------------------------------------


def chain_of_files(project, count: int) -> None:
    for number in range(count):
        project.write(f"c{number}.yaml", f"extends: c{number + 1}.yaml\n")
    project.write(f"c{count}.yaml", project.valid)


def test_a_chain_of_files(project):
    chain_of_files(project, 48)
    assert project.load("extends: c0.yaml\n").seed == 42
    chain_of_files(project, 1500)
    place, key, message = project.problem("extends: c0.yaml\n")
    assert (place, key) == ("c48.yaml:1:10", "extends")
    assert message.startswith("a chain of more than 50 files, each extending the next")


@pytest.mark.parametrize("content", ["root:$6$salt$hash:19000:0\n", "a: b: c\n", "- hash\n", "key = hash\n"])
def test_what_a_foreign_file_holds_is_not_told(project, content, capsys):
    project.write("shadow", content)
    project.write("exp.yaml", "extends: shadow\n" + project.valid)
    told = run_command("validate", "exp.yaml", code=2).stderr
    assert "exp.yaml:1:10: extends: shadow is no config" in told
    assert "hash" not in told and "a: b" not in told


def test_what_is_wrong_in_a_yaml_file_is_shown(project):
    project.write("base.yaml", "seed: [1\n")
    project.write("exp.yaml", "extends: base.yaml\n" + project.valid)
    assert "seed: [1" in run_command("validate", "exp.yaml", code=2).stderr


@pytest.mark.parametrize(
    ("line", "key"),
    [
        ('extends: "a\\0b.yaml"', "extends"),
        (f"extends: {'a' * 300}.yaml", "extends"),
        ('dataset: {words: "a\\0b"}', "dataset.words"),
        (f"dataset: {{words: {'a' * 300}}}", "dataset.words"),
        (f"dataset: {{more: [{'a/' * 3000}]}}", "dataset.more.0"),
        ('plugins: ["a\\0b.py"]', "plugins.0"),
    ],
)
def test_a_path_that_no_file_can_have(project, line, key):
    project.write("base.yaml", project.valid)
    found = project.problems(line + ("" if key == "extends" else "\nextends: base.yaml") + "\n")
    assert [message for _, at, message in found if at == key and message.startswith("no file can have this path")]


@pytest.mark.parametrize("option", ["--runs-dir", "--data-dir"])
@pytest.mark.parametrize("path", ["a" * 300, "x/" * 3000], ids=["name", "path"])
def test_a_directory_that_no_system_can_have(project, option, path):
    project.write("exp.yaml", project.valid)
    told = run_command("train", "exp.yaml", option, path, code=2).stderr
    assert option in told and "File name too long" in told


# --- text -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["[" * 10_000, "{a: " * 10_000, "- " * 10_000], ids=["lists", "mappings", "lines"])
def test_deep_nesting(project, text):
    _, _, message = project.problems(project.valid + f"sweep:\n  {text}1\n")[0]
    assert "nested too deeply: a config has at most 50 levels" in message or "exceeded maximum nesting depth" in message


def test_a_deep_setting(project):
    place, _, message = project.problem(project.valid, ".".join(["a"] * 10_000) + "=1")
    assert place.startswith("--set a.a")
    assert message == "nested too deeply: a config has at most 50 levels"


@pytest.mark.parametrize("digits", ["9" * 900_000, "-" + "9" * 101, "0x" + "f" * 900_000, "0o" + "7" * 101])
def test_a_whole_number_with_very_many_digits(project, digits):
    _, key, message = project.problem(project.valid + f"seed: {digits}\n")
    assert key == "seed"
    assert "digits is too long: at most 100" in message


def test_an_item_whose_number_has_very_many_digits(project):
    _, _, message = project.problem(project.valid + "tags: [a]\n", f"tags.{'9' * 5000}=x")
    assert message == "there is no such item: the list has 1, counted from 0"


def test_text_that_would_be_too_long_a_number(project):
    _, key, _ = project.problem(project.valid + f'seed: "{"9" * 5000}"\n')
    assert key == "seed"


def test_a_very_long_key_is_told_shortly(project):
    project.write("exp.yaml", project.valid + f"? {'k' * 500_000}\n: 1\n")
    told = run_command("validate", "exp.yaml", code=2).stderr
    assert "(500,000 characters)" in told
    assert len(told) < 5_000


def test_many_problems_are_not_all_told(project):
    text = project.valid + "".join(f"key{number}: 1\n" for number in range(10_000))
    found = project.problems(text)
    assert found[-1][2] == "300 problems: no more are looked for"
    told = run_command("validate", "exp.yaml", code=2).stderr
    assert "and 201 more: 301 problems" in told
    assert len(told.splitlines()) < 310


@pytest.mark.parametrize("name", ["bad\udcff", "a\nb", "a\0b"])
def test_a_name_that_no_directory_can_have(project, name):
    assert project.problem(project.valid, name=name)[1] == "name"


@pytest.mark.parametrize("setting", ["notes=\udcff", "no\udcfftes=1", "~\udcff"])
def test_a_setting_that_is_no_text(project, setting):
    assert project.problem(project.valid, setting)[2] == "is not UTF-8 text"


def test_a_config_file_whose_name_is_no_text(project):
    path = os.fsdecode(b"bad\xff.yaml")
    project.write(path, project.valid)
    assert load_experiment(path).name == "bad\N{REPLACEMENT CHARACTER}"


def test_a_directory_is_no_config(project):
    with pytest.raises(ConfigError, match="is a directory"):
        load_experiment(project.folder)


def test_nothing_that_a_terminal_obeys_is_printed(project):
    project.write("exp.yaml", project.valid + 'notes: 1\n"ke\\e[2Jy\\x9b\\u202e": 1\n')
    told = run_command("validate", "exp.yaml", "--set", "\x1b[2J=1", code=2).stderr
    assert not [character for character in told if not (character.isprintable() or character == "\n")]
    assert "ke\\u001b[2Jy\\u009b\\u202e" in told


# --- time -------------------------------------------------------------------------------------------------------------

FORECAST = "architecture: dlinear\ntrainer: forecaster\ndataset: {name: series, path: x.csv, time: t, "
LABELS = "architecture: lstm\ntrainer: multilabel\ndataset: {name: text, path: x.csv, text: t, labels: ["


def items(pattern: str, count: int) -> str:
    return "".join(pattern.replace("N", str(number)) for number in range(count))


@pytest.mark.parametrize(
    "text",
    [
        items("kN: 1\n", 90_000),
        f"tags: [{items('1,', 400_000)}]\n",
        f"sweep: {{a: [{items('[' * 40 + ']' * 40 + ',', 10_000)}]}}\n",
        f"sweep: {{a: [{items('1,', 400_000)}\n",
        f"plugins: [{items('p.py,', 180_000)}]\n",
        f"{FORECAST}targets: [{items('cN,', 130_000)}]}}\n",
    ],
    ids=["keys", "numbers", "nested", "unclosed", "plugins", "columns"],
)
def test_a_config_of_too_many_values_is_refused_at_once(project, text):
    project.write("exp.yaml", text)
    began = time.process_time()
    told = run_command("validate", "exp.yaml", code=2).stderr
    assert time.process_time() - began < 2  # less than a second, where nothing else runs
    assert "more than 20,000 values" in told


@pytest.mark.parametrize(
    "text",
    [
        items("kN: 1\n", 19_000),
        f"{FORECAST}targets: [{items('cN,', 19_000)}]}}\n",
        f"{FORECAST}targets: [{items('cN,', 9_900)}], features: [{items('dN,', 9_900)}]}}\n",
        f"{LABELS}{items('cN,', 19_000)}]}}\n",
        "sweep:\n" + items("  kN: ${sweep.xN}\n", 19_000),
        f"sweep: {{a: [{items('1,', 900)}], b: [{items(chr(39) + '${sweep.a}' + chr(39) + ',', 18_000)}]}}\n",
    ],
    ids=["keys", "targets", "features", "labels", "misspelt references", "references"],
)
def test_so_are_the_mistakes_in_one_of_nearly_as_many(project, text):
    project.write("exp.yaml", text)
    began = time.process_time()
    told = run_command("validate", "exp.yaml", code=2).stderr
    assert time.process_time() - began < 2
    assert "values; a config" not in told


def test_references_that_stand_for_many_values(project):
    text = f"sweep: {{a: [{items('1,', 900)}], b: [{items(chr(39) + '${sweep.a}' + chr(39) + ',', 30)}]}}\n"
    _, key, message = project.problem(project.valid + text)
    assert (key, message) == ("sweep.b.22", "the references of this config stand for more than 20,000 values")
