"""New texts: rows that cannot be predicted are named, every one of them."""

import pytest

from seqrun.datasets.shared.layout import Layout
from seqrun.datasets.text.new_texts import TextFiles
from seqrun.errors import DataError, InputError


@pytest.fixture
def gaps(tmp_path):
    """A table with a text in its first row, none in 15 more."""
    path = tmp_path / "new.csv"
    path.write_text("number,review\n1,nolo\n" + "2,\n" * 15)
    return path


def test_rows_left_out_are_all_named_also_past_the_tenth(gaps):
    given = TextFiles("review", Layout(bad_rows="skip")).read(gaps)
    assert [*given.texts] == ["nolo"] and [*given.index] == [0]
    (told,) = given.warnings
    assert f"{gaps}: 15 rows left out" in told
    assert "and 5 more: lines 13-17" in told


def test_rows_that_end_the_command_are_all_named(gaps):
    with pytest.raises(DataError, match=r"15 rows cannot be used(.|\n)*and 5 more: lines 13-17"):
        TextFiles("review").read(gaps)


def test_texts_keep_the_numbers_of_their_rows(tmp_path):
    path = tmp_path / "new.csv"
    path.write_text('review\nnolo\n""\nnisa\n')
    given = TextFiles("review", Layout(bad_rows="skip")).read(path)
    assert [*given.texts] == ["nolo", "nisa"] and [*given.index] == [0, 2]


def test_a_file_of_lines_is_read_in_the_runs_own_encoding(tmp_path):
    path = tmp_path / "new.txt"
    path.write_bytes("né\n\nolé\n".encode("latin-1"))
    assert [*TextFiles(layout=Layout(encoding="latin-1")).read(path).texts] == ["né", "olé"]
    with pytest.raises(DataError, match="line 1: undecodable bytes"):
        TextFiles().read(path)


def test_blank_lines_of_a_file_are_counted_and_the_others_keep_their_numbers(tmp_path):
    path = tmp_path / "new.txt"
    path.write_text("\n \t\nnolo\r\n\u00a0\nnisa\n\n")
    given = TextFiles().read(path)
    assert [*given.texts] == ["nolo", "nisa"] and [*given.index] == [2, 4]
    (told,) = given.warnings
    assert told.startswith(f"{path}: 4 blank lines left out (lines 1, 2, 4, 6)")
    again = TextFiles().lines(["nolo\n", "\n", "nisa\n"], "-")
    assert [*again.index] == [0, 2] and again.warnings[0].startswith("-: 1 blank line left out (line 2)")
    assert not TextFiles().lines(["nolo\n", "nisa"], "-").warnings


def test_a_file_of_lines_has_no_columns(tmp_path):
    path = tmp_path / "new.txt"
    path.write_text("nolo\n")
    with pytest.raises(InputError, match=r"^column 'a': only \.csv, \.tsv, \.jsonl, \.parquet have columns$"):
        TextFiles().read(path, "a")


def test_a_key_twice_in_an_object_is_a_row_that_cannot_be_read(tmp_path):
    path = tmp_path / "new.jsonl"
    path.write_text('{"text": "nolo"}\n{"text": "nisa", "text": "nile"}\n{"text": "nema", "more": {"a": 1, "a": 1}}\n')
    with pytest.raises(DataError, match="2 rows cannot be used") as error:
        TextFiles().read(path)
    assert "line 2: a key stands twice in its object: 'text'\n" in str(error.value)
    assert "line 3: a key stands twice in its object: 'a'\n" in str(error.value)
    given = TextFiles(layout=Layout(bad_rows="skip")).read(path)
    assert [*given.texts] == ["nolo"] and "2 rows left out" in given.warnings[0]


@pytest.mark.parametrize(
    ("name", "settings", "words"),
    [
        ("new.jsonl", {"delimiter": ";"}, "delimiter .*: is for CSV and TSV files; new.jsonl is none"),
        ("new.parquet", {"encoding": "utf-8"}, "encoding .*: is for files of text; new.parquet is none"),
        ("new.txt", {"bad_rows": "skip", "quoting": "none"}, "quoting .*: is for CSV and TSV files; new.txt is none"),
    ],
)
def test_a_setting_that_means_nothing_for_the_kind_of_file_is_refused(tmp_path, name, settings, words):
    with pytest.raises(InputError, match=words):
        TextFiles().written(settings, tmp_path / name)
    ours = TextFiles(layout=Layout(delimiter=";", encoding="cp1252"))  # as the run's own CSV was written
    assert ours.written({"bad_rows": "skip"}, tmp_path / name).layout.bad_rows == "skip"
