"""Texts, labels and numbers as people's files have them, and what is said of the rows."""

import bz2
import gzip
import json
import lzma
from types import SimpleNamespace

import pyarrow as pa
import pytest

from seqrun.config.experiment import load_experiment
from seqrun.datasets.text.text import Text
from seqrun.errors import ConfigError, DataError

WORDS = ["fine", "dull", "long"]


def rows(count=60):
    return [(f"a {WORDS[i % 3]} film, number{i}", "np"[i % 2]) for i in range(count)]


@pytest.fixture
def load(tmp_path, locations):
    """Loads what a file holds as texts of the columns body and kind."""

    def load(content, name="t.csv", **fields):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return Text(path=path, **{"text": "body", "label": "kind", "max_len": 8, **fields}).load(locations)

    return load


def samples(splits):
    return sum(map(len, (splits.train, splits.validation, splits.test)))


def delimited(mark, rows, header=("body", "kind")):
    return "".join(mark.join(row) + "\n" for row in [header, *rows])


# --- quotes -----------------------------------------------------------------------------------------------------------


def spoilt(opening=(12, 52), closing=(19, 60)):
    """Texts of which some begin with a quote, and some later ones end with one."""
    found = [(f"text {i} {WORDS[i % 3]}", "np"[i % 2]) for i in range(70)]
    for i in opening:
        found[i] = (f'"{found[i][0]}', found[i][1])
    for i in closing:
        found[i] = (found[i][0], f'{found[i][1]}"')
    return found


def test_rows_that_quotes_may_hold_together_in_a_csv_are_told(load, told):
    texts = [text for text, _ in rows(70)]
    for first, last in ((12, 19), (52, 60)):
        texts[first], texts[last] = f'"{texts[first]}', f'{texts[last]}"'
    content = delimited(",", [(text.replace(",", ""), "np"[i % 2]) for i, text in enumerate(texts)])
    assert samples(load(content)) == 70 - 7 - 8
    assert (
        "quotes hold 17 lines together as 2 rows, though each has the delimiters of one (first in line 14; " in told[-1]
    )
    assert samples(load(content, quoting="none")) == 70
    assert "together" not in told[-1]
    with pytest.raises(
        DataError, match=r"line 14: 1 field, where the header has 2, in 8 lines that quotes .*quoting: none"
    ):
        load(delimited(",", spoilt()))
    of_lines = delimited(",", [(f'"{text}\nand, so, on"', label) for text, label in rows()])
    assert samples(load(of_lines)) == 60 and "together" not in told[-1]


def test_quotes_of_different_rows_hold_no_rows_of_a_tsv_together(load, told):
    content = delimited("\t", [(text, label[:1]) for text, label in spoilt(closing=())])
    splits = load(content, "t.tsv")
    assert samples(splits) == 70
    assert told[-1].endswith(
        "70 rows read, 70 samples; read without quoting, because quotes do not balance row by row "
        "(first in line 14; dataset.quoting)"
    )


def test_a_cell_that_a_later_row_closes_is_no_cell(load):
    """As in exports of chats and subtitles: a quotation goes over several rows, each a sample."""
    texts = [(text if i not in (12, 52) else f'"{text}', label) for i, (text, label) in enumerate(rows(70))]
    texts = [(text if i not in (19, 60) else f'{text}"', label) for i, (text, label) in enumerate(texts)]
    content = delimited("\t", [(label, text) for text, label in texts], ("kind", "body"))
    assert samples(load(content, "t.tsv")) == 70
    assert samples(load(content, "t.tsv", quoting="standard")) == 70 - 7 - 8  # as asked for
    assert samples(load(content, "t.csv", delimiter="\t", quoting="none")) == 70


def test_quoted_cells_with_line_breaks_stay_cells_of_a_tsv(load, told):
    content = delimited("\t", [(f'"two\nlines, {text} ""so"""', label) for text, label in rows()])
    splits = load(content, "t.tsv", tokens="characters", max_len=60, lowercase=False)
    assert samples(splits) == 60
    assert '"so"' in splits.spec.vocabulary.decode(splits.train.inputs[0])
    assert told[-1].endswith("60 rows read, 60 samples")


def test_csv_is_what_rfc_4180_says(load):
    content = delimited(",", [('"one, ""two"""', "n"), ('"three\n\nfour"', "p")] * 20)
    splits = load(content, tokens="characters", max_len=20)
    assert {splits.spec.vocabulary.decode(row) for row in splits.train.inputs} == {'one, "two"', "three\n\nfour"}


def test_a_quote_that_is_never_closed_spoils_its_own_row_alone(load):
    lines = delimited(",", [(f"text{i}", "np"[i % 2]) for i in range(40)]).splitlines()
    lines[9] = '"text8,n'
    with pytest.raises(DataError, match=r"1 row cannot be used:\n  line 10: .*dataset\.quoting: none"):
        load("\n".join(lines))
    splits = load("\n".join(lines), bad_rows="skip")
    assert samples(splits) == 39
    assert "1 row left out (bad_rows: skip):\n  line 10: " in splits.warnings[0]


# --- files ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("mark", [";", "|", "\t", "¦"])
def test_the_delimiter_is_any_character(load, mark):
    assert samples(load(delimited(mark, rows()), delimiter=mark)) == 60


PACKERS = {
    ".gz": gzip.compress,
    ".bz2": bz2.compress,
    ".xz": lzma.compress,
    ".zst": lambda data: pa.compress(data, codec="zstd", asbytes=True),
}


@pytest.mark.parametrize("ending", PACKERS)
def test_packed_files_are_read_by_their_endings(load, ending):
    table = delimited("\t", rows()).encode()
    lines = "".join(json.dumps({"body": text, "kind": kind}) + "\n" for text, kind in rows()).encode()
    assert samples(load(PACKERS[ending](table), f"t.tsv{ending}")) == 60
    assert samples(load(PACKERS[ending](lines), f"t.jsonl{ending}")) == 60


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "cp1252", "utf-8-sig"])
def test_encodings(load, encoding):
    splits = load(
        delimited(",", [(f"café {text[:6]}", label) for text, label in rows()]).encode(encoding), encoding=encoding
    )
    assert "café" in splits.spec.vocabulary.ids


@pytest.mark.parametrize("encoding", ["utf-16", "cp1252"])
def test_an_encoding_that_is_another_is_named(load, encoding):
    content = delimited(",", [(f"café “{i}”", "np"[i % 2]) for i in range(30)]).encode(encoding)
    with pytest.raises(DataError, match=f"dataset.encoding: {encoding}"):
        load(content)


def test_what_is_left_out_is_told(load, told):
    lines = delimited(",", rows()).replace(", number", "").splitlines()
    content = "\n".join(["exported today", *lines[:3], "", "# old", *lines[3:], "", ""])
    assert samples(load(content, skip_rows=1, comment="#")) == 60
    assert told[-1].split("; ", 1) == [
        f"{told[-1].partition(': ')[0]}: 60 rows read, 60 samples",
        "1 skipped line left out (line 1); 1 comment left out (line 6); 2 blank lines left out (lines 5, 65)",
    ]


# --- numbers ----------------------------------------------------------------------------------------------------------


def test_numbers_with_decimal_commas_and_groups(load):
    content = delimited(";", [(f"text {i}", f"1.{i:03},5") for i in range(40)])
    with pytest.raises(
        DataError, match=r"kind: '1\.000,5' is no number \(dataset\.decimal: ','; dataset\.thousands: '\.'"
    ):
        load(content, delimiter=";", label=None, target="kind")
    splits = load(content, delimiter=";", label=None, target="kind", decimal=",", thousands=".")
    assert sorted(splits.train.targets[:, 0]) == sorted(1000.5 + splits.train.index)


# --- before the file is read ------------------------------------------------------------------------------------------


def problems(tmp_path, **fields):
    config = tmp_path / "c.yaml"
    dataset = {"name": "text", "path": "t.csv", "text": "body", "label": "kind", **fields}
    config.write_text(json.dumps({"name": "t", "dataset": dataset, "architecture": "lstm", "trainer": "classifier"}))
    try:
        return [problem.message for problem in load_experiment(config).dataset.look()]
    except ConfigError as error:
        return [problem.message for problem in error.problems]


def test_a_wrong_delimiter_is_known_before_the_run(tmp_path):
    (tmp_path / "t.csv").write_text(delimited(";", rows()))
    found = problems(tmp_path)
    assert found == ["t.csv: the header has one cell, 'body;kind': dataset.delimiter: ';'"]
    assert problems(tmp_path, delimiter=";") == []
    assert problems(tmp_path, delimiter=";", decimal=",", thousands=",")[0].endswith("set dataset.decimal")


def test_tabs_can_be_written_in_yaml(tmp_path):
    (tmp_path / "t.csv").write_text(delimited("\t", rows()))
    assert problems(tmp_path, delimiter="\\t") == []


def test_a_header_further_down_is_known_before_the_run_and_while_reading(tmp_path, load):
    content = "exported 2024-01-01\n\n" + delimited(";", rows())
    (tmp_path / "t.csv").write_text(content)
    assert problems(tmp_path) == [
        "t.csv: line 3 would be the header with dataset.delimiter: ';' and dataset.skip_rows: 2",
        "t.csv: line 3 would be the header with dataset.skip_rows: 2 and dataset.delimiter: ';'",
    ]
    assert problems(tmp_path, delimiter=";", skip_rows=2) == []
    with pytest.raises(
        DataError, match=r"line 3 would be the header with dataset\.delimiter: ';'; dataset\.skip_rows: 2"
    ):
        load(content)


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_wide_encodings_without_a_mark_are_named(load, encoding):
    with pytest.raises(DataError, match=f"dataset.encoding: {encoding}"):
        load(delimited(",", rows()).encode(encoding))


def test_plain_text_is_not_taken_for_a_wide_encoding(load):
    content = delimited(",", rows())
    content += "x" * (len(content) % 2)  # an even number of bytes is UTF-16 of something
    with pytest.raises(DataError, match=r"is no utf-16, .*dataset.encoding: utf-8"):
        load(content, encoding="utf-16")


def test_packed_files_with_the_name_of_another_packer_are_told(load):
    content = delimited(",", rows()).encode()
    with pytest.raises(DataError, match=r"packed \(bzip2\): let its name end in .bz2"):
        load(bz2.compress(content), "t.csv.xz")
    with pytest.raises(DataError, match=r"not packed so: let its name not end in .gz"):
        load(content, "t.csv.gz")


def test_a_header_in_quotes_says_that_cells_are(load):
    """Lines of a cell may look like rows; a header that was written in quotes is no text."""
    content = delimited(
        "\t", [(f'"a\tb {i}\n{WORDS[i % 3]}"', f'"{"np"[i % 2]}"') for i in range(40)], ('"body"', '"kind"')
    )
    splits = load(content, "t.tsv", tokens="characters", max_len=20)
    assert samples(splits) == 40
    assert all("\t" in splits.spec.vocabulary.decode(row) for row in splits.train.inputs)


def test_files_of_folders_in_another_encoding_are_named(locations, tmp_path):
    for number in range(20):
        (tmp_path / "t" / "np"[number % 2]).mkdir(parents=True, exist_ok=True)
        (tmp_path / "t" / "np"[number % 2] / f"{number}.txt").write_text(f"film {number}")
    (tmp_path / "t" / "n" / "wide.txt").write_text("film", encoding="utf-16")
    (tmp_path / "t" / "none").mkdir()
    with pytest.raises(DataError, match=r"1 row cannot be used:\n  t/n/wide.txt: .*dataset.encoding: utf-16"):
        Text(path=tmp_path / "t", max_len=8).load(locations)
    splits = Text(path=tmp_path / "t", max_len=8, bad_rows="skip").load(locations)
    assert samples(splits) == 20
    assert splits.warnings[0].endswith("no class, for they hold no .txt file: none")


def looked_at(tmp_path, content, name="t.csv", **fields):
    """What a look at the beginning of a file says, by where."""
    (tmp_path / name).write_bytes(content.encode() if isinstance(content, str) else content)
    dataset = Text(path=tmp_path / name, text="body", label="kind", **fields)
    return {
        ".".join(map(str, problem.path)): problem.message for problem in [*dataset.problems(TEXTS), *dataset.look()]
    }


TEXTS = SimpleNamespace(trainer=SimpleNamespace(tasks=frozenset({"classification"})))


@pytest.mark.parametrize("encoding", ["rot13", "hex", "utf-80", "a\0"])
def test_encodings_that_are_none_of_text_are_problems(tmp_path, encoding):
    found = looked_at(tmp_path, delimited(",", rows()), encoding=encoding)
    assert [*found] == ["dataset.encoding"]


@pytest.mark.parametrize(
    ("name", "content"),
    [("t.csv", "body,kind\n\n"), ("t.jsonl", "\n"), ("t.jsonl", '[\n{"body": "a",\n"kind": "n"}\n]\n')],
)
def test_files_without_a_row_are_problems(tmp_path, name, content):
    assert looked_at(tmp_path, content, name) == {"dataset.path": f"{name} holds no row"}


def test_half_a_surrogate_pair_is_a_problem_of_its_row(load, tmp_path):
    content = "".join(json.dumps({"body": f"film {i}", "kind": "np"[i % 2]}) + "\n" for i in range(30))
    content += '{"body": "fine \\ud800", "kind": "n"}\n'
    assert looked_at(tmp_path, content, "t.jsonl") == {
        "dataset.encoding": "t.jsonl: line 31, body: half a surrogate pair"
    }
    with pytest.raises(DataError, match="line 31: half a surrogate pair"):
        load(content, "t.jsonl")


def test_blanks_between_columns_are_told(load):
    content = delimited(" ", [(f"film{i}", "np"[i % 2]) for i in range(30)])
    with pytest.raises(DataError, match=r"the header has one cell, 'body kind': dataset\.delimiter: ' '"):
        load(content)
    assert samples(load(content, delimiter=" ")) == 30


@pytest.mark.parametrize(
    ("cells", "hint"),
    [
        (["0,5", "12,25"], "dataset.decimal: ','"),
        (["1.234,5", "2.345,6"], "dataset.decimal: ','; dataset.thousands: '.'"),
        (["EUR", "5"], "dataset.skip_rows: [2] leaves it out"),
    ],
)
def test_numbers_to_predict_that_are_none_name_what_would_mend_it(tmp_path, cells, hint):
    (tmp_path / "t.csv").write_text(
        delimited(";", [(f"film {i}", cell) for i, cell in enumerate(cells)], ("body", "price"))
    )
    (problem,) = Text(path=tmp_path / "t.csv", text="body", target="price", delimiter=";").look()
    assert problem.path == ("dataset", "target") and hint in problem.message


def test_a_first_row_like_the_others_is_no_line_of_units(tmp_path):
    (tmp_path / "t.csv").write_text("body,price\none,$1\ntwo,$2.50\n")
    (problem,) = Text(path=tmp_path / "t.csv", text="body", target="price").look()
    assert "'$1' is no number" in problem.message and "skip_rows" not in problem.message


@pytest.mark.parametrize("name", ["t.csv", "t.tsv", "t.jsonl"])
def test_lines_that_end_as_on_old_macs_are_lines(load, name):
    """With a carriage return alone."""
    mark = "\t" if name == "t.tsv" else ","
    table = delimited(mark, [(text.replace(",", ""), kind) for text, kind in rows()])
    objects = "".join(json.dumps({"body": text, "kind": kind}) + "\n" for text, kind in rows())
    content = objects if name == "t.jsonl" else table
    old, new = load(content.replace("\n", "\r"), name), load(content, name)
    assert samples(old) == 60
    assert (old.train.inputs == new.train.inputs).all() and (old.train.targets == new.train.targets).all()


def test_where_one_class_is_left_the_rows_that_were_left_out_are_named(load):
    content = delimited(",", [(f"film {i}", "n") for i in range(20)]) + "film,p,too much\n"
    with pytest.raises(DataError, match=r"holds one class only, 'n'(.|\n)*1 row left out(.|\n)*line 22: 3 fields"):
        load(content, bad_rows="skip")
