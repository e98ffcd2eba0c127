"""What is offered on the TAB key."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner
from commands import run_command

import seqrun
from seqrun.cli import COMMANDS, main
from seqrun.config.templates import templates
from seqrun.registry import REGISTRIES

BOUND = 0.5  # seconds of processor time; the aim is 0.3, and the bound leaves room for slower machines
RUNS = ["20261121-041530_b", "20261120-041530_a"]


def offered(line: str, shell: str = "fish") -> list[str]:
    """What a shell is told of the line that has been typed."""
    words = line if shell == "bash" else "\n".join(line.split(" "))
    breaks = " \t\n\"'@><=;|&(:"
    asked = {"_SEQRUN_COMPLETE": f"{shell}_complete", "COMP_WORDS": words, "COMP_BREAKS": breaks}
    ended = CliRunner().invoke(main, [], env=asked, prog_name="seqrun")
    assert ended.exit_code in (0, 1) and not ended.stderr, ended.output
    lines = [each.split("\t") for each in ended.stdout.splitlines() if each]
    assert all(len(each) == 3 for each in lines)
    return [value for _, value, _ in lines]


def test_all_commands_are_offered():
    assert offered("seqrun ") == [*COMMANDS]
    assert offered("seqrun va") == ["validate"]


def test_configs_and_folders_are_offered_and_other_files_not(folder):
    (folder / "notes.txt").write_text("")
    assert offered("seqrun train ") == ["more/", "my.yaml", "runs/"]
    assert offered("seqrun validate more/") == ["more/other.yml"]


def taking(metavar: str) -> list[str]:
    """The commands with a parameter that is shown so."""
    commands = {name: main.get_command(None, name) for name in COMMANDS}
    return [name for name, each in commands.items() if any((p.metavar or "").startswith(metavar) for p in each.params)]


@pytest.mark.parametrize("command", taking("CONFIG"))
def test_every_command_on_configs_offers_them(command, folder):
    assert offered(f"seqrun {command} my") == ["my.yaml"]


@pytest.mark.parametrize("command", taking("RUN"))
def test_runs_are_offered_the_newest_first(command, folder):
    (folder / "runs" / "notes").mkdir()
    assert offered(f"seqrun {command} ") == ["@latest", *RUNS, "b@latest", "a@latest", "more/", "runs/"]
    assert offered(f"seqrun {command} 20261120") == [RUNS[1]]
    assert offered(f"seqrun {command} runs/") == [f"runs/{name}" for name in RUNS]


def test_runs_in_the_trash_are_not_offered(folder):
    run_command("delete", f"runs/{RUNS[0]}")
    assert offered("seqrun show 2026") == [RUNS[1]]
    assert offered("seqrun delete --restore 2026") == [RUNS[0]]
    assert offered("seqrun delete --restore runs/") == [f"runs/{RUNS[0]}"]


def test_components_of_a_kind_are_offered():
    for kind, registry in REGISTRIES.items():
        assert offered(f"seqrun list {kind}s ") == registry.names()
    assert offered("seqrun list dat") == ["datasets"]
    assert offered("seqrun data w") == ["waves"]
    assert offered("seqrun train my.yaml --log mlf") == ["mlflow"]
    assert offered("seqrun init imdb_l") == [name for name in templates() if name.startswith("imdb_l")]


def test_keys_are_those_of_the_components_that_the_config_names(folder):
    assert offered("seqrun train my.yaml --set tra") == ["trainer."]
    for config, name in (("my.yaml", "gru"), ("more/other.yml", "wavenet")):
        keys = offered(f"seqrun train {config} --set architecture.")
        fields = REGISTRIES["architecture"].get(name).model_fields
        assert {key.removeprefix("architecture.").strip(".=") for key in keys} == {*fields}


def test_another_set_on_the_line_counts_too(folder):
    line = "seqrun train my.yaml --set architecture=wavenet --set architecture."
    assert "architecture.dilations=" in offered(line) or "architecture.blocks=" in offered(line)
    assert "architecture.bidirectional=" not in offered(line)


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("trainer.optimizer.beta", ["trainer.optimizer.beta_1=", "trainer.optimizer.beta_2="]),
        ("trainer.optimizer", ["trainer.optimizer.", "trainer.optimizer="]),
        ("trainer.optimizer=ada", ["trainer.optimizer=adam", "trainer.optimizer=adamw"]),
        ("trainer.early_stopping=", ["trainer.early_stopping=false"]),
        ("trainer.early_stopping.mode=m", ["trainer.early_stopping.mode=min", "trainer.early_stopping.mode=max"]),
        ("architecture.bidirectional=", ["architecture.bidirectional=true", "architecture.bidirectional=false"]),
        ("architecture=wa", ["architecture=wavenet"]),
        ("architecture.name=wa", ["architecture.name=wavenet"]),
        ("~trainer.ep", ["~trainer.epochs"]),
        ("see", ["seed="]),
        ("nothing.at.all", []),
        ("trainer.epochs.x", []),
    ],
)
def test_keys_and_values_are_offered_by_what_they_begin_with(typed, expected, folder):
    found = offered(f"seqrun train my.yaml --set {typed}")
    assert [value for value in found if value in expected] == expected
    assert all(value.startswith(typed) for value in found)
    assert offered(f"seqrun train my.yaml --set={typed}") == [f"--set={value}" for value in found]


def test_of_a_run_that_is_gone_on_with_only_what_can_be_changed_is_offered(folder):
    assert offered("seqrun resume b --set tra") == ["trainer.epochs=", "trainer.early_stopping.patience="]


def test_a_path_is_completed_as_a_value(folder):
    (folder / "own.yaml").write_text("dataset: {name: series}\n")
    (folder / "load.csv").write_text("")
    assert offered("seqrun train own.yaml --set dataset.path=lo") == ["dataset.path=load.csv"]


def test_without_a_config_the_keys_that_all_have_are_offered(folder):
    assert "trainer.epochs=" in offered("seqrun train --set trainer.")
    assert "trainer.epochs=" in offered("seqrun train none.yaml --set trainer.")


def test_no_plugin_is_run(folder):
    (folder / "plugin.py").write_text("from pathlib import Path\nPath('ran').touch()\n")
    (folder / "own.yaml").write_text("plugins: [plugin.py]\narchitecture: my_net\ntrainer: classifier\n")
    assert "trainer.epochs=" in offered("seqrun train own.yaml --set trainer.")
    assert not (folder / "ran").exists()


def test_both_runs_of_a_difference_are_offered(folder):
    assert offered("seqrun diff 20261120") == [RUNS[1]]
    assert offered(f"seqrun diff {RUNS[1]} 20261121") == [RUNS[0]]


def test_a_tolerance_begins_with_a_metric_of_the_runs(folder):
    assert offered(f"seqrun check {RUNS[0]} --tolerance ") == ["auc=", "log_loss=", "test.auc=", "test.log_loss="]
    assert offered(f"seqrun check {RUNS[0]} --against 20261120") == [RUNS[1]]


def test_metrics_of_the_runs_are_offered(folder):
    assert offered("seqrun compare runs/* --metric a") == ["auc"]
    assert offered(f"seqrun compare runs/{RUNS[0]} --metric test.l") == ["test.log_loss"]
    assert offered(f"seqrun compare {RUNS[0]} --sort na") == ["name"]
    assert offered(f"seqrun compare {RUNS[0]} --against {RUNS[0][:-1]}") == [RUNS[0]]
    assert offered(f"seqrun compare {RUNS[0]} --sort -na") == ["-name"]
    assert offered(f"seqrun compare {RUNS[0]} --sort=-test.l") == ["--sort=-test.log_loss"]
    assert offered("seqrun delete runs/* --keep-best lo") == ["log_loss"]


def test_tags_of_the_runs_are_offered(folder):
    assert offered("seqrun compare runs/* --tag ") == ["good"]
    assert offered("seqrun compare runs/* --tag -") == offered("seqrun delete runs/* --tag -") == ["-good"]
    assert "--sort" in offered("seqrun compare --all --")
    assert offered(f"seqrun tag {RUNS[0]} +g") == ["+good"]
    assert offered(f"seqrun tag runs/{RUNS[0]} -g") == ["-good"]
    assert "--json" in offered(f"seqrun tag {RUNS[0]} --")


def test_bash_is_told_what_follows_its_own_last_word(folder):
    assert offered("seqrun train my.yaml --set trainer.optimizer=ada", "bash") == ["adam", "adamw", "adamax", "adagrad"]
    assert offered("seqrun train my.yaml --set=see", "bash") == ["seed="]
    assert offered("seqrun show @l", "bash") == ["@latest"]


def test_a_name_with_a_blank_is_quoted_for_bash(folder):
    (folder / "two words.yaml").write_text("")
    assert offered("seqrun train two", "bash") == [r"two\ words.yaml"]
    assert offered(r"seqrun train two\ wo", "bash") == [r"two\ words.yaml"]


def test_runs_that_cannot_be_read_spoil_nothing(folder):
    (folder / "runs" / RUNS[0] / "run.json").write_text("{")
    assert offered("seqrun compare runs/* --tag ") == ["good"]
    assert offered("seqrun compare runs/* --tag -") == offered("seqrun delete runs/* --tag -") == ["-good"]
    assert "--sort" in offered("seqrun compare --all --")


def test_after_a_mistyped_command_nothing_is_offered(folder):
    assert offered("seqrun shwo ") == []


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_script_is_printed(shell):
    script = run_command("completion", shell).stdout
    assert f"_SEQRUN_COMPLETE={shell}_complete" in script
    assert "%(" not in script


def test_the_answer_comes_at_once(folder):
    asked = {"_SEQRUN_COMPLETE": "fish_complete", "COMP_WORDS": "seqrun\ntrain\nmy.yaml\n--set\ntrainer.ep"}
    code = (
        "import atexit, resource, sys\nfrom seqrun.cli import main\n"
        "def told():\n"
        "    used = resource.getrusage(resource.RUSAGE_SELF)\n"
        "    print(used.ru_utime + used.ru_stime, *[n for n in ('numpy', 'pandas', 'keras') if n in sys.modules])\n"
        "atexit.register(told)\nmain(prog_name='seqrun')"
    )
    environment = {**os.environ, **asked, "PYTHONPATH": str(Path(seqrun.__file__).parents[1])}
    seconds = []
    for _ in range(3):
        command = [sys.executable, "-c", code]
        first, *_, last = subprocess.run(command, capture_output=True, text=True, env=environment).stdout.splitlines()
        assert first.startswith("plain\ttrainer.epochs=\t")
        seconds.append(float(last))  # and no library is named
    assert min(seconds) < BOUND


def test_options_are_offered_with_their_descriptions_on_one_line():
    assert {"--set", "--repeats", "--dry-run"} <= {*offered("seqrun train --")}
