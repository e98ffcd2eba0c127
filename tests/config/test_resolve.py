"""`extends`, then `--set`, then `${...}`."""

from __future__ import annotations

import pytest

NET = "  name: small_net\n"


# --- extends ----------------------------------------------------------------------------------------------------------


def test_a_file_wins_over_the_one_it_extends_key_by_key(project):
    project.write("base.yaml", project.valid + "seed: 1\nnotes: base\n")
    experiment = project.load("extends: base.yaml\nseed: 2\ndataset: {max_len: 5}\n")
    assert (experiment.seed, experiment.notes, experiment.name) == (2, "base", "exp")
    assert experiment.dataset.max_len == 5
    assert experiment.dataset.path == project.folder / "letters.txt"


def test_a_section_of_another_name_replaces_the_bases(project):
    base = project.valid.replace("architecture: small_net", "architecture: {name: other, filters: 3}")
    project.write("base.yaml", base)
    assert project.load("extends: base.yaml\narchitecture: small_net").architecture.units == 32
    assert project.load("extends: base.yaml\narchitecture: {name: small_net, units: 4}").architecture.units == 4


def test_a_section_of_the_same_name_is_merged_written_as_name_or_mapping(project):
    base = project.valid.replace("architecture: small_net", "architecture: {name: small_net, units: 7}")
    project.write("base.yaml", base)
    assert project.load("extends: base.yaml\narchitecture: small_net").architecture.units == 7
    project.write("base.yaml", project.valid)
    assert project.load("extends: base.yaml\narchitecture: {units: 9}").architecture.units == 9


def test_another_optimizer_keeps_nothing_of_the_bases(project):
    base = project.valid.replace("trainer: teacher", "trainer: {name: teacher, optimizer: {name: adam, beta_1: 0.5}}")
    project.write("base.yaml", base)
    experiment = project.load("extends: base.yaml\ntrainer: {optimizer: {name: sgd, momentum: 0.9}}")
    assert (experiment.trainer.optimizer.name, experiment.trainer.optimizer.momentum) == ("sgd", 0.9)


def test_lists_replace(project):
    project.write("base.yaml", project.valid + "tags: [a, b]\n")
    assert project.load("extends: base.yaml\ntags: [c]\n").tags == ("c",)


def test_a_chain_of_bases_each_relative_to_the_file_that_names_it(project):
    project.write("low/lowest.yaml", project.valid.replace("parts.py", "../parts.py"))
    project.write("low/middle.yaml", "extends: lowest.yaml\nseed: 3\ndataset: {max_len: 6}\n")
    experiment = project.load("extends: low/middle.yaml\ndataset: {words: words.txt}\nseed: 4\n")
    assert (experiment.seed, experiment.dataset.max_len) == (4, 6)
    assert experiment.dataset.path == project.folder / "low" / "letters.txt"
    assert experiment.dataset.words == project.folder / "words.txt"


def test_a_problem_in_a_base_names_the_base_and_who_extends_it(project):
    project.write("base.yaml", project.valid + "seed: x\n")
    place, key, message = project.problem("extends: base.yaml\n")
    assert (place, key) == ("base.yaml:5:7", "seed")
    assert message == "must be a whole number, not 'x' (in the file that exp.yaml extends)"


def test_a_circle_is_a_problem(project):
    project.write("b.yaml", "extends: exp.yaml\n")
    place, key, message = project.problem("extends: b.yaml\n")
    assert (place, key) == ("b.yaml:1:10", "extends")
    assert "exp.yaml -> b.yaml -> exp.yaml" in message


def test_a_missing_base_is_the_only_problem(project):
    project.write("base_lstm.yaml", project.valid)
    place, key, message = project.problem("extends: base_lsmt.yaml\nseed: 3\n")
    assert (place, key) == ("exp.yaml:1:10", "extends")
    assert "there is no file base_lsmt.yaml (did you mean base_lstm.yaml?)" in message


def test_a_base_that_is_not_yaml_is_a_problem_beside_the_files_own(project):
    project.write("base.yaml", "a: [\n")
    places = [place for place, _, _ in project.problems("extends: base.yaml\nseed: x\n")]
    assert places[0] == "exp.yaml:2:7"
    assert places[1].startswith("base.yaml:2")


def test_extends_must_be_a_path(project):
    assert project.problem("extends: [a, b]\n")[1:] == ("extends", "must be the path of another config file")


# --- --set ------------------------------------------------------------------------------------------------------------


def test_the_value_is_yaml_and_may_hold_equals_signs(project):
    experiment = project.load(project.valid, "dataset.fraction=1e-2", "notes=a=b", "tags=[x, 'y=1']")
    assert (experiment.dataset.fraction, experiment.notes, experiment.tags) == (0.01, "a=b", ("x", "y=1"))


def test_a_key_of_a_section_written_as_a_bare_name_can_be_set(project):
    assert project.load(project.valid, "architecture.units=64").architecture.units == 64
    assert project.load(project.valid, "trainer.optimizer.learning_rate=0.5").trainer.optimizer.learning_rate == 0.5


def test_an_item_of_a_list_can_be_set(project):
    text = project.valid.replace("architecture: small_net", "architecture: {name: small_net, units: [1, 2]}")
    assert project.load(text, "architecture.units.1=5").architecture.units == [1, 5]
    place, key, message = project.problem(text, "architecture.units.2=5")
    assert (place, key) == ("--set architecture.units.2=5", "architecture.units.2")
    assert "the list has 2" in message


@pytest.mark.parametrize("setting", ["architecture=small_net", "architecture.name=small_net"])
def test_another_name_replaces_the_section_whatever_the_order(project, setting):
    text = project.valid.replace("architecture: small_net", "architecture: {name: other, filters: 3}")
    assert project.load(text, setting).architecture.units == 32
    assert project.load(text, setting, "architecture.units=3").architecture.units == 3
    assert project.load(text, "architecture.units=3", setting).architecture.units == 3


@pytest.mark.parametrize("mark", [",", "|", "#", ";", "%", "@", "#5"])
def test_a_mark_alone_is_set_as_it_is_given(project, mark):
    assert project.load(project.valid, f"notes={mark}").notes == mark


def test_the_later_setting_wins(project):
    assert project.load(project.valid, "seed=1", "seed=2").seed == 2


def test_a_key_can_be_removed(project):
    text = project.valid + "seed: 3\n"
    assert project.load(text, "~seed").seed == 42
    assert project.load(text, "seed=5", "~seed").seed == 42
    assert project.load(text, "~dataset", "dataset={name: letters, path: b.txt}").dataset.path.name == "b.txt"


def test_removing_what_is_not_there_is_a_problem(project):
    place, key, message = project.problem(project.valid, "~dataset.paht")
    assert (place, key) == ("--set ~dataset.paht", "dataset.paht")
    assert "did you mean path?" in message


@pytest.mark.parametrize("name", ["small_net", "{name: small_net}"])
def test_the_name_of_a_bare_section_cannot_be_removed(project, name):
    text = project.valid.replace("architecture: small_net", f"architecture: {name}")
    place, key, message = project.problem(text, "~architecture.name")
    assert (place, key) == ("--set ~architecture.name", "architecture.name")
    words = "required: one of" if name[0] == "{" else "is the name 'small_net' alone; remove it by ~architecture"
    assert words in message


@pytest.mark.parametrize(
    ("setting", "words"),
    [
        ("~architecture.units", "there is no such key"),
        ("~seed.a", "there is no such key"),
        ("seed", "no value"),
        ("~seed=3", "takes no value"),
        ("a..b=3", "empty part"),
        ("=3", "empty part"),
        ("tags=[a", "the [ that opens here is not closed"),
        ("seed=*a", "aliases"),
        ("extends=b.yaml", "cannot be set"),
        ("seed=x", "must be a whole number, not 'x'"),
        ("sed=3", "did you mean seed?"),
    ],
)
def test_a_wrong_setting_is_told_as_it_was_given(project, setting, words):
    place, _, message = project.problem(project.valid, setting)
    assert place == f"--set {setting}"
    assert words in message


def test_name_and_seed_are_options_of_their_own(project):
    experiment = project.load(project.valid + "name: other\n", name="1e3", seed=7)
    assert (experiment.name, experiment.seed) == ("1e3", 7)
    assert project.problem(project.valid, name="a/b")[0] == "--name a/b"


# --- ${...} -----------------------------------------------------------------------------------------------------------


def test_a_whole_reference_keeps_its_type_and_one_in_text_does_not(project):
    experiment = project.load(project.valid + "seed: ${dataset.max_len}\nnotes: len ${seed}\n", "dataset.max_len=9")
    assert (experiment.seed, experiment.notes) == (9, "len 9")


def test_a_reference_to_a_mapping_or_an_item_of_a_list(project):
    text = project.valid + "sweep: {a: {b: [1, 2.5]}, c: '${sweep.a}', d: '${sweep.a.b.1}'}\n"
    assert project.load(text).sweep == {"a": {"b": [1, 2.5]}, "c": {"b": [1, 2.5]}, "d": 2.5}


def test_name_and_seed_can_be_referred_to_though_not_written(project):
    assert project.load(project.valid + "notes: ${name} ${seed} ${architecture.name}\n").notes == "exp 42 small_net"


def test_environment_variables(project, monkeypatch):
    monkeypatch.setenv("SEQRUN_TEST_N", "007")
    monkeypatch.setenv("SEQRUN_TEST_WHERE", "there")
    text = project.valid + "seed: ${env:SEQRUN_TEST_N}\nnotes: ${env:SEQRUN_TEST_N}/${env:SEQRUN_TEST_WHERE}\n"
    experiment = project.load(text)
    assert (experiment.seed, experiment.notes) == (7, "007/there")


def test_a_doubled_dollar_is_a_plain_one(project):
    assert project.load(project.valid + "notes: $${seed} costs $5\n").notes == "${seed} costs $5"


def test_a_path_taken_by_reference_stays_relative_to_the_file_that_wrote_it(project):
    project.write("data/base.yaml", project.valid.replace("parts.py", "../parts.py"))
    experiment = project.load("extends: data/base.yaml\ndataset: {words: '${dataset.path}'}\n")
    assert experiment.dataset.words == project.folder / "data" / "letters.txt"


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("notes: ${dataset.maxlen}", "refers to a key that this config does not write"),
        ("notes: ${datset.path}", "did you mean dataset?"),
        ("notes: ${notes}", "refers to itself"),
        ("notes: x ${dataset} x", "is a mapping"),
        ("notes: ${env:SEQRUN_NO_SUCH}", "SEQRUN_NO_SUCH is not set"),
        ("notes: a ${seed", "without its }"),
        ("notes: ${}", "refers to a key"),
        ("seed: ${dataset.path}", "must be a whole number, not 'letters.txt'"),
    ],
)
def test_a_reference_that_fails_is_a_problem_at_its_place(project, line, words):
    place, key, message = project.problem(project.valid + line + "\n")
    assert place == f"exp.yaml:5:{line.index(':') + 3}"
    assert key == line.partition(":")[0]
    assert words in message


def test_a_circle_of_references_is_told_once(project):
    place, _, message = project.problem(project.valid + "notes: ${tags.0}\ntags: ['${name}']\nname: ${notes}\n")
    assert place.startswith("exp.yaml:")
    assert "refers to itself: notes -> tags.0 -> name -> notes" in message or "refers to itself" in message


def test_a_missing_variable_is_the_only_problem_of_a_required_key(project):
    text = project.valid.replace("letters.txt", "'${env:SEQRUN_NO_SUCH}/a.txt'")
    assert project.problem(text)[1] == "dataset.path"
