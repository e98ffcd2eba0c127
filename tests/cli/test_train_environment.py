"""A run whose config uses environment variables: trained, read back, predicted with."""

from __future__ import annotations

import json
import shutil

from commands import SMOKE, predict, run_command, train

SECRET = "s3cret-s3cret"


def test_no_file_of_a_run_holds_what_a_variable_held(tmp_path, monkeypatch, undrawn):
    shutil.copytree(SMOKE, tmp_path / "smoke")
    monkeypatch.setenv("T_EPOCHS", "1")
    monkeypatch.setenv("T_SECRET", SECRET)
    settings = ("trainer.epochs=${env:T_EPOCHS}", "notes=${env:T_SECRET}", "tags=['${env:T_SECRET}']")
    with undrawn():
        run = train(tmp_path / "smoke" / "bag_of_words.yaml", tmp_path / "runs", *settings)
    assert run.stat().st_mode & 0o077 == 0
    assert [file for file in run.rglob("*") if file.is_file() and SECRET.encode() in file.read_bytes()] == []
    assert json.loads((run / "run.json").read_text())["config"]["trainer"]["epochs"].startswith("${env:T_EPOCHS#")
    assert "${env:T_SECRET" in run_command("show", run).stdout
    monkeypatch.delenv("T_SECRET")
    run_command("compare", run)
    told = predict(run, "--text", "a fine film", code=2).stderr
    assert "the environment variable T_SECRET is not set" in told
    monkeypatch.setenv("T_SECRET", "another")
    assert predict(run, "--text", "a fine film").stdout
    assert "valid" in run_command("validate", run / "config.yaml").stdout
