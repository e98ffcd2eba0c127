"""The starters of `seqrun init` do what their comments say."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import starters
from commands import run_command


@pytest.mark.parametrize("name", starters.FILES)
def test_a_starter_reads_its_data_and_builds_its_network_as_its_comment_says(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    run_command("init", name)
    starters.fill_in(name)
    comment = " ".join(re.findall("^# ?(.*)", Path(f"{name}.yaml").read_text(), re.MULTILINE))
    (command,) = re.findall(rf"`seqrun (train {name}.yaml --dry-run)`", comment)
    shown = run_command(*command.split()).stdout
    assert f"name: {starters.trainer_of(name)}\n" in shown
    assert "Total params" in shown
