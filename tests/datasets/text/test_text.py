"""Anyone's own texts: every format, every kind of bad row, splits and vocabulary."""

import codecs
import csv
import json
from collections import Counter
from types import SimpleNamespace

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from pydantic import ValidationError

from seqrun.datasets.shared.account import Account
from seqrun.datasets.shared.layout import Layout
from seqrun.datasets.text.encoding import TextEncoder
from seqrun.datasets.text.tables import table_rows
from seqrun.datasets.text.text import Text
from seqrun.errors import DataError

CLASSIFYING = SimpleNamespace(trainer=SimpleNamespace(tasks=frozenset({"classification"})))  # an experiment
CLASSES = ("ham", "news", "spam")
TRICKY = 'He said "no", then\nleft; naïve — 日本'


def samples(count=60):
    """Texts with a word of their own each, of three classes."""
    return [(f"The {CLASSES[i % 3]} text, own{i}. {TRICKY if i == 7 else ''}", CLASSES[i % 3]) for i in range(count)]


def write_csv(path, rows, header=("body", "kind"), delimiter=",", encoding="utf-8"):
    with path.open("w", newline="", encoding=encoding) as file:
        writer = csv.writer(file, delimiter=delimiter)
        writer.writerow(header)
        writer.writerows(rows)


def write_jsonl(path, rows):
    path.write_text("".join(json.dumps({"body": text, "kind": label}) + "\n" for text, label in rows))


def write_parquet(path, rows):
    texts, labels = zip(*rows, strict=True)
    pq.write_table(pa.table({"body": texts, "kind": labels}), path)


def write_folder(path, rows):
    for i, (text, label) in enumerate(rows):
        (path / label).mkdir(parents=True, exist_ok=True)
        (path / label / f"{i:03}.txt").write_text(text, encoding="utf-8")


WRITERS = {
    "t.csv": write_csv,
    "bom.csv": lambda path, rows: write_csv(path, rows, encoding="utf-8-sig"),
    "t.tsv": lambda path, rows: write_csv(path, rows, delimiter="\t"),
    "t.jsonl": write_jsonl,
    "t.parquet": write_parquet,
    "folder": write_folder,
}


@pytest.fixture
def load(locations):
    def loaded(path, **fields):
        columns = {} if path.is_dir() else {"text": "body", "label": "kind"}
        return Text(path=path, **columns | fields).load(locations)

    return loaded


def parts(splits):
    return (splits.train, splits.validation, splits.test)


def decoded(splits):
    return [splits.spec.vocabulary.decode(row) for split in parts(splits) for row in split.inputs]


@pytest.mark.parametrize("name", WRITERS)
def test_every_format_gives_the_same_samples(load, tmp_path, name):
    WRITERS[name](tmp_path / name, samples())
    splits = load(tmp_path / name, max_len=30, tokens="characters", lowercase=False)
    assert splits.spec.target.classes == CLASSES
    assert [len(split) for split in parts(splits)] == [48, 6, 6]
    labels = [CLASSES[t] for split in parts(splits) for t in split.targets]
    expected = samples()
    if name != "folder":  # whose rows are in the order of class and file name
        index = np.concatenate([split.index for split in parts(splits)])
        assert [expected[i][1] for i in index] == labels
    assert Counter(labels) == dict.fromkeys(CLASSES, 20)
    assert splits.warnings == ()


@pytest.mark.parametrize("name", WRITERS)
def test_quotes_line_breaks_and_any_script_survive(load, tmp_path, name):
    WRITERS[name](tmp_path / name, [(f"{text} {TRICKY}", label) for text, label in samples()])
    splits = load(tmp_path / name, max_len=200, tokens="characters", lowercase=False)
    assert all(text.endswith(TRICKY) for text in decoded(splits))


def test_the_vocabulary_holds_words_of_the_training_split_alone(load, tmp_path):
    write_csv(tmp_path / "t.csv", samples())
    splits = load(tmp_path / "t.csv")
    words = set(splits.spec.vocabulary.words)
    assert {f"own{i}" for i in splits.train.index} <= words
    assert not {f"own{i}" for split in (splits.validation, splits.test) for i in split.index} & words
    assert (splits.test.inputs == 2).any(axis=1).all()  # each has a word that is unknown


def test_the_vocabulary_is_as_large_as_it_must_be_and_no_larger(load, tmp_path):
    write_csv(tmp_path / "t.csv", samples())
    distinct = 48 + 2 + 3  # own words, "the" and "text", the classes
    tricky = len({"he", "said", "no", "then", "left", "naïve", "—", "日本"})
    size = load(tmp_path / "t.csv").spec.vocabulary.size
    assert size in (3 + distinct, 3 + distinct + tricky)  # wherever the one tricky text went
    assert load(tmp_path / "t.csv", num_words=10).spec.vocabulary.size == 10


def test_splits_are_stratified_and_depend_on_split_seed_alone(load, tmp_path):
    write_csv(tmp_path / "t.csv", samples(300))
    splits = load(tmp_path / "t.csv", splits=[0.6, 0.2, 0.2])
    assert [np.bincount(split.targets).tolist() for split in parts(splits)] == [[60] * 3, [20] * 3, [20] * 3]
    again, other = (load(tmp_path / "t.csv", splits=[0.6, 0.2, 0.2], split_seed=seed) for seed in (0, 1))
    np.testing.assert_array_equal(splits.test.index, again.test.index)
    assert set(splits.test.index) != set(other.test.index)


def test_a_limit_caps_every_split(load, tmp_path):
    write_csv(tmp_path / "t.csv", sorted(samples(300), key=lambda row: row[1]))
    splits = load(tmp_path / "t.csv", limit=9)
    assert [np.bincount(split.targets).tolist() for split in parts(splits)] == [[3] * 3] * 3


def test_train_and_test_folders_are_kept(load, tmp_path):
    write_folder(tmp_path / "train", samples(60))
    write_folder(tmp_path / "test", [(f"late{i}", CLASSES[i % 3]) for i in range(9)])
    splits = load(tmp_path, splits=[0.6, 0.2, 0.2])
    assert [len(split) for split in parts(splits)] == [45, 15, 9]
    assert sorted(splits.test.index) == list(range(60, 69))
    assert not any(word.startswith("late") for word in splits.spec.vocabulary.words)


def test_what_lies_beside_the_texts_is_mentioned(load, tmp_path):
    for half in ("train", "test", "validation"):
        write_folder(tmp_path / half, [(f"{text[:30]} {half}", label) for text, label in samples(30)])
    (tmp_path / "train" / "ham" / "notes.md").write_text("x")
    first, second = load(tmp_path).warnings
    assert "not read: validation" in first
    assert second.endswith("without the ending .txt, and so not read: train/ham/notes.md")


def test_a_class_in_one_half_only_is_an_error(load, tmp_path):
    write_folder(tmp_path / "train", samples(30))
    write_folder(tmp_path / "test", [("text", "ham"), ("text", "span")])
    with pytest.raises(DataError, match="train/news, train/spam, test/span"):
        load(tmp_path)


@pytest.mark.parametrize(
    ("values", "classes"),
    [
        ([10, 9, 2], ("2", "9", "10")),
        ([True, False], ("false", "true")),
        ([1.0, 0.0], ("0", "1")),
        ([" yes ", "no"], ("no", "yes")),
    ],
)
def test_labels_can_be_whole_numbers_booleans_or_strings(load, tmp_path, values, classes):
    write_jsonl(tmp_path / "t.jsonl", [(f"text {i}", values[i % len(values)]) for i in range(30)])
    splits = load(tmp_path / "t.jsonl")
    assert splits.spec.target.classes == classes
    assert splits.spec.target.units == (1 if len(classes) == 2 else len(classes))


def test_latin_1_files_are_read_when_the_config_says_so(load, tmp_path):
    write_csv(tmp_path / "t.csv", [(f"café {i}", i % 2) for i in range(20)], encoding="latin-1")
    with pytest.raises(DataError, match=r"line 2: undecodable bytes \(0xe9\)"):
        load(tmp_path / "t.csv")
    assert "café" in load(tmp_path / "t.csv", encoding="latin-1").spec.vocabulary.ids


def test_raw_text_is_encoded_later_as_it_was_in_training(load, tmp_path):
    write_csv(tmp_path / "t.csv", samples())
    splits = load(tmp_path / "t.csv", max_len=7, padding="post", truncating="post")
    encoder = TextEncoder.from_artifacts(splits.artifacts)
    texts = [samples()[i][0] for i in splits.test.index]
    np.testing.assert_array_equal(encoder.encode(texts), splits.test.inputs)
    assert encoder.classes == CLASSES


# --- bad rows ---------------------------------------------------------------------------------------------------------


def bad_csv(path):
    lines = [b"body,kind"] + [f"text {i},{'ab'[i % 2]}".encode() for i in range(20)]
    lines[3] = b",a"  # line 4
    lines[5] = b'"two\nlines, and no label",  '  # lines 6 and 7, so that all later ones are one further down
    lines[8] = b"caf\xe9,b"  # line 10
    lines[10] = b"too,many,fields"  # line 12
    lines[12] = b'"a"b,a'  # line 14
    lines[15] = b""  # a blank line is no row
    path.write_bytes(b"\n".join(lines) + b"\n")
    return ["line 4: no text", "line 6: no label", "line 10: undecodable bytes", "line 12: 3 fields", "line 14: "]


def bad_jsonl(path):
    lines = [json.dumps({"body": f"text {i}", "kind": i % 3 % 2}) for i in range(20)]
    lines[2] = '{"body": "x", '
    lines[4] = '["x", 1]'
    lines[6] = '{"kind": 1}'
    lines[8] = '{"body": "x", "kind": null}'
    lines[10] = '{"body": 5, "kind": 1}'
    lines[12] = '{"body": "x", "kind": 0.5}'
    lines[14] = '{"body": "x", "kind": [1]}'
    lines[16] = '{"body": "\\ud800", "kind": 1}'
    lines[18] = '{"kind": 0, "body": "x", "kind": 1}'
    path.write_text("\n".join(lines))
    return [
        "line 3: no JSON",
        "line 5: no JSON object",
        "line 7: no text",
        "line 9: no label",
        "line 11: the text is no string",
        "line 13: the label 0.5 is a fraction",
        "line 15: the label is no string",
        "line 17: half a surrogate pair",
        "line 19: a key stands twice in its object: 'kind'",
    ]


def bad_parquet(path):
    texts = [f"text {i}".encode() for i in range(20)]
    texts[2], texts[4], texts[7] = None, b"caf\xe9", b" "
    column = pa.array(texts, pa.binary()).view(pa.string())
    labels = ["ab"[i % 2] for i in range(20)]
    labels[9] = None
    pq.write_table(pa.table({"kind": labels, "body": column}), path)
    return ["row 3: no text", "row 5: undecodable bytes", "row 8: no text", "row 10: no label"]


def bad_folder(path):
    write_folder(path, [(f"text {i}", "ab"[i % 2]) for i in range(20)])
    (path / "a" / "004.txt").write_text("\n")
    (path / "b" / "007.txt").write_bytes(b"caf\xe9")
    return ["folder/a/004.txt: no text", "folder/b/007.txt: undecodable bytes"]


BAD = {"t.csv": bad_csv, "t.jsonl": bad_jsonl, "t.parquet": bad_parquet, "folder": bad_folder}


@pytest.mark.parametrize("name", BAD)
def test_bad_rows_are_an_error_that_lists_them(load, tmp_path, name):
    faults = BAD[name](tmp_path / name)
    with pytest.raises(DataError) as caught:
        load(tmp_path / name)
    first, *listed, last = str(caught.value).splitlines()
    assert f"{len(faults)} rows cannot be used" in first
    assert len(listed) == len(faults)
    for line, fault in zip(listed, faults, strict=True):
        assert line.strip().startswith(fault)
    assert "bad_rows: skip" in last


@pytest.mark.parametrize("name", BAD)
def test_bad_rows_can_be_left_out_with_a_warning_that_names_them(load, tmp_path, name):
    faults = BAD[name](tmp_path / name)
    splits = load(tmp_path / name, bad_rows="skip")
    blank = name == "t.csv"
    assert sum(len(split) for split in parts(splits)) == 20 - blank - len(faults)
    (warning,) = splits.warnings
    assert f"{len(faults)} rows left out" in warning
    assert all(fault in warning for fault in faults)


B = (1, 3, 5, 7, 9, 11, 13, 15, 17, 19, 31)


def many_bad(path):
    rows = [("" if i < 20 or i in (30, 31, 40) else f"text {i}", "ab"[i % 2]) for i in range(60)]
    WRITERS[path.name](path, rows)


@pytest.mark.parametrize(
    ("name", "places"),
    [
        ("t.csv", "lines 12-21, 32-33, 42"),
        ("t.jsonl", "lines 11-20, 31-32, 41"),
        ("t.parquet", "rows 11-20, 31-32, 41"),
        ("folder", ", ".join(f"folder/{place}.txt" for place in ("a/030", "a/040", *(f"b/{i:03}" for i in B)))),
    ],
)
@pytest.mark.parametrize("bad_rows", ["error", "skip"])
def test_of_many_bad_rows_ten_are_told_with_reasons_and_all_others_with_their_places(
    load, tmp_path, name, places, bad_rows
):
    many_bad(tmp_path / name)
    if bad_rows == "error":
        with pytest.raises(DataError) as caught:
            load(tmp_path / name)
        message = str(caught.value)
    else:
        (message,) = load(tmp_path / name, bad_rows="skip").warnings
    assert message.count("no text") == 10
    assert f"and 13 more: {places}" in message


def test_files_in_no_classs_folder_are_told(load, tmp_path, told):
    write_folder(tmp_path / "train", samples(30))
    write_folder(tmp_path / "test", samples(60)[30:])
    for name in ("README.md", "train/stray.txt", ".hidden"):
        (tmp_path / name).write_text("x")
    assert load(tmp_path).warnings == ()
    assert f"{tmp_path}: in no class's folder, and so not read: README.md, train/stray.txt" in told


def test_a_quote_that_is_never_closed_swallows_nothing_in_silence(load, tmp_path):
    rows = [f"text {i},{'ab'[i % 2]}" for i in range(20)]
    rows[10] = '"never closed,a'
    (tmp_path / "t.csv").write_text("\n".join(["body,kind", *rows]))
    with pytest.raises(DataError, match=r"line 12: .*quote not closed"):
        load(tmp_path / "t.csv")


def test_a_text_longer_than_the_csv_modules_limit_is_read(load, tmp_path):
    write_csv(tmp_path / "t.csv", [("word " * 50_000 + str(i), i % 2) for i in range(10)])
    assert load(tmp_path / "t.csv", max_len=5).train.inputs.shape == (6, 5)


# --- data and configs that cannot work --------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["t.csv", "t.tsv", "t.jsonl", "t.parquet"])
def test_a_missing_column_is_told_with_the_nearest_and_all_there_are(load, tmp_path, name):
    WRITERS[name](tmp_path / name, samples())
    with pytest.raises(DataError, match=r"no column 'boddy' \(did you mean body\?\); there are body, kind"):
        load(tmp_path / name, text="boddy")


def test_two_columns_of_one_name_are_an_error(load, tmp_path):
    write_csv(tmp_path / "t.csv", [("a", "b", "c")], header=("body", "kind", "body"))
    with pytest.raises(DataError, match="2 columns named 'body'"):
        load(tmp_path / "t.csv")


@pytest.mark.parametrize(
    ("labels", "message"),
    [
        (["a"] * 10, "one class only, 'a'"),
        (["a"] * 10 + ["b", "b"], r"'b' \(2\)"),
        ([f"title {i}" for i in range(30)], r"30 of 30 classes have fewer than 3 .* and 20 more; does dataset\.label"),
    ],
)
def test_classes_that_cannot_be_split_are_an_error(load, tmp_path, labels, message):
    write_csv(tmp_path / "t.csv", [(f"text {i}", label) for i, label in enumerate(labels)])
    with pytest.raises(DataError, match=message):
        load(tmp_path / "t.csv")


def test_three_samples_of_a_class_are_one_in_each_split(load, tmp_path):
    write_csv(tmp_path / "t.csv", [(f"text {i}", "rare" if i < 3 else "usual") for i in range(100)])
    splits = load(tmp_path / "t.csv")
    assert [int((split.targets == 0).sum()) for split in parts(splits)] == [1, 1, 1]


@pytest.mark.parametrize(("name", "content"), [("t.csv", b""), ("t.jsonl", b"\n"), ("t.csv", b"body,kind\n")])
def test_an_empty_file_is_an_error(load, tmp_path, name, content):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(DataError, match=r"is empty|holds no row"):
        load(tmp_path / name)


def test_an_empty_folder_is_an_error(load, tmp_path):
    with pytest.raises(DataError, match=r"no sub-folders with \.txt files"):
        load(tmp_path)


@pytest.mark.parametrize("content", [b"", b"PAR1 not really PAR1"])
def test_a_broken_parquet_file_is_an_error(load, tmp_path, content):
    (tmp_path / "t.parquet").write_bytes(content)
    with pytest.raises(DataError, match="cannot be read as Parquet"):
        load(tmp_path / "t.parquet")


def test_a_file_that_is_not_there_is_an_error_of_the_data(load, tmp_path):
    with pytest.raises(DataError, match=r"t\.csv does not exist"):
        load(tmp_path / "t.csv")


@pytest.mark.parametrize("splits", [[0.8, 0.2], [0.8, 0.1, 0.2], [0.9, 0.1, 0.0], [1.2, -0.1, -0.1]])
def test_splits_are_three_fractions_that_sum_to_one(splits):
    with pytest.raises(ValidationError, match="three positive fractions that sum to 1"):
        Text(path="t.csv", splits=splits)


def test_a_config_that_cannot_work_is_found_before_the_run(tmp_path):
    (tmp_path / "t.docx").write_text("x")
    cases = [
        (Text(path="t.csv"), ["text", "label"]),
        (Text(path="t.csv", text="body", label="body"), ["label"]),
        (Text(path=tmp_path, text="body"), ["text"]),
        (Text(path=tmp_path / "t.docx"), ["path"]),
        (Text(path=tmp_path, encoding="utf-88"), ["encoding"]),
        (Text(path=tmp_path), []),
        (Text(path="t.csv", text="body", label="kind"), []),
    ]
    for dataset, keys in cases:
        assert [problem.path for problem in dataset.problems(CLASSIFYING)] == [("dataset", key) for key in keys]


@pytest.mark.parametrize("name", ["t.csv", "bom.csv", "t.tsv", "t.jsonl"])
def test_columns_that_the_file_has_not_are_all_found_before_the_run(tmp_path, name):
    WRITERS[name](tmp_path / name, samples())
    assert list(Text(path=tmp_path / name, text="body", label="kind").look()) == []
    text, label = Text(path=tmp_path / name, text="boddy", label="class").look()
    assert (text.path, label.path) == (("dataset", "text"), ("dataset", "label"))
    assert text.message == f"{name}: no column 'boddy' (did you mean body?); there are body, kind"
    assert label.message == f"{name}: no column 'class'; there are body, kind"


def test_a_key_that_the_first_json_line_lacks_is_no_problem(tmp_path):
    (tmp_path / "t.jsonl").write_text('{"body": "x"}\n{"body": "y", "kind": "a"}\n')
    assert list(Text(path=tmp_path / "t.jsonl", text="body", label="kind").look()) == []


@pytest.mark.parametrize(("name", "content"), [("t.csv", b""), ("t.jsonl", b"{\n"), ("t.csv", b'"a\n')])
def test_a_file_that_cannot_be_read_is_left_for_the_data_to_tell(tmp_path, name, content):
    (tmp_path / name).write_bytes(content)
    assert list(Text(path=tmp_path / name, text="body", label="kind").problems(CLASSIFYING)) == []


def test_a_byte_order_mark_is_no_part_of_the_first_column(load, tmp_path):
    write_csv(tmp_path / "t.csv", samples(), encoding="utf-8-sig")
    assert (tmp_path / "t.csv").read_bytes().startswith(codecs.BOM_UTF8)
    assert len(load(tmp_path / "t.csv").train) == 48


def test_json_that_is_nested_too_deep_is_a_fault_of_its_line(tmp_path):
    lines = ['{"text": "a", "label": "y"}', '{"text": ' + "[" * 100_000, '{"text": ' + "9" * 900_000 + "}"]
    (tmp_path / "deep.jsonl").write_text("\n".join(lines) + "\n")
    account = Account()
    rows = [*table_rows(tmp_path / "deep.jsonl", "text", ["label"], Layout(), account)]
    assert rows[0].fault is None
    assert rows[1].fault == "no JSON: brackets too deep in each other"
    assert "digits" in rows[2].fault
