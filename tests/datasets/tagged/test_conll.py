"""CoNLL-style files: every layout in use, what is no token, splits, vocabulary, tags, and lines that cannot be used."""

import gzip
import hashlib
import json
import re

import numpy as np
import pytest
from click.testing import CliRunner

from seqrun.cli import main
from seqrun.components.padding import NO_TAG
from seqrun.components.targets import TagTarget
from seqrun.datasets.tagged.conll import Conll
from seqrun.datasets.tagged.reading import read_sentences
from seqrun.datasets.tagged.sentences import encode_sentences
from seqrun.errors import DataError

NAMES = (
    "-DOCSTART- -X- O\n\nJohn NNP B-PER\nSmith NNP I-PER\nsleeps VBZ O\n\n"
    "-DOCSTART- -X- O\n\nin IN O\nParis NNP B-LOC\n"
)
UNIVERSAL = (
    "# newdoc\n# text = vámonos al mar\n"
    "1-2\tvámonos\t_\t_\n1\tvamos\tir\tVERB\n2\tnos\tnosotros\tPRON\n"
    "3-4\tal\t_\t_\n3\ta\ta\tADP\n4\tel\tel\tDET\n5\tmar\tmar\tNOUN\n5.1\tnada\t_\tVERB\n\n"
    "# text = 1 000 #\n1\t1 000\t1 000\tNUM\n2\t#\t#\tSYM\n\n"
)


def numbered(count, length=lambda number: 1 + number % 3):
    """Sentences that tell which they are: word7_0/X word7_1/Y."""
    return "\n\n".join(
        "\n".join(f"word{number}_{step} {'XY'[step % 2]}" for step in range(length(number))) for number in range(count)
    )


@pytest.fixture
def read(tmp_path):
    """The (tokens, tags) of sentences in a text or bytes."""

    def read(content, **settings):
        file = tmp_path / "read.txt"
        file.write_bytes(content if isinstance(content, bytes) else content.encode())
        sentences = read_sentences(file, Conll(path=file, **settings).layout).sentences
        return [(sentence.tokens, sentence.tags) for sentence in sentences]

    return read


@pytest.fixture
def load(tmp_path, locations):
    """The splits of a file with this content, or of a folder with these files."""

    def load(content, **settings):
        path = tmp_path / "data"
        if isinstance(content, dict):
            path.mkdir()
            for name, text in content.items():
                (path / name).write_text(text)
        else:
            path.write_text(content)
        return Conll(path=path, **{"min_count": 1, **settings}).load(locations)

    return load


def words(split, spec):
    """The words of each sentence of a split."""
    return [spec.vocabulary.decode(row).split() for row in split.inputs]


# --- reading


def test_columns_blank_lines_and_documents(read):
    expected = [(["John", "Smith", "sleeps"], ["B-PER", "I-PER", "O"]), (["in", "Paris"], ["O", "B-LOC"])]
    assert read(NAMES) == expected
    assert read(NAMES.replace("\n", "\r\n")) == expected
    assert read(NAMES.replace(" ", " \t ")) == expected
    assert read(NAMES, tag_column=1)[1] == (["in", "Paris"], ["IN", "NNP"])
    assert read(NAMES, token_column=-2, tag_column=0)[1] == (["IN", "NNP"], ["in", "Paris"])


def test_universal_dependencies(read):
    """Ranges and empty nodes are no tokens, tokens may hold blanks, and # is one where it has columns."""
    assert read(UNIVERSAL, token_column=1, tag_column=3) == [
        (["vamos", "nos", "a", "el", "mar"], ["VERB", "PRON", "ADP", "DET", "NOUN"]),
        (["1 000", "#"], ["NUM", "SYM"]),
    ]


def test_what_looks_like_an_id_is_a_token_where_the_tokens_are(read):
    assert read("1996-08 O\n1.1 O\n") == [(["1996-08", "1.1"], ["O", "O"])]


def test_a_no_break_space_is_part_of_a_token(read):
    assert read("10\u00a0000 NUM\n\u3000 X\n") == [(["10\u00a0000", "\u3000"], ["NUM", "X"])]


def test_encodings(read):
    assert read("\ufeffcafé X\n") == [(["café"], ["X"])]
    assert read("café X\n".encode("latin-1"), encoding="latin-1") == [(["café"], ["X"])]


@pytest.mark.parametrize(
    ("content", "settings", "told"),
    [
        (
            "a X\nb\n\nc Y\nd\n",
            {"tag_column": 1},
            ["2 lines", "line 2: has 1 column, and so no column 1", "line 5: has"],
        ),
        ("a X\nb Y Z\n", {}, ["line 2: has 3 columns, the row before it 2"]),
        ("a\tX\n\tY\n", {}, ["line 2: no token"]),
        ("a\tX\nb\t\n", {}, ["line 2: no tag"]),
        (b"a X\ncaf\xe9 Y\n", {}, ["line 2: undecodable bytes (0xe9)", "dataset.encoding"]),
        ("\n\n# nothing\n", {}, ["holds no sentence"]),
        (b"\xff\xfea", {"encoding": "utf-16"}, ["cannot be read"]),
        (b"PK\x03\x04\x00\x00\xff\n" * 9, {}, ["is no text"]),
    ],
)
def test_lines_that_cannot_be_used_are_named(read, content, settings, told):
    with pytest.raises(DataError) as error:
        read(content, **settings)
    for part in told:
        assert part in str(error.value)


@pytest.mark.parametrize(
    ("content", "settings", "told"),
    [
        (
            "a X\nb Y\n\nc Z\n",
            {"tag_column": 7},
            "all 3 lines have 2 columns: there is no column 7 (dataset.tag_column)",
        ),
        ("a X\nb Y Z\n", {"token_column": -4}, "the widest of 2 lines has 3 columns: there is no column -4"),
    ],
)
def test_a_column_that_no_line_has_is_told_once(read, content, settings, told):
    with pytest.raises(DataError) as error:
        read(content, **settings)
    assert told in str(error.value)
    assert "\n" not in str(error.value)


# --- encoding


def test_ids_tags_and_padding(load):
    """One sentence each, so that what was drawn is known: every number can be read back as its word and tag."""
    splits = load(numbered(40))
    assert splits.spec.input_shape == (3,)
    assert splits.spec.target == TagTarget(("X", "Y"))
    assert not splits.artifacts
    for split in (splits.train, splits.validation, splits.test):
        assert split.inputs.dtype == split.targets.dtype == np.int32
        for row, targets, number in zip(split.inputs, split.targets, split.index, strict=True):
            length = 1 + number % 3
            assert (row[:length] > 1).all() and not row[length:].any()
            assert targets.tolist() == [0, 1, 0][:length] + [NO_TAG] * (3 - length)
    vocabulary = splits.spec.vocabulary
    for number, found in zip(splits.train.index, words(splits.train, splits.spec), strict=True):
        assert found == [f"word{number}_{step}" for step in range(1 + number % 3)]
    sentence = words(splits.train, splits.spec)[0]
    assert encode_sentences(vocabulary, [sentence, ["never", *sentence]], 3)[1].tolist()[0] == 2
    np.testing.assert_array_equal(encode_sentences(vocabulary, [sentence], 3)[0], splits.train.inputs[0])


def test_the_vocabulary_is_the_training_splits_alone(load):
    splits = load(numbered(40))
    known = {f"word{number}_{step}" for number in splits.train.index for step in range(1 + number % 3)}
    assert splits.spec.vocabulary.ids.keys() == known
    assert set(splits.test.inputs.ravel()) <= {0, 2}


def test_rare_tokens_case_and_size(load, tmp_path, locations):
    text = "\n\n".join(["The X\nthe X\n[PAD] Y\ncat Y"] * 20)
    vocabulary = load(text).spec.vocabulary
    assert vocabulary.words == ("[PAD]", "[START]", "[UNK]", "The", "[PAD]", "cat", "the")
    assert vocabulary.encode("the [PAD] dog") == vocabulary.encode_tokens(["the", "[PAD]", "dog"]) == [6, 4, 2]

    def words_of(**settings):
        return Conll(path=tmp_path / "data", **settings).load(locations).spec.vocabulary.words[3:]

    assert words_of(lowercase=True) == ("the", "[pad]", "cat")
    assert words_of(num_words=5) == ("The", "[PAD]")
    (tmp_path / "data").write_text(numbered(40))
    assert words_of() == ()  # each occurs once


def test_longer_sentences_are_cut_with_a_warning(load):
    splits = load({"train": numbered(10), "dev": numbered(4), "test": numbered(4, length=lambda number: 5)})
    assert splits.spec.input_shape == (3,)
    assert (splits.test.targets != NO_TAG).all()
    warning, overlap = splits.warnings
    assert "4 of 4 validation sentences also stand in training" in overlap
    assert "test: sentences longer than max_len (3) are cut, 4 of 4" in warning
    assert "in any metric: 8 of 20" in warning


def test_tags_that_training_lacks_get_a_number_and_a_warning(load):
    """So that they count as the mistakes that they are."""
    splits = load({"train": "a X\nb O\n", "dev": "a X\n", "test": "a X\nb New\nb New\n"}, max_len=9)
    assert splits.spec.target.tags == ("O", "New", "X")
    assert splits.test.targets[0, :4].tolist() == [2, 1, 1, NO_TAG]
    (warning,) = splits.warnings
    assert "the training split lacks tags of test" in warning
    assert warning.endswith("New (2)")


def test_one_tag_only_is_nothing_to_learn(load):
    with pytest.raises(DataError, match=r"every token has the tag 'X'; does dataset\.tag_column name"):
        load("a X\n\n" * 20)


# --- splits


def test_a_file_is_drawn_into_three_parts(load):
    splits = load(numbered(50))
    parts = [set(split.index) for split in (splits.train, splits.validation, splits.test)]
    assert list(map(len, parts)) == [40, 5, 5]
    assert set.union(*parts) == set(range(50))
    again, other = (load(numbered(50), split_seed=seed) for seed in (0, 1))
    assert splits.test_fingerprint() == again.test_fingerprint() != other.test_fingerprint()


@pytest.mark.parametrize(
    "names",
    [("train.txt", "valid.txt", "test.txt"), ("eng.train", "eng.testa", "eng.testb"),
     ("en_ewt-ud-train.conllu", "en_ewt-ud-dev.conllu", "en_ewt-ud-test.conllu")],
)  # fmt: skip
def test_files_of_a_folder_are_kept_as_the_splits(load, told, names):
    splits = load({**dict(zip(names, map(numbered, (6, 4, 5)), strict=True)), "README.md": "about"})
    assert [split.index.tolist() for split in (splits.train, splits.validation, splits.test)] == [
        list(range(6)),
        list(range(4)),
        list(range(5)),
    ]
    (source,) = splits.sources
    lines = [f"{hashlib.sha256((source.path / name).read_bytes()).hexdigest()}  {name}\n" for name in sorted(names)]
    assert source.sha256 == hashlib.sha256("".join(lines).encode()).hexdigest()
    assert any("not read: README.md" in each for each in told)


def test_a_split_without_a_file_is_drawn_from_training(load):
    splits = load({"train.txt": numbered(45), "test.txt": numbered(7)})
    assert list(map(len, (splits.train, splits.validation, splits.test))) == [40, 5, 7]
    assert set(splits.train.index) | set(splits.validation.index) == set(range(45))


@pytest.mark.parametrize(
    ("files", "named"),
    [
        ({"test.txt": "a X"}, "no file's name has the word train"),
        ({"train.a": "a X", "train.b": "a X"}, "train.a, train.b"),
    ],
)
def test_a_folder_that_names_no_splits(load, files, named):
    with pytest.raises(DataError, match=named):
        load(files)


def test_a_limit_caps_every_split(load):
    splits = load(numbered(50), limit=3)
    assert list(map(len, (splits.train, splits.validation, splits.test))) == [3, 3, 3]


def test_too_few_sentences(load):
    with pytest.raises(DataError, match="2 sentences, too few"):
        load(numbered(2))


# --- config


def test_mistakes_in_a_config_are_told_with_their_keys(tmp_path):
    config = tmp_path / "c.yaml"
    dataset = {"name": "conll", "path": "x.txt", "token_column": 1, "tag_column": 1, "encoding": "utf-80"}
    config.write_text(json.dumps({"dataset": dataset, "architecture": "lstm", "trainer": "classifier"}))
    told = CliRunner().invoke(main, ["validate", str(config)]).output
    assert "dataset.tag_column: column 1 holds the tokens already" in told
    assert "dataset.encoding: Python knows no encoding 'utf-80'" in told
    assert "trainer.name: it is for classification, but the dataset is for tagging" in told


def test_tags_that_differ_only_in_form_are_told_and_can_be_merged(load):
    content = "\n\n".join(f"{n}John B-PER\nin O\n\n{n}Paris b-per\nby o\n\n{n}now O" for n in range(4))
    splits = load(content)
    assert splits.spec.target == TagTarget(("O", "B-PER", "b-per", "o"))
    told = splits.warnings[0]
    assert "'O' (8), 'o' (4) (in case)" in told and "'B-PER' (4), 'b-per' (4) (in case)" in told
    again = load(content, labels={"merge": {"b-per": "B-PER", "o": "O"}})
    assert again.spec.target == TagTarget(("O", "B-PER")) and not any("form" in told for told in again.warnings)
    count = sum((part.targets == 1).sum() for part in (again.train, again.validation, again.test))
    assert count == 8


# --- files that people have -------------------------------------------------------------------------------------------


def test_any_delimiter_packing_and_lines_at_the_top(tmp_path, locations):
    rows = [f"{token};{tag}" for token, tag in [("Ann", "PER"), ("left", "O")]]
    text = "token;tag\n" + "\n\n".join("\n".join(rows) for _ in range(20))
    (tmp_path / "t.txt.gz").write_bytes(gzip.compress(text.encode("cp1252")))
    fields = {"delimiter": ";", "skip_rows": 1, "encoding": "cp1252"}
    splits = Conll(path=tmp_path / "t.txt.gz", **fields).load(locations)
    assert splits.spec.target.tags == ("O", "PER")
    assert sum(map(len, (splits.train, splits.validation, splits.test))) == 20


def test_sentences_with_bad_lines_can_be_left_out(load):
    sentences = ["Ann PER\nleft O"] * 20 + ["Bob"] + ["Cid PER\nsits"] + ["Dan PER"] * 5
    content = "\n\n".join(sentences)
    with pytest.raises(DataError, match=r"2 lines cannot be used:\n  line 61: .*\n  line 64: [\s\S]*bad_rows: skip"):
        load(content)
    splits = load(content, bad_rows="skip")
    assert sum(map(len, (splits.train, splits.validation, splits.test))) == 25
    assert "2 sentences left out for 2 lines (bad_rows: skip):\n  line 61: " in splits.warnings[0]


@pytest.mark.parametrize("mark", [",", ";", "|"])
def test_the_delimiter_of_undivided_lines_is_named(read, tmp_path, mark):
    content = f"a{mark}X\nb{mark}Y\n\nc{mark}X\n"
    with pytest.raises(
        DataError, match=re.escape(f"all 3 lines have one column, such as 'a{mark}X': dataset.delimiter: '{mark}'")
    ):
        read(content)
    assert read(content, delimiter=mark) == [(["a", "b"], ["X", "Y"]), (["c"], ["X"])]
    (tmp_path / "look.txt").write_text(content)
    (problem,) = Conll(path=tmp_path / "look.txt").look()
    assert problem.path == ("dataset", "delimiter")


def test_tokens_that_are_their_numbers_are_told(load):
    lines = [f"{place + 1}\tw{number}\t{'XY'[place % 2]}\n" for number in range(20) for place in range(2 + number % 2)]
    content = "".join(("\n" if line.startswith("1\t") else "") + line for line in lines)
    told = "the tokens of all sentences are 1, 2, 3 ...; dataset.token_column: 1 is the column after"
    assert told in " ".join(load(content).warnings)
    assert told not in " ".join(load(content, token_column=1).warnings)


def test_sentences_with_other_columns_are_told(load):
    content = "".join(f"w{number} X\nv Y\n\n" for number in range(20)) + "a X Z\n"
    (told,) = (warning for warning in load(content).warnings if "columns" in warning)
    assert "20 sentences in 2 columns, 1 sentence in others (first: line 61, 3 columns)" in told


def test_a_file_of_comments_alone_says_so(read):
    with pytest.raises(DataError, match=r"no sentence; left out: 2 comments \(lines 1, 2\) \(dataset.comments: false"):
        read("# X\n# Y\n")
    assert read("# X\n# Y\n", comments=False) == [(["#", "#"], ["X", "Y"])]


@pytest.mark.parametrize("mark", ["-DOCSTART- O\n\n", "# newdoc id = d\n"])
def test_documents_are_kept_together(tmp_path, locations, mark):
    sizes = [5, 3, 8, 2, 6, 4, 7, 5, 3, 9] * 4
    of = [number for number, size in enumerate(sizes) for _ in range(size)]  # each sentence's document
    texts = [mark + "".join(f"w{number}x{i} A\n. O\n\n" for i in range(size)) for number, size in enumerate(sizes)]
    path = tmp_path / "c.conllu"
    path.write_text("".join(texts))
    splits = Conll(path=path, splits={"keep_together": "document"}).load(locations)
    documents = [{of[i] for i in part.index} for part in (splits.train, splits.validation, splits.test)]
    assert sum(map(len, documents)) == len(set.union(*documents)) == 40
    counts = [len(part) for part in (splits.train, splits.validation, splits.test)]
    assert counts == pytest.approx([0.8 * len(of), 0.1 * len(of), 0.1 * len(of)], abs=3)
    path.write_text("".join(texts).replace(mark, ""))
    with pytest.raises(DataError, match="no line begins a document, neither -DOCSTART- nor a comment # newdoc"):
        Conll(path=path, splits={"keep_together": "document"}).load(locations)
