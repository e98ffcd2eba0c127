"""`seqrun validate` looks at the beginning of the data that a config names; `train` tells the same."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from commands import run_command

SECTIONS = {
    "imdb": {"architecture": {"name": "lstm", "units": 4}, "trainer": "classifier"},
    "text": {"architecture": {"name": "lstm", "units": 4}, "trainer": "classifier"},
    "series": {"architecture": "linear", "trainer": "forecaster"},
    "sequences": {"architecture": {"name": "lstm", "units": 4}, "trainer": "classifier"},
    "conll": {"architecture": {"name": "lstm", "units": 4}, "trainer": "tagger"},
}
SERIES = {"name": "series", "path": "load.csv", "time": "date", "targets": ["load"], "lookback": 4, "horizon": 2}
TEXT = {"name": "text", "path": "t.csv", "text": "said", "label": "kind"}


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def config(dataset: dict, **sections) -> str:
    """A config of JSON, whose dataset has a key a line, from line 2 on."""
    lines = ",\n".join(f"{json.dumps(key)}: {json.dumps(value)}" for key, value in dataset.items())
    others = {**SECTIONS[dataset["name"]], **sections}
    Path("own.yaml").write_text(f'{{"dataset": {{\n{lines}\n}}, {json.dumps(others)[1:]}')
    return "own.yaml"


def told(dataset: dict, *arguments: str, **sections) -> list[str]:
    """The problems that `validate` tells of a config, without the lines that it shows."""
    code = 2 if not arguments else 0
    shown = run_command("validate", config(dataset, **sections), *arguments, code=code).stderr.splitlines()
    return [line for line in shown if line.startswith(("own.yaml", "error"))]


def rows(**columns: list) -> str:
    return pd.DataFrame(columns).to_csv(index=False)


DAYS = [f"2024-01-{day:02}" for day in range(1, 29)]
LOAD = [20.5 + day for day in range(28)]


def test_a_path_that_is_not_there_is_a_problem_at_its_place_and_a_near_one_is_named(folder):
    (folder / "loads.csv").write_text(rows(date=DAYS, load=LOAD))
    (problem,) = told(SERIES)
    assert problem.startswith("own.yaml:3:9: dataset.path: there is no file or folder ")
    assert problem.endswith("load.csv (did you mean loads.csv?)")
    assert told({**SERIES, "path": "none/load.csv"})[0].endswith("(there is no directory " + str(folder / "none") + ")")
    assert told(SERIES, "--no-data") == []


@pytest.mark.parametrize(
    "dataset",
    [
        {"name": "imdb", "path": "none.npz"},
        {"name": "sequences", "path": "none.npz", "labels": "y"},
        {"name": "sequences", "path": "none.parquet", "labels": "y", "sample": "s"},
        {"name": "conll", "path": "none.txt"},
        {**TEXT, "path": "none"},
    ],
    ids=lambda dataset: dataset["name"],
)
def test_that_holds_for_every_dataset_with_a_path(dataset):
    (problem,) = told(dataset)
    assert problem.startswith("own.yaml:3:9: dataset.path: there is no file or folder ")


CONTRADICTIONS = {  # what is in load.csv, other settings, and what is told at which key
    "columns": (rows(date=DAYS, loud=LOAD), {}, "dataset.targets.0: load.csv: no column 'load' (did you mean loud?)"),
    "time": (rows(day=DAYS, load=LOAD), {}, "dataset.time: load.csv: no column 'date'; there are day, load"),
    "delimiter": (
        "date;load\n2024-01-01;1\n",
        {},
        "dataset.delimiter: load.csv: the header has one cell, 'date;load': dataset.delimiter: ';'",
    ),
    "decimal": (
        'date,load\n2024-01-01,"105,29"\n2024-01-02,"7,5"\n',
        {},
        "dataset.targets.0: load.csv: line 2, load: '105,29' is no number; cells such as 105,29: dataset.decimal: ','",
    ),
    "thousands": (
        'date,load\n2024-01-01,"1,234.5"\n2024-01-02,3\n2024-01-03,"2,000.5"\n',
        {},
        "'1,234.5' is no number; cells such as 1,234.5: dataset.thousands: ','",
    ),
    "units": ("date,load\n,MW\n2024-01-01,1\n", {}, "line 2 seems to hold units or the like: dataset.skip_rows: [2]"),
    "no time": (rows(date=["at", "sea"], load=[1, 2]), {}, "dataset.time: load.csv: line 2, date: 'at' is no time"),
    "format": (
        rows(date=DAYS, load=LOAD),
        {"time_format": "%d.%m.%Y"},
        "dataset.time_format: load.csv: line 2, date: '2024-01-01' is not written as '%d.%m.%Y' says",
    ),
    "missing": (rows(date=DAYS[:2], load=["1", "?"]), {}, "dataset.missing_values: ['?']"),
}


@pytest.mark.parametrize("kind", CONTRADICTIONS)
def test_what_the_head_of_a_series_contradicts_is_told_with_what_would_mend_it(kind, folder):
    content, settings, words = CONTRADICTIONS[kind]
    (folder / "load.csv").write_text(content)
    (problem,) = told({**SERIES, **settings})
    assert words in problem
    assert told(SERIES, "--no-data") == []


@pytest.mark.parametrize(
    ("content", "settings"),
    [
        (rows(date=DAYS, load=LOAD), {}),
        ("date;load\n2024-01-01;1.234,5\n", {"delimiter": ";", "decimal": ",", "thousands": "."}),
        ("date,load\n,MW\n2024-01-01,1\n", {"skip_rows": [2]}),
        ("date,load\n2024-01-01,?\n", {"missing_values": ["?"]}),
        ("date,load\n2024-01-01,NA\n2024-01-02,\n2024-01-03,1e-3\n2024-01-04,-.5\n", {}),
        (rows(date=["1 March 2024 09:00 PM", "2024-03-01T09:00:00+01:00"], load=[1, 2]), {}),
        (rows(date=["2024Q1", "2024Q2"], load=[1, 2]), {}),
        (rows(date=[1, 2], load=[1, 2]), {}),
    ],
)
def test_what_fits_is_no_problem(content, settings, folder):
    (folder / "load.csv").write_text(content)
    assert run_command("validate", config({**SERIES, **settings})).stdout == "own.yaml: valid\n"


@pytest.mark.parametrize(
    ("dataset", "settings", "words"),
    [
        ({**SERIES, "path": "load.parquet"}, {"delimiter": ";"}, "is for CSV and TSV files; load.parquet is none"),
        ({**SERIES, "path": "load.parquet"}, {"encoding": "cp1252"}, "is for files of text; load.parquet is none"),
        ({**TEXT, "path": "t.jsonl.gz"}, {"quoting": "none"}, "is for CSV and TSV files; t.jsonl.gz is none"),
        ({"name": "text", "path": "texts"}, {"skip_rows": [2]}, "is for CSV and TSV files; texts is a folder"),
        ({"name": "sequences", "path": "s.parquet", "labels": "y"}, {"comment": "#"}, "is for CSV and TSV files"),
        ({"name": "sequences", "path": "s.npz", "labels": "y"}, {"decimal": ","}, "is for Parquet, CSV or TSV files"),
        (
            {"name": "sequences", "path": "s.npz", "labels": "y"},
            {"missing_values": ["?"]},
            "is for Parquet, CSV or TSV",
        ),
    ],
)
def test_a_setting_that_means_nothing_for_the_kind_of_file_is_told_at_its_place(dataset, settings, words, folder):
    (folder / "texts").mkdir()
    [key] = settings
    run_command("validate", config(dataset), "--no-data")
    shown = run_command("validate", config(dataset | settings), "--no-data", code=2).stderr.splitlines()
    line, begin = len(dataset) + 2, len(key) + 5
    assert shown[0].startswith(f"own.yaml:{line}:{begin}: dataset.{key}: ") and words in shown[0]
    assert sum(each.startswith("own.yaml") for each in shown) == 1


def test_other_settings_hold_for_files_whose_values_have_types(folder):
    pd.DataFrame({"date": DAYS, "load": ["1.234,5"] * 28}).to_parquet("load.parquet")
    how = {"path": "load.parquet", "decimal": ",", "thousands": ".", "missing_values": ["?"], "bad_rows": "skip"}
    run_command("validate", config({**SERIES, **how}))
    (folder / "t.jsonl").write_text('{"said": "schön", "kind": "a"}\n', encoding="cp1252")
    run_command("validate", config({**TEXT, "path": "t.jsonl", "encoding": "cp1252"}))


def test_the_encoding_is_looked_at_in_the_columns_that_are_read(folder):
    (folder / "t.csv").write_bytes("said,kind,rest\nschön,a,ß\n".encode("latin-1"))
    (problem,) = told(TEXT)
    assert problem.endswith("t.csv: line 2, said: undecodable bytes (0xf6), which dataset.encoding: cp1252 would read")
    run_command("validate", config({**TEXT, "encoding": "latin-1"}))
    run_command(
        "validate", config({**TEXT, "text": "kind", "label": None, "target": "kind", "bad_rows": "skip"}), code=2
    )
    (folder / "t.csv").write_text("said,kind\nschön,a\n", encoding="utf-16")
    (problem,) = told(TEXT)
    assert "dataset.encoding" in problem and problem.endswith("dataset.encoding: utf-16")


def test_labels_that_are_no_numbers_are_told_for_a_regressor(folder):
    (folder / "t.csv").write_text("said,stars\na,3\nb,good\n")
    dataset = {"name": "text", "path": "t.csv", "text": "said", "target": "stars"}
    (problem,) = told(dataset, trainer="regressor")
    assert problem == "own.yaml:5:11: dataset.target: t.csv: line 3, stars: 'good' is no number"
    run_command("validate", config({**dataset, "bad_rows": "skip"}, trainer="regressor"))


def test_a_folder_of_texts_without_classes_and_a_corpus_without_training_are_told(folder):
    (folder / "texts" / "class").mkdir(parents=True)
    (problem,) = told({"name": "text", "path": "texts"})
    assert problem.endswith("texts has no sub-folders with .txt files; there must be one a class")
    (folder / "texts" / "class" / "1.txt").write_text("a")
    run_command("validate", config({"name": "text", "path": "texts"}))
    (problem,) = told({"name": "conll", "path": "texts"})
    assert "no file's name has the word train" in problem


def test_columns_that_a_tagged_corpus_has_not_are_told(folder):
    (folder / "c.txt").write_text("a X\nb O\n\nc O\n")
    (problem,) = told({"name": "conll", "path": "c.txt", "tag_column": 3})
    assert problem.startswith("own.yaml:4:15: dataset.tag_column: ") and "there is no column 3" in problem
    run_command("validate", config({"name": "conll", "path": "c.txt"}))


def test_arrays_and_columns_of_samples_are_looked_for(folder):
    np.savez(folder / "s.npz", x=np.zeros((4, 3, 1)), y=np.arange(4))
    (problem,) = told({"name": "sequences", "path": "s.npz", "labels": "z"})
    assert problem.startswith("own.yaml:4:11: dataset.labels: s.npz: no array 'z'")
    pd.DataFrame({"id": [1], "value": [2.0], "kind": ["a"]}).to_parquet(folder / "s.parquet")
    dataset = {
        "name": "sequences",
        "path": "s.parquet",
        "sample": "idd",
        "features": ["value", "val"],
        "labels": "kind",
    }
    first, second = told(dataset)
    assert first.startswith("own.yaml:4:11: dataset.sample: s.parquet: no column 'idd' (did you mean id?)")
    assert second.startswith("own.yaml:5:23: dataset.features.1: s.parquet: no column 'val' (did you mean value?)")


def test_a_problem_is_told_once(folder):
    (folder / "t.csv").write_text("said;kind\na;b\n")
    assert len(told(TEXT)) == 1
    (folder / "t.csv").write_text("said,kind\na,b\n")
    (problem,) = told({**TEXT, "label": "said"})
    assert problem.endswith("'said' is the text column already")


def test_only_the_beginning_of_a_file_is_read(folder):
    with (folder / "load.csv").open("w") as file:
        file.write("date,load\n")
        file.writelines(f"2024-01-01,{row}\n" for row in range(100_000))
        file.write('a quote that is never closed,"\n')
    run_command("validate", config(SERIES))


def test_training_tells_the_same_before_anything_is_made(folder):
    (folder / "load.csv").write_text("date;load\n2024-01-01;1\n")
    result = run_command("train", config(SERIES), "--device", "cpu", code=2)
    assert "dataset.delimiter: load.csv: the header has one cell" in result.stderr and result.stdout == ""
    assert not (folder / "runs").exists()


def test_validate_answers_at_once_and_loads_nothing_heavy(folder):
    (folder / "load.csv").write_text(rows(date=DAYS, load=LOAD) + "2024-02-01,1\n" * 200_000)
    code = (
        "import resource, sys\nfrom seqrun.cli import main\n"
        "try: main()\nexcept SystemExit as end: assert not end.code\n"
        "used = resource.getrusage(resource.RUSAGE_SELF)\n"
        "print(used.ru_utime + used.ru_stime, *{'numpy', 'pandas', 'pyarrow', 'tensorflow'} & set(sys.modules))"
    )
    command = [sys.executable, "-c", code, "validate", config(SERIES)]
    said = [subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()[2:] for _ in range(3)]
    assert min(float(seconds) for (seconds,) in said) < 0.5


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"sep": ";"}, "dataset.sep: unknown key (did you mean delimiter?)"),
        ({"separator": ";"}, "dataset.separator: unknown key (did you mean delimiter?)"),
        ({"header": 2}, "dataset.header: unknown key (did you mean skip_rows?)"),
        ({"group_by": "author"}, "dataset.group_by: unknown key (did you mean dataset.splits.keep_together?)"),
        ({"delimiter": "||"}, "dataset.delimiter: must be one character, such as ';' or '|' in quotes, not '||'"),
        ({"comment": ""}, "dataset.comment: must be one character, such as ';' or '|' in quotes, not ''"),
    ],
)
def test_what_other_tools_call_a_setting_names_it(folder, settings, words):
    (folder / "t.csv").write_text(rows(body=["a", "b"], kind=["n", "p"]))
    dataset = {"name": "text", "path": "t.csv", "text": "body", "label": "kind", **settings}
    assert [problem.partition(" ")[2] for problem in told(dataset, architecture="lstm", trainer="classifier")] == [
        words
    ]


def test_word_vectors_that_are_elsewhere_are_asked_for_unless_data_are_not(folder):
    (folder / "t.csv").write_text("said,kind\nb,x\nc,y\n")
    network = {"name": "lstm", "units": 4, "embedding": {"path": "vectors.txt"}}
    (problem,) = told(TEXT, architecture=network)
    assert "architecture.embedding.path: " in problem and "vectors.txt" in problem
    assert told(TEXT, "--no-data", architecture=network) == []
    (folder / "vectors.txt").write_text("no vectors\n")  # what is there must be right
    run_command("validate", config(TEXT, architecture=network), "--no-data", code=2)


def test_of_a_tagged_corpus_documents_alone_can_be_kept_together(folder):
    (folder / "c.txt").write_text("-DOCSTART- O\n\na X\n\nb O\n")
    dataset = {"name": "conll", "path": "c.txt", "splits": {"keep_together": "author"}}
    (problem,) = told(dataset)
    assert "dataset.splits.keep_together: 'author': of CoNLL files it can be document" in problem
    run_command("validate", config({**dataset, "splits": {"keep_together": "document"}}))
