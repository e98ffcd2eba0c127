"""A user's own components: files named by a config, and installed packages."""

from __future__ import annotations

import os
import subprocess
import sys
from textwrap import dedent

import pytest
from own_network import NET

from seqrun.config.experiment import load_experiment
from seqrun.config.plugins import component_name
from seqrun.errors import ConfigError
from seqrun.registry import REGISTRIES

TRAINER = '''
from seqrun.components import Trainer

class MyTrainer(Trainer):
    """My own way to train."""

    tasks = frozenset({"classification"})
    metrics = ("my_score",)

    def fit(self, model, splits, session):
        raise NotImplementedError
'''
CONFIG = "plugins: [my_model.py]\ndataset: imdb\narchitecture: {name: my_net, units: 7}\ntrainer: classifier\n"


@pytest.fixture
def write(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    def write(name: str, text: str):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(dedent(text), encoding="utf-8")
        return path

    return write


def problems(config: str) -> list[tuple[int, str, str]]:
    with pytest.raises(ConfigError) as caught:
        load_experiment(config)
    return [(each.mark.line, ".".join(map(str, each.path)), each.message) for each in caught.value.problems]


@pytest.mark.parametrize(
    ("class_name", "name"),
    [
        ("MyModel", "my_model"),
        ("MyLSTM", "my_lstm"),
        ("GRUNet", "gru_net"),
        ("Net", "net"),
        ("Conv1D", "conv1d"),
        ("Conv1DNet", "conv1d_net"),
        ("BiLSTM2Layers", "bi_lstm2_layers"),
    ],
)
def test_a_class_is_named_in_snake_case(class_name, name):
    assert component_name(class_name) == name


def test_a_plugins_component_can_be_named(write):
    write("my_model.py", NET)
    write("exp.yaml", CONFIG)
    experiment = load_experiment("exp.yaml")
    assert (type(experiment.architecture).__name__, experiment.architecture.units) == ("MyNet", 7)


def test_a_plugin_is_known_to_its_own_experiment_alone(write):
    write("my_model.py", NET)
    write("exp.yaml", CONFIG)
    write("other.yaml", CONFIG.partition("\n")[2])
    load_experiment("exp.yaml")
    assert "unknown architecture 'my_net'" in problems("other.yaml")[0][2]
    assert "my_net" not in REGISTRIES["architecture"].names()


def test_two_plugins_of_one_file_name_do_not_mix(write):
    write("a/my_model.py", NET)
    write("b/my_model.py", NET.replace("units: int = 5", "units: int = 5\n    width: int = 6"))
    write("a/exp.yaml", CONFIG)
    write("b/exp.yaml", CONFIG)
    a, b = load_experiment("a/exp.yaml"), load_experiment("b/exp.yaml")
    assert not hasattr(a.architecture, "width")
    assert b.architecture.width == 6


def test_a_changed_plugin_is_loaded_anew_and_an_unchanged_one_is_the_same_class(write):
    write("my_model.py", NET)
    write("exp.yaml", CONFIG)
    first = load_experiment("exp.yaml")
    assert load_experiment("exp.yaml") == first
    write("my_model.py", NET.replace("units: int = 5", "units: int = 5\n    width: int = 6"))
    assert load_experiment("exp.yaml").architecture.width == 6


def test_what_a_plugin_imports_is_no_component_of_it(write):
    write("my_model.py", "from seqrun.architectures.recurrent import Recurrent\n" + NET)
    write("exp.yaml", CONFIG)
    assert load_experiment("exp.yaml").architecture.name == "my_net"


@pytest.mark.parametrize(
    ("plugin", "words"),
    [
        (
            "import no_such_module\n",
            ["my_model.py cannot be loaded: line 1: ModuleNotFoundError", "(in: import"],
        ),
        ("x = 1\ny = 1 / 0\n", ["line 2: ZeroDivisionError: division by zero", "y = 1 / 0"]),
        ("def f(:\n", ["line 1: invalid syntax", "def f(:"]),
        ("import sys\nsys.exit(3)\n", ["line 2: SystemExit: 3"]),
        ("x = 1\n", ["defines no component", "Dataset, Architecture, Trainer"]),
        (NET.replace("MyNet", "LSTM"), ["my_model.py:4: LSTM would be the architecture 'lstm'", "seqrun already has"]),
        (NET.replace('    tasks = frozenset({"classification"})\n', ""), ["MyNet must set the class variable tasks"]),
        (NET.replace('frozenset({"tokens"})', '"tokens"'), ["class variable inputs to several names"]),
        (NET.replace("def build", "def make"), ["MyNet must define build()"]),
        (TRAINER.replace("def fit", "def teach"), ["MyTrainer must define fit(), or train() and measure()"]),
        (TRAINER.replace("def fit", "def train"), ["MyTrainer must define fit(), or train() and measure()"]),
    ],
)
def test_a_plugin_that_cannot_be_used_is_the_only_problem_and_says_why(write, plugin, words):
    write("my_model.py", plugin)
    write("exp.yaml", CONFIG)
    ((line, key, message),) = problems("exp.yaml")
    assert (line, key) == (1, "plugins.0")
    for each in words:
        assert each in message


WATCHING = """plugins: [my_model.py]
dataset: imdb
architecture: lstm
trainer: {name: my_trainer, early_stopping: {monitor: val_my_score}}
"""


def test_a_metric_of_which_nobody_says_which_way_it_is_better_cannot_be_watched(write):
    write("my_model.py", TRAINER)
    write("exp.yaml", WATCHING)
    ((line, key, message),) = problems("exp.yaml")
    assert (line, key) == (4, "trainer.early_stopping.monitor")
    assert "set trainer.early_stopping.mode to min or max" in message
    assert 'metrics = {"my_score": "max"}' in message


@pytest.mark.parametrize(
    ("plugin", "config"),
    [
        (TRAINER.replace('("my_score",)', '{"my_score": "max"}'), WATCHING),
        (TRAINER, WATCHING.replace("val_my_score", "val_my_score, mode: max")),
    ],
    ids=["declared by the trainer", "said in the config"],
)
def test_a_metric_of_ones_own_can_be_watched(write, plugin, config):
    write("my_model.py", plugin)
    write("exp.yaml", config)
    trainer = load_experiment("exp.yaml").trainer
    assert trainer.directed(trainer.early_stopping).mode == "max"


def test_a_missing_plugin_is_a_problem(write):
    write("exp.yaml", CONFIG)
    ((_, key, message),) = problems("exp.yaml")
    assert key == "plugins.0"
    assert "my_model.py cannot be read: No such file" in message


def test_a_plugin_listed_twice_is_a_problem(write):
    write("my_model.py", NET)
    write("exp.yaml", CONFIG.replace("[my_model.py]", "[my_model.py, my_model.py]"))
    ((_, key, message),) = problems("exp.yaml")
    assert key == "plugins.1"
    assert "my_model.py already has" in message


def test_a_failed_plugin_leaves_nothing_loaded_behind(write):
    write("my_model.py", "1 / 0\n")
    write("exp.yaml", CONFIG)
    before = set(sys.modules)
    problems("exp.yaml")
    assert not [name for name in set(sys.modules) - before if name.startswith("seqrun_plugin")]
    write("my_model.py", NET)
    assert load_experiment("exp.yaml").architecture.units == 7


# --- installed packages, in a process of their own: what is installed is read once a process --------------------------


def installed(write, entry_points: str):
    write("site/some_package-1.0.dist-info/METADATA", "Metadata-Version: 2.1\nName: some-package\nVersion: 1.0\n")
    write("site/some_package-1.0.dist-info/entry_points.txt", entry_points)


def seqrun(*arguments: str) -> subprocess.CompletedProcess:
    code = "import sys; sys.path.insert(0, 'site'); from seqrun.cli import main; main()"
    return subprocess.run([sys.executable, "-c", code, *arguments], capture_output=True, text=True, check=False)


def test_an_installed_component_can_be_named_and_is_loaded_only_then(write):
    write("site/some_package.py", NET + "\nprint('LOADED')\n")
    installed(write, "[seqrun.architectures]\nlent_net = some_package:MyNet\n")
    write("exp.yaml", "dataset: imdb\narchitecture: {name: lent_net, units: 3}\ntrainer: classifier\n")
    write("other.yaml", "dataset: imdb\narchitecture: lstm\ntrainer: classifier\n")
    assert seqrun("validate", "other.yaml").stdout == "other.yaml: valid\n"
    assert seqrun("validate", "exp.yaml").stdout == "LOADED\nexp.yaml: valid\n"
    assert "My own network." in seqrun("list", "architectures").stdout


def test_an_installed_component_that_fails_is_a_problem_where_it_is_named(write):
    write("site/some_package.py", "1 / 0\n")
    installed(write, "[seqrun.architectures]\nlent_net = some_package:MyNet\n")
    write("exp.yaml", "dataset: imdb\narchitecture: lent_net\ntrainer: classifier\n")
    ended = seqrun("validate", "exp.yaml")
    assert ended.returncode == 2
    assert "exp.yaml:2:15: architecture: the installed architecture 'lent_net'" in ended.stderr
    assert "ZeroDivisionError" in ended.stderr


def test_an_installed_component_with_a_shipped_name_is_refused(write):
    installed(write, "[seqrun.architectures]\nlstm = some_package:MyNet\n")
    ended = seqrun("list")
    assert ended.returncode == 2
    assert "the installed package some-package offers the architecture 'lstm'" in ended.stderr


def test_a_plugin_that_imports_keras_at_its_top_lets_tensorflow_say_nothing(write):
    write("my_model.py", "import os\n\nfrom keras import layers\n" + NET)
    write("exp.yaml", CONFIG)
    environment = {key: value for key, value in os.environ.items() if not key.startswith("TF_")}
    command = [sys.executable, "-m", "seqrun", "validate", "exp.yaml"]
    ended = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, "exp.yaml: valid\n", "")
