"""`seqrun predict` with a tagger: words of sentences, and steps of series."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from commands import arrays_of, predict, train_sections

pytestmark = pytest.mark.usefixtures("undrawn_plots")
MAX_LEN, TIME = 5, 6
SENTENCES = ["Anna sees Rome .", "he sees Berta there today", "Rome .", "well"]
NETWORK = {"name": "conv1d", "filters": 4, "kernel_size": 3, "pool_size": 1, "padding": "same"}
OTHERS = ["column_0", "column_2", "column_3"]  # of a file whose column 1 has the words
TAGS = {"Anna": "PER", "Berta": "PER", "Rome": "LOC"}


def written(run: Path, path: Path, *arguments) -> Path:
    assert predict(run, *arguments, "-o", path).stdout == ""
    return path


def conll(sentences: list[str]) -> str:
    """A word a line: its number, the word, its tag."""
    rows = ([f"{n} {word} {TAGS.get(word, 'O')}" for n, word in enumerate(each.split())] for each in sentences)
    return "\n\n".join("\n".join(each) for each in rows) + "\n"


@pytest.fixture(scope="module")
def words(tmp_path_factory) -> Path:
    """A tagger of words, whose data are gone."""
    folder = tmp_path_factory.mktemp("words")
    for split, count in (("train", 40), ("dev", 12), ("test", 12)):
        (folder / f"{split}.txt").write_text(conll(SENTENCES * (count // len(SENTENCES))))
    dataset = {"name": "conll", "path": str(folder), "token_column": 1, "max_len": MAX_LEN}
    run = train_sections(folder, dataset, NETWORK, {"name": "tagger", "epochs": 1})
    for file in folder.glob("*.txt"):
        file.unlink()
    return run


@pytest.fixture(scope="module")
def steps(tmp_path_factory) -> Path:
    """A tagger of the steps of ragged series."""
    folder = tmp_path_factory.mktemp("steps")
    values, high = ragged()
    np.savez(folder / "own.npz", x=values, high=np.where(high, "high", "low"))
    dataset = {"name": "sequences", "path": "own.npz", "labels": "high", "label_each": "step"}
    return train_sections(folder, dataset, NETWORK, {"name": "tagger", "epochs": 1})


def ragged() -> tuple[np.ndarray, np.ndarray]:
    """Series (samples, TIME, 1), NaN past their ends, and which of their steps are above 500."""
    random = np.random.default_rng(0)
    values = random.uniform(0, 1000, (40, TIME, 1))
    values[np.arange(TIME) >= np.where(np.arange(40) % 4, TIME, 3)[:, None]] = np.nan
    return values, values[..., 0] > 500


# --- words ------------------------------------------------------------------------------------------------------------


def test_every_word_gets_the_tag_that_the_run_gave_it(words, tmp_path):
    (tmp_path / "new.txt").write_text("\n".join(SENTENCES) + "\n")
    given = ["--input", tmp_path / "new.txt"]
    table = pd.read_csv(written(words, tmp_path / "out.csv", *given))
    assert list(table) == ["sentence", "token", "tag", "probability"]
    assert list(table["token"]) == " ".join(SENTENCES).split()
    assert list(table["sentence"]) == [n for n, sentence in enumerate(SENTENCES) for _ in sentence.split()]
    with np.load(words / "predictions.npz") as saved:
        own = saved["predictions"][np.argsort(saved["index"])][: len(SENTENCES)]  # the test's first are these
    tags = json.loads((words / "artifacts" / "spec.json").read_text())["target"]["tags"]
    real = [own[number, : len(sentence.split())] for number, sentence in enumerate(SENTENCES)]
    expected = np.concatenate(real)  # (words, tags)
    np.testing.assert_allclose(table["probability"], expected.max(axis=1), atol=1e-6)
    assert list(table["tag"]) == [tags[number] for number in expected.argmax(axis=1)]


def test_words_are_the_same_however_they_come(words, tmp_path):
    (tmp_path / "new.txt").write_text("\n".join(SENTENCES))
    (tmp_path / "new.conll").write_text(conll(SENTENCES))
    pd.DataFrame({"line": SENTENCES}).to_csv(tmp_path / "new.csv")
    shown = [
        predict(words, *(part for sentence in SENTENCES for part in ("--text", sentence))),
        predict(words, "--input", "-", stdin="\n".join(SENTENCES)),
        predict(words, "--input", tmp_path / "new.txt"),
        predict(words, "--input", tmp_path / "new.conll"),
        predict(words, "--input", tmp_path / "new.csv", "--column", "line"),
    ]
    assert len({each.stdout for each in shown}) == 1
    head, _, *rows = shown[0].stdout.splitlines()
    assert head.split() == ["sentence", "token", "tag", "probability"]
    assert [row.split()[1] for row in rows] == " ".join(SENTENCES).split()


def test_words_past_the_end_are_listed_without_a_tag(words, tmp_path):
    long = "one two three Anna sees Berta today"
    texts = ["--text", "Rome .", "--text", long]
    result = predict(words, *texts)
    warning = " ".join(result.stderr.split())
    assert "2 tokens without a tag" in warning and "in sentence 1" in warning and "5 of a sentence" in warning
    assert result.stdout.splitlines()[-1].split() == ["1", "today"]
    table = pd.read_json(written(words, tmp_path / "out.jsonl", *texts), lines=True)
    assert table["token"].tolist() == ["Rome", ".", *long.split()]
    assert table["tag"].isna().tolist() == table["probability"].isna().tolist() == [False] * 7 + [True] * 2
    short = pd.read_json(written(words, tmp_path / "cut.jsonl", "--text", " ".join(long.split()[:5])), lines=True)
    assert list(short["tag"]) == list(table["tag"][2:7])
    arrays = arrays_of(written(words, tmp_path / "out.npz", *texts))
    assert arrays["predictions"].shape == (2, MAX_LEN, 3)
    assert (arrays["predicted"][0, 2:] == -1).all() and (arrays["predicted"][1] >= 0).all()
    assert list(arrays["tags"][arrays["predicted"][1]]) == list(table["tag"][2:7])


def test_a_files_other_columns_stand_beside_the_tags(words, tmp_path):
    (tmp_path / "new.conll").write_bytes("1\tAnna\tcafé\tPER\n2\tsees\t_\tO\n\n1\tRome\t007\tLOC\n".encode("latin-1"))
    how = ["--encoding", "latin-1"]
    table = pd.read_csv(written(words, tmp_path / "out.csv", "--input", tmp_path / "new.conll", *how), dtype=str)
    assert list(table) == ["sentence", "token", *OTHERS, "tag", "probability"]
    other = {name: list(table[name]) for name in OTHERS}
    cells = [["1", "Anna", "café", "PER"], ["2", "sees", "_", "O"], ["1", "Rome", "007", "LOC"]]
    assert other == {name: [row[int(name[-1])] for row in cells] for name in OTHERS}
    path = tmp_path / "new.conll"
    assert "--decimal: has no meaning for" in predict(words, "--input", path, "--decimal", ",", code=2).stderr
    path.write_text("1;Anna;;PER\n\n1;Rome;;LOC\n")
    shown = predict(words, "--input", path, "--delimiter", ";").stdout.splitlines()[2:]
    assert [line.split()[1] for line in shown] == ["Anna", "Rome"]
    pd.DataFrame({"line": SENTENCES, "id": range(4)}).to_csv(tmp_path / "new.csv", sep=";")
    how = ["--column", "line", "--delimiter", ";"]
    table = pd.read_csv(written(words, tmp_path / "out.csv", "--input", tmp_path / "new.csv", *how))
    assert list(table) == ["sentence", "token", "Unnamed: 2", "id", "tag", "probability"]
    assert list(table["id"]) == [number for number, text in enumerate(SENTENCES) for _ in text.split()]


def test_a_text_file_in_conll_form_is_read_as_such(words, tmp_path):
    (tmp_path / "new.txt").write_text("# a comment\n" + conll(SENTENCES))
    result = predict(words, "--input", tmp_path / "new.txt")
    assert "is read as CoNLL" in result.stderr and "3 columns" in result.stderr
    texts = predict(words, *(part for sentence in SENTENCES for part in ("--text", sentence)))
    assert result.stdout == texts.stdout and texts.stderr == ""


@pytest.mark.parametrize(
    "text",
    [
        "Anna sees Rome\n\nhe sees Berta\n",  # a blank line after each, as they stand in no CoNLL file
        "Anna sees Rome\nhe sees Berta\n",
        "Rome .\n\nAnna sees Rome\nhe sees Berta\n",
        "Anna\nsees\n\nRome\n",
    ],
)
def test_other_text_files_have_a_sentence_a_line(words, tmp_path, text):
    (tmp_path / "new.txt").write_text(text)
    result = predict(words, "--input", tmp_path / "new.txt")
    lines = enumerate(text.splitlines())
    rows = [(str(number), word) for number, line in lines for word in line.split()]  # a blank line has a number too
    assert [(*row.split()[:2],) for row in result.stdout.splitlines()[2:]] == rows
    blank = text.splitlines().count("")
    assert f"{blank} blank line" in result.stderr if blank else result.stderr == ""
    assert result.stdout == predict(words, "--input", "-", stdin=text).stdout


@pytest.mark.parametrize(
    ("arguments", "words_told"),
    [
        ([], "give either --text (as often as you like) or --input FILE"),
        (["--text", " "], "--text number 1: no text"),
        (["--text", "a", "--threshold", "0.5"], "--threshold is for runs that classify or label, and"),
        (["--text", "a", "--encode"], "--encode is for runs that reconstruct, and"),
        (["--input", "RUN"], "none of .txt, .csv, .tsv, .jsonl, .parquet, .conll, .conllu, .npy, .npz"),
    ],
)
def test_a_mistake_is_told_in_words(words, arguments, words_told):
    given = [words / "run.json" if argument == "RUN" else argument for argument in arguments]
    assert words_told in " ".join(predict(words, *given, code=2).stderr.split())


# --- steps ------------------------------------------------------------------------------------------------------------


def test_every_step_of_a_series_gets_a_tag(steps, tmp_path):
    values, _ = ragged()
    np.save(tmp_path / "new.npy", values)
    given = ["--input", tmp_path / "new.npy"]
    table = pd.read_csv(written(steps, tmp_path / "out.csv", *given))
    assert list(table) == ["row", "step", "tag", "probability"]
    rows, numbers = np.nonzero(~np.isnan(values[..., 0]))
    assert table["row"].tolist() == rows.tolist() and table["step"].tolist() == numbers.tolist()
    arrays = arrays_of(written(steps, tmp_path / "out.npz", *given))
    np.testing.assert_array_equal(arrays["predicted"] == -1, np.isnan(values[..., 0]))
    found = arrays["predictions"][rows, numbers]
    np.testing.assert_allclose(table["probability"], found.max(axis=1), rtol=1e-7)
    assert list(table["tag"]) == list(arrays["tags"][found.argmax(axis=1)])
    with np.load(steps / "predictions.npz") as saved:
        for index, own in zip(saved["index"], saved["predictions"], strict=True):
            length = int((~np.isnan(values[index, :, 0])).sum())
            np.testing.assert_allclose(arrays["predictions"][index, :length], own[:length], atol=1e-6)
    assert "reads no texts" in predict(steps, "--text", "a", code=2).stderr
