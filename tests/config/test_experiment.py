"""A whole config: what it becomes, and all that can be wrong with it, at once."""

from __future__ import annotations

from dataclasses import FrozenInstanceError
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from seqrun.architectures.recurrent import Recurrent
from seqrun.config.experiment import load_experiment, to_yaml
from seqrun.config.templates import templates
from seqrun.datasets.text.imdb import Imdb
from seqrun.registry import ARCHITECTURES, DATASETS
from seqrun.tasks.classification.trainer import Classifier

SHIPPED = sorted(Path(__file__).parents[2].glob("configs/**/*.yaml"))


# --- what is right ----------------------------------------------------------------------------------------------------


def test_defaults_are_filled_in(project):
    experiment = project.load(project.valid)
    assert (experiment.name, experiment.seed, experiment.tags, experiment.notes) == ("exp", 42, (), "")
    assert (experiment.architecture.units, experiment.trainer.optimizer.name) == (32, "adam")


def test_an_experiment_cannot_be_changed(project):
    experiment = project.load(project.valid)
    with pytest.raises(FrozenInstanceError):
        experiment.seed = 1
    with pytest.raises(ValueError, match="frozen"):
        experiment.dataset.max_len = 1


def test_relative_paths_start_at_the_file_or_at_the_current_directory(project, monkeypatch):
    project.write("sub/exp.yaml", project.valid.replace("parts.py", "../parts.py").replace("}", ", more: [a, /b]}"))
    experiment = load_experiment("sub/exp.yaml", ["dataset.words=here.txt", "architecture.noise={amount: 1, table: t}"])
    assert experiment.dataset.path == project.folder / "sub" / "letters.txt"
    assert experiment.dataset.more == [project.folder / "sub" / "a", Path("/b")]
    assert experiment.dataset.words == project.folder / "here.txt"
    assert experiment.architecture.noise.table == project.folder / "t"
    assert experiment.plugins == (project.folder / "parts.py",)


def test_a_tilde_is_the_users_home(project, monkeypatch):
    monkeypatch.setenv("HOME", str(project.folder / "home"))
    path = project.load(project.valid, "dataset.path=~/a.txt").dataset.path
    assert path == project.folder / "home" / "a.txt"


def test_false_switches_off_and_a_number_may_be_whole(project):
    experiment = project.load(
        project.valid, "trainer.early_stopping=false", "trainer.optimizer={name: sgd, learning_rate: 1}"
    )
    assert experiment.trainer.early_stopping is None
    assert experiment.trainer.optimizer.learning_rate == 1.0


def test_resolved_is_plain_data_with_every_default(project):
    resolved = project.load(project.valid).resolved()
    assert resolved["dataset"]["path"] == str(project.folder / "letters.txt")
    assert resolved["dataset"]["splits"] == [0.5, 0.5]
    assert resolved["trainer"]["optimizer"]["learning_rate"] == 0.001
    sections = ["dataset", "architecture", "trainer"]
    assert [*resolved] == ["name", "seed", *sections, "tags", "notes", "plugins", "sweep", "loggers"]


@settings(max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    notes=st.text(st.characters(blacklist_categories=("Cc", "Cs")), max_size=20),
    fraction=st.floats(0, 1, exclude_min=True, exclude_max=True),
    units=st.integers(-(2**63) + 1, 2**63 - 1) | st.lists(st.integers(1, 2**63 - 1), max_size=3),
    tags=st.lists(st.sampled_from(["no", "1e-3", "${seed}", "$${x}", "a: b", "#", ""]), max_size=3),
    noise=st.just("none")
    | st.builds(lambda amount: {"amount": amount}, st.floats(allow_nan=False, allow_infinity=False)),
)
def test_what_an_experiment_writes_loads_to_an_equal_one(project, notes, fraction, units, tags, noise):
    from seqrun.config.references import escape_references
    from seqrun.config.scalars import write_yaml

    config = {
        "plugins": ["parts.py"],
        "dataset": {"name": "letters", "path": "letters.txt", "fraction": fraction},
        "architecture": {"name": "small_net", "units": units, "noise": noise},
        "trainer": {"name": "teacher", "reduce_lr": False},
        "notes": notes,
        "tags": tags,
    }
    experiment = project.load(write_yaml(escape_references(config)))
    assert (experiment.notes, experiment.tags, experiment.architecture.units) == (notes, tuple(tags), units)
    assert experiment.dataset.fraction == fraction
    project.write("elsewhere/config.yaml", to_yaml(experiment))
    assert load_experiment("elsewhere/config.yaml") == experiment


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_every_shipped_config_is_valid_and_survives_being_written(path, tmp_path):
    experiment = load_experiment(path)
    assert experiment.name
    (tmp_path / "config.yaml").write_text(to_yaml(experiment), encoding="utf-8")
    assert load_experiment(tmp_path / "config.yaml") == experiment


def test_all_shipped_configs_are_templates():
    top_level = {path.stem for path in SHIPPED if path.parent.name == "configs"}
    assert top_level
    assert top_level <= set(templates())


# --- what is wrong ----------------------------------------------------------------------------------------------------

SIX_MISTAKES = """\
plugins: [parts.py]
seed: -1
dataset:
  name: letters
  path: letters.txt
  max_length: 128
architecture:
  name: smal_net
trainer:
  name: teacher
  epochs: "many"
  optimizer: {name: adam, beta_1: 1.5}
  early_stopping: {monitor: val_los}
"""


def test_six_mistakes_of_different_kinds_are_all_reported_with_their_places(project):
    columns = "loss, accuracy, val_loss, val_accuracy"
    assert project.problems(SIX_MISTAKES) == [
        ("exp.yaml:2:7", "seed", "must be at least 0, not -1"),
        ("exp.yaml:6:3", "dataset.max_length", "unknown key (did you mean max_len?)"),
        (
            "exp.yaml:8:9",
            "architecture.name",
            "unknown architecture 'smal_net' (did you mean small_net?); there are "
            f"{', '.join(ARCHITECTURES)}, small_net",
        ),
        ("exp.yaml:11:11", "trainer.epochs", "must be a whole number, not 'many'"),
        ("exp.yaml:12:35", "trainer.optimizer.beta_1", "must be less than 1, not 1.5"),
        (
            "exp.yaml:13:29",
            "trainer.early_stopping.monitor",
            f"this trainer writes no 'val_los' to history.csv (did you mean val_loss?); there are {columns}",
        ),
    ]


def keys_of(problems) -> list[str]:
    return [key for _, key, _ in problems]


def test_a_wrong_name_hides_nothing_else_that_is_wrong(project):
    text = """\
    seed: "42"
    epochz: 3
    dataset: {name: imbd, max_length: 3}
    architecture: {name: lstm, units: 0, unitss: 3}
    trainer:
      name: classifier
      epochs: ten
      early_stopping: {monitor: val_los, mode: mx}
      optimizer: {name: adma, learning_rate: -1, beta1: 0.9}
    """
    assert keys_of(project.problems(text)) == [
        "seed",
        "epochz",
        "dataset.name",
        "dataset.max_length",
        "architecture.units",
        "architecture.unitss",
        "trainer.epochs",
        "trainer.early_stopping.monitor",
        "trainer.early_stopping.mode",
        "trainer.optimizer.name",
        "trainer.optimizer.learning_rate",
        "trainer.optimizer.beta1",
    ]


def test_wrong_names_in_one_another_are_all_read_into(project):
    rate = "{name: cosin_decay, initial_learning_rate: 0.1, decay_steps: 0}"
    setting = f"trainer.optimizer={{name: sdg, momentum: 2, learning_rate: {rate}}}"
    assert sorted(keys_of(project.problems(project.valid, setting))) == [
        f"trainer.optimizer.{key}" for key in ("learning_rate.decay_steps", "learning_rate.name", "momentum", "name")
    ]


@pytest.mark.parametrize("trainer", ["{epochs: 0, other: 1}", "{name: quite_another, epochs: 0, other: 1}"])
def test_without_a_name_that_is_near_only_what_all_components_have_is_checked(project, trainer):
    text = project.valid.replace("trainer: teacher", f"trainer: {trainer}")
    assert keys_of(project.problems(text)) == ["trainer.name", "trainer.epochs"]


def test_a_plugin_that_cannot_be_loaded_hides_no_misspelling_of_a_shipped_name(project):
    text = "plugins: [gone.py]\ndataset: imdb\narchitecture: lstm2\ntrainer: {name: clasifier, epochs: 0}\n"
    assert keys_of(project.problems(text)) == ["plugins.0", "trainer.name", "trainer.epochs"]


def test_an_empty_section_and_a_name_written_as_a_key_are_told_as_such(project):
    text = "dataset:\nname: imdb\narchitecture: {lstm: {units: 32}}\ntrainer: classifier\n"
    dataset, architecture = project.problems(text)
    assert dataset[:2] == ("exp.yaml:1:1", "dataset")
    assert "is empty: what belongs to it stands below it, further in" in dataset[2]
    assert architecture == ("exp.yaml:3:16", "architecture.lstm", "write name: lstm, and its settings beside it")


@pytest.mark.parametrize(("given", "near"), [("val_acc", "val_accuracy"), ("acc", "accuracy"), ("speed", None)])
def test_an_unknown_monitor_names_the_one_that_was_meant_and_all_there_are(project, given, near):
    _, _, message = project.problem(project.valid, f"trainer.early_stopping.monitor={given}")
    assert ("did you mean" in message) == bool(near)
    assert near is None or f"(did you mean {near}?)" in message
    assert message.endswith("; there are loss, accuracy, val_loss, val_accuracy")


@pytest.mark.parametrize(
    ("setting", "key", "message"),
    [
        ("dataset.max_len='32'", "dataset.max_len", "must be a whole number, not the text '32'"),
        ("dataset.max_len=32.0", "dataset.max_len", "must be a whole number, not 32.0 (write 32)"),
        ("dataset.max_len=true", "dataset.max_len", "must be a whole number, not true"),
        ("dataset.max_len=null", "dataset.max_len", "must be a whole number, not null (nothing)"),
        ("dataset.max_len=0", "dataset.max_len", "must be at least 1, not 0"),
        ("dataset.fraction=.nan", "dataset.fraction", "must be a finite number, not nan"),
        ("dataset.fraction=1", "dataset.fraction", "must be less than 1, not 1"),
        ("dataset.path=5", "dataset.path", "must be text, not 5"),
        ("dataset.more=a", "dataset.more", "must be a list, not 'a'"),
        ("architecture.deep=yes", "architecture.deep", "must be true or false, not 'yes'"),
        ("architecture.deep=1", "architecture.deep", "must be true or false, not 1"),
        ("architecture.units=x", "architecture.units", "must be a whole number or a list, not 'x'"),
        ("architecture.units=[3, x]", "architecture.units.1", "must be a whole number, not 'x'"),
        ("architecture.units=[3, 0]", "architecture.units.1", "must be at least 1, not 0"),
        (
            "architecture.activation=rulu",
            "architecture.activation",
            "must be relu or tanh, not 'rulu' (did you mean relu?)",
        ),
        ("architecture.noise=nome", "architecture.noise", "must be none or a mapping, not 'nome' (did you mean none?)"),
        ("architecture.noise={amuont: 1}", "architecture.noise.amuont", "unknown key (did you mean amount?)"),
        ("architecture.noise={table: a}", "architecture.noise.amount", "required: how much"),
        ("trainer.optimizer=adma", "trainer.optimizer", "unknown name 'adma' (did you mean adam?)"),
        ("trainer.optimizer=adm", "trainer.optimizer", "unknown name 'adm' (did you mean adam?)"),
        ("trainer.optimizer={name: adm}", "trainer.optimizer.name", "unknown name 'adm' (did you mean adam?)"),
        (
            "trainer.optimizer={learning_rat: 1}",
            "trainer.optimizer.learning_rat",
            "unknown key (did you mean learning_rate?)",
        ),
        ("trainer.optimizer=5", "trainer.optimizer", "must be a name or a mapping with a name, not 5"),
        ("trainer.optimizer={name: adam, beta1: 1}", "trainer.optimizer.beta1", "unknown key (did you mean beta_1?)"),
        (
            "trainer.optimizer.learning_rate='1'",
            "trainer.optimizer.learning_rate",
            "must be a number, not the text '1'",
        ),
        ("trainer.optimizer.learning_rate=0", "trainer.optimizer.learning_rate", "must be greater than 0, not 0"),
        (
            "trainer.optimizer.learning_rate={name: cosin_decay}",
            "trainer.optimizer.learning_rate.name",
            "unknown name 'cosin_decay' (did you mean cosine_decay?)",
        ),
        (
            "trainer.early_stopping=true",
            "trainer.early_stopping",
            "must be a mapping or false, not true; the mapping has monitor, patience, ",
        ),
        ("trainer.early_stopping.patience=-1", "trainer.early_stopping.patience", "must be at least 0, not -1"),
        ("dataset=5", "dataset", "must be a name or a mapping with a name, not 5"),
        ("dataset=[letters]", "dataset", "must be a name or a mapping with a name, not a list"),
        ("architecture=smal_net", "architecture", "unknown architecture 'smal_net' (did you mean small_net?)"),
        ("architecture.name=5", "architecture.name", "must be the name of a component, not 5"),
        ("~dataset", "dataset", "required: the data to learn from"),
        (
            "~dataset.name",
            "dataset.name",
            f"required: one of {', '.join(DATASETS)}, letters, readings",
        ),
        ("~dataset.path", "dataset.path", "required: the file of letters"),
        ("seed=4294967296", "seed", "must be at most 4294967295, not 4294967296"),
        ("tags=a", "tags", "must be a list, not 'a'"),
        ("tags=[1]", "tags.0", "must be text, not 1"),
        ("name=5", "name", "must be text, not 5"),
        ("sweep=3", "sweep", "must be a mapping, not 3"),
        ("datset=5", "datset", "unknown key (did you mean dataset?)"),
    ],
)
def test_a_mistake_is_told_in_plain_words_at_its_key(project, setting, key, message):
    place, found, told = project.problem(project.valid, setting)
    assert found == key
    assert told.startswith(message)
    assert place == f"--set {setting}"


@pytest.mark.parametrize(
    ("setting", "words"),
    [
        ("epochs=3", "unknown key: it belongs in trainer (trainer.epochs)"),
        ("architecture.epochs=3", "unknown key: it belongs in trainer (trainer.epochs)"),
        ("trainer.optimizer.epochs=3", "unknown key: it belongs in trainer (trainer.epochs)"),
        ("dataset.epoch=3", "unknown key (did you mean trainer.epochs?)"),
        ("trainer.max_len=3", "unknown key: it belongs in dataset (dataset.max_len)"),
        ("trainer.deep=true", "unknown key: it belongs in architecture (architecture.deep)"),  # a plugin's own
        ("dataset.seed=3", "unknown key: it belongs at the top of the config (seed)"),
        (
            "patience=3",
            "unknown key: it belongs in trainer.early_stopping or trainer.reduce_lr "
            "(trainer.early_stopping.patience or trainer.reduce_lr.patience)",
        ),
        ("trainer.learning_rate=3", "unknown key: it belongs in trainer.optimizer (trainer.optimizer.learning_rate)"),
        ("trainer.lr=3", "unknown key (did you mean trainer.optimizer.learning_rate?)"),
        ("trainer.optimizer.lr=3", "unknown key (did you mean learning_rate?)"),
        ("trainer.optimizer={name: adam, momentum: 0.9}", "unknown key: it is a setting of rmsprop, sgd"),
        ("dataset.lookback=3", "unknown key: it is a setting of waves, jena_climate, ridership, series"),
        ("architecture.lookback=3", "unknown key: it belongs in dataset of waves, jena_climate, ridership, series"),
        ("trainer.qqq=3", "unknown key; there are name, "),
    ],
)
def test_a_key_in_the_wrong_place_is_told_where_it_belongs(project, setting, words):
    """Wherever a component has such a field: those of plugins count too."""
    _, _, message = project.problem(project.valid, setting)
    assert message.startswith(words)


@pytest.mark.parametrize("section", ["dataset", "architecture", "trainer"])
def test_every_field_of_another_section_is_told_so(project, section):
    """By pydantic's own list of each component's fields."""
    components = {"dataset": Imdb, "architecture": Recurrent, "trainer": Classifier}
    config = "dataset: imdb\narchitecture: lstm\ntrainer: classifier\n"
    for other in components.keys() - {section}:
        for field in components[other].model_fields.keys() - components[section].model_fields:
            _, key, message = project.problem(config, f"{section}.{field}=null")
            assert (key, message) == (f"{section}.{field}", f"unknown key: it belongs in {other} ({other}.{field})")


def test_sections_and_names_by_what_other_tools_call_them_are_read_into(project):
    text = """\
    plugins: [parts.py]
    data: {kind: letters, path: letters.txt, max_length: 3}
    model: {type: small_net, deep: 3}
    training: {class: teacher, optimizer: {type: adam}}
    """
    assert project.problems(text) == [
        ("exp.yaml:2:1", "data", "unknown key (did you mean dataset?)"),
        ("exp.yaml:2:8", "dataset.kind", "unknown key (did you mean name?)"),
        ("exp.yaml:2:42", "dataset.max_length", "unknown key (did you mean max_len?)"),
        ("exp.yaml:3:1", "model", "unknown key (did you mean architecture?)"),
        ("exp.yaml:3:9", "architecture.type", "unknown key (did you mean name?)"),
        ("exp.yaml:3:32", "architecture.deep", "must be true or false, not 3"),
        ("exp.yaml:4:1", "training", "unknown key (did you mean trainer?)"),
        ("exp.yaml:4:12", "trainer.class", "unknown key (did you mean name?)"),
        ("exp.yaml:4:40", "trainer.optimizer.type", "unknown key (did you mean name?)"),
    ]


def test_a_file_in_place_of_a_datasets_name_is_told_where_it_belongs(project):
    _, _, message = project.problem(project.valid, "dataset=my/reviews.csv")
    assert message.endswith("; a file is given beside the name: {name: text, path: my/reviews.csv, ...}")


def test_a_required_key_points_at_its_section(project):
    text = "plugins: [parts.py]\narchitecture: small_net\ndataset:\n  name: letters\ntrainer: teacher\n"
    assert project.problem(text)[:2] == ("exp.yaml:3:1", "dataset.path")


def test_a_misspelt_required_key_is_one_problem_and_not_two(project):
    assert project.problem(project.valid.replace("path:", "pth:"))[1:] == (
        "dataset.pth",
        "unknown key (did you mean path?)",
    )


@pytest.mark.parametrize("name", ["a/b", ".hidden", "-x", "a\tb", "con:", " a", "", "x" * 200, "a."])
def test_a_name_that_no_directory_can_bear_is_refused(project, name):
    assert project.problem(project.valid, name=name)[1] == "name"


@pytest.mark.parametrize("name", ["imdb_lstm", "a b", "Ünï-1.5+x=3"])
def test_other_names_are_not(project, name):
    assert project.load(project.valid, name=name).name == name


def test_a_missing_config_names_its_neighbour(project):
    from seqrun.errors import ConfigError

    project.write("exp.yaml", project.valid)
    with pytest.raises(ConfigError, match=r"there is no such file \(did you mean exp.yaml\?\)"):
        load_experiment("ecp.yaml")


# --- combinations -----------------------------------------------------------------------------------------------------


def test_a_dataset_for_another_task_and_of_other_inputs(project):
    found = project.problems(project.valid, "dataset=readings")
    assert sorted((key, message) for _, key, message in found) == [
        ("architecture.name", "it is for classification, but the dataset is for forecasting"),
        ("architecture.name", "it reads tokens, but the dataset gives values"),
        ("trainer.name", "it is for classification, but the dataset is for forecasting"),
    ]


def test_a_schedule_and_a_plateau_cannot_both_set_the_learning_rate(project):
    schedule = "trainer.optimizer.learning_rate={name: cosine_decay, initial_learning_rate: 1, decay_steps: 5}"
    place, key, message = project.problem(project.valid, schedule, "trainer.reduce_lr={factor: 0.5}")
    assert (place, key) == ("--set trainer.reduce_lr={factor: 0.5}", "trainer.reduce_lr")
    assert "cosine_decay" in message


def test_a_monitor_of_the_trainers_own_metrics_is_known(project):
    assert project.load(project.valid, "trainer.early_stopping.monitor=val_accuracy")


def test_a_components_own_check_is_asked(project):
    text = project.valid + "notes: x\n"
    place, key, message = project.problem(text, "architecture.deep=true", "dataset.max_len=5")
    assert (place, key, message) == ("--set architecture.deep=true", "architecture.deep", "needs 10 letters, not 5")


def test_checks_that_are_still_possible_are_made_beside_field_problems(project):
    settings = (
        "dataset=readings",
        "architecture.units=x",
        "trainer.epochs=0",
        "trainer.early_stopping.monitor=val_acuracy",
    )
    keys = [key for _, key, _ in project.problems(project.valid, *settings)]
    assert sorted(keys) == [
        "architecture.name",
        "architecture.name",
        "architecture.units",
        "trainer.early_stopping.monitor",
        "trainer.epochs",
        "trainer.name",
    ]


def test_a_check_says_nothing_that_rests_on_a_value_with_a_problem_of_its_own(project):
    # max_len is unknown, so whether it is long enough is too; the path is missing, so the dataset is no object at all.
    for broken in ("~dataset.path", "dataset=nothing", "dataset.max_len=0"):
        keys = [key for _, key, _ in project.problems(project.valid, broken, "architecture.deep=true")]
        assert len(keys) == 1


def test_a_missing_base_is_not_taken_for_a_file_of_quite_another_name(project):
    for name in ("base.yaml", "one.yaml", "notes.txt"):
        project.write(name, "")
    assert "did you mean" not in project.problem("extends: nope.yaml\n")[2]
    assert "(did you mean base.yaml?)" in project.problem("extends: bse.yaml\n")[2]
