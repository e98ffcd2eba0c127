"""`seqrun schema`."""

from __future__ import annotations

import json

from click.testing import CliRunner
from jsonschema import Draft202012Validator

from seqrun.cli import main


def test_the_schema_is_printed_as_json():
    ended = CliRunner().invoke(main, ["schema"])
    assert ended.exit_code == 0
    schema = json.loads(ended.stdout)
    Draft202012Validator.check_schema(schema)
    assert "dataset" in schema["$defs"]


def test_the_schema_is_written_to_a_file(tmp_path):
    path = tmp_path / "schema.json"
    ended = CliRunner().invoke(main, ["schema", "-o", str(path)])
    assert ended.stdout == f"{path}\n"
    assert json.loads(path.read_text()) == json.loads(CliRunner().invoke(main, ["schema"]).stdout)


def test_a_file_that_cannot_be_written_is_an_error_in_words(tmp_path):
    ended = CliRunner().invoke(main, ["schema", "-o", str(tmp_path / "none" / "schema.json")])
    assert ended.exit_code == 2
    assert "cannot write" in ended.stderr
