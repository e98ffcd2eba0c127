"""The examples of docs/ci for GitHub and GitLab: their lines are run, as far as that can be done here."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest
import yaml
from commands import SMOKE

EXAMPLES = Path(__file__).parents[2] / "docs" / "ci"
NAMES = ("github-actions.yml", "gitlab-ci.yml")
INSTALLATION = "pip install seqrun"
# What stands in for the installed command.
SEQRUN = f'#!/bin/sh\nexec {sys.executable} -m seqrun "$@"\n'


def lines_of(name: str) -> list[str]:
    """The lines that a shell runs, in their order."""
    found = yaml.safe_load((EXAMPLES / name).read_text())
    if name == "gitlab-ci.yml":
        return found["seqrun"]["script"]
    return [step["run"] for step in found["jobs"]["check"]["steps"] if "run" in step]


def run_lines(repository: Path, *lines: str) -> int:
    """The exit code of a shell that runs these lines and stops at the first that fails, as CI systems have it."""
    environment = {**os.environ, "PATH": f"{repository / 'bin'}:{os.environ['PATH']}"}
    environment["GITHUB_STEP_SUMMARY"] = str(repository / "page.md")
    script = "\n".join(lines)
    return subprocess.run(["bash", "-e", "-c", script], cwd=repository, env=environment, check=False).returncode


@pytest.fixture(scope="module")
def repository(tmp_path_factory, family_run) -> Path:
    """A user's: a config that trains within seconds, a baseline, and what the examples' first lines leave."""
    folder = tmp_path_factory.mktemp("repository")
    (folder / "experiment.yaml").write_text(f"extends: {SMOKE / 'bag_of_words.yaml'}\n")
    (folder / "baseline").mkdir()
    for name in ("run.json", "metrics.json", "history.csv"):
        shutil.copy(family_run("bag_of_words") / name, folder / "baseline" / name)
    (folder / "bin").mkdir()
    (folder / "bin" / "seqrun").write_text(SEQRUN)
    (folder / "bin" / "seqrun").chmod(0o755)
    (first,) = {tuple(lines_of(name)[:2]) for name in NAMES}  # they are the same
    assert first[0] == INSTALLATION
    assert run_lines(folder, first[1]) == 0
    return folder


@pytest.mark.parametrize("name", NAMES)
def test_the_lines_check_what_they_trained_and_report(repository, name):
    shutil.copy(EXAMPLES / "limits.yaml", repository)
    assert run_lines(repository, *lines_of(name)[2:]) == 0
    (suite,) = ElementTree.parse(repository / "check.xml").getroot()
    assert (suite.get("tests"), suite.get("failures")) == ("7", "0")
    assert (repository / "check.md").read_text().startswith("### seqrun check: passed")
    assert name != "github-actions.yml" or (repository / "page.md").read_text() == (repository / "check.md").read_text()

    (repository / "limits.yaml").write_text("auc: {at_least: 1.01}")
    assert run_lines(repository, *lines_of(name)[2:]) == 1


def test_what_is_kept_and_shown_is_what_the_lines_write():
    gitlab = yaml.safe_load((EXAMPLES / "gitlab-ci.yml").read_text())["seqrun"]
    steps = yaml.safe_load((EXAMPLES / "github-actions.yml").read_text())["jobs"]["check"]["steps"]
    upload = next(step["with"]["path"] for step in steps if "upload-artifact" in step.get("uses", ""))
    for name in NAMES:
        (check,) = (line for line in lines_of(name) if line.startswith("seqrun check"))
        assert "--junit check.xml" in check and "--summary check.md" in check
    assert gitlab["artifacts"]["reports"]["junit"] == "check.xml"
    assert upload.split() == ["check.xml", "runs/"]
