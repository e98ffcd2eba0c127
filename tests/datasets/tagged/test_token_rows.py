"""Which lines of a CoNLL-style file are tokens' rows: what looks like a comment or an id is rarely one."""

import csv
import io
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seqrun.datasets.tagged.conll import Conll
from seqrun.datasets.tagged.reading import read_sentences

# A token, its lemma in front: what stands first are words that look like ids, or like comments.
LEMMAS = "Zug Zug O\n8.5 8.5 NUM\nfuhr fahren O\n\n3-4 3-4 NUM\n# # O\nkam kommen O\n\n# # O\n10-12 10-12 NUM\n"
CONLLU = (
    "# newdoc id = d1\n# sent_id = 1\n# text = del mar\n1-2\tdel\t_\n1\tde\tADP\n2\tel\tDET\n3\tmar\tNOUN\n\n"
    "# text = Va\n0.1\tél\tPRON\n1\tVa\tVERB\n1.1\ta\tADP\n1.2\tcasa\tNOUN\n2-3\tal\t_\n2\ta\tADP\n3\tel\tDET\n"
)
words = st.sampled_from(["a", "#", "1", "2", "3-4", "2.5", "10-12", "1-2", "x=y", "-DOCSTART-x", "1.1"])


@pytest.fixture
def read(tmp_path):
    """What is read of a text."""

    def read(text, **settings):
        file = tmp_path / "read.txt"
        file.write_text(text)
        return read_sentences(file, Conll(path=file, **settings).layout)

    return read


def tokens(file):
    return [" ".join(sentence.tokens) for sentence in file.sentences]


def test_what_looks_like_an_id_is_a_token_where_the_first_column_does_not_count(read):
    for text in (LEMMAS, LEMMAS.replace(" ", "\t")):
        file = read(text, token_column=1)
        assert tokens(file) == ["Zug 8.5 fahren", "3-4 # kommen", "# 10-12"]
        assert not file.left_out.lines and not file.doubts
        assert file.summary == f"{file.path}: 10 lines read, 3 sentences of 8 tokens"


@given(
    st.lists(st.lists(st.tuples(words, st.sampled_from(["X", "Y"])), min_size=1, max_size=4), min_size=1, max_size=4)
)
def test_every_row_of_tabs_is_a_token_unless_the_first_column_counts(tmp_path_factory, sentences):
    """By the csv module: in files of words there is nothing else to leave out."""
    sentences = [[("a", "X"), *sentence] for sentence in sentences]  # so that no first column counts
    file = tmp_path_factory.getbasetemp() / "words.txt"
    file.write_text("\n\n".join("\n".join(f"{word}\t{word}\t{tag}" for word, tag in each) for each in sentences))
    rows = list(csv.reader(io.StringIO(file.read_text()), delimiter="\t", quoting=csv.QUOTE_NONE))
    found = read_sentences(file, Conll(path=file, token_column=1).layout)
    pairs = [pair for each in found.sentences for pair in zip(each.tokens, each.tags, strict=True)]
    assert pairs == [(row[1], row[2]) for row in rows if row]


sentences = st.lists(
    st.lists(st.tuples(words, st.sampled_from(["X", "Y"])), min_size=1, max_size=4), min_size=1, max_size=4
)
comments = st.lists(
    st.sampled_from(["# newdoc", "# newdoc d1", "# sent_id = 3", "# text = a 3-4 # b", "# lang = de", "#"]), max_size=2
)


@given(st.lists(st.tuples(comments, sentences.map(lambda each: each[0])), min_size=1, max_size=5))
def test_comments_among_tokens_that_are_a_hash_are_told_apart(tmp_path_factory, parts):
    """By how the file was made: its rows are `word word tag`, some words a #, with blanks between."""
    parts = [([], [("a", "X"), ("b", "Y")]), *parts]
    blocks = [[*notes, *(f"{word} {word} {tag}" for word, tag in sentence)] for notes, sentence in parts]
    file = tmp_path_factory.getbasetemp() / "words.txt"
    file.write_text("\n\n".join("\n".join(block) for block in blocks))
    found = read_sentences(file, Conll(path=file, token_column=1).layout)
    made = [[word for word, _ in sentence] for _, sentence in parts]
    assert [each.tokens for each in found.sentences] == made
    assert len(found.left_out.lines.get("comment", [])) == sum(len(notes) for notes, _ in parts)


@given(st.lists(st.lists(st.tuples(st.integers(0, 2), st.integers(0, 2)), min_size=1, max_size=5), max_size=4))
def test_conllu_of_any_ranges_and_empty_nodes_is_read_as_its_words(tmp_path_factory, sentences):
    """Of each word there is given how many further ones a range before it spans, and how many empty nodes follow."""
    sentences = [[(1, 1), (0, 0)], *sentences]
    made, lines = [], []
    for sentence in sentences:
        free = 0  # the last word of the range before
        for number, (span, nodes) in enumerate(sentence, start=1):
            end = min(number + span, len(sentence))
            if span and number > free and end > number:
                lines.append(f"{number}-{end}\tno\t_")
                free = end
            lines.append(f"{number}\tword{number}\tX")
            lines += [f"{number}.{node}\tno\t_" for node in range(1, nodes + 1)]
        lines.append("")
        made.append([f"word{number}" for number in range(1, len(sentence) + 1)])
    file = tmp_path_factory.getbasetemp() / "words.txt"
    file.write_text("\n".join(lines))
    found = read_sentences(file, Conll(path=file, token_column=1).layout)
    assert [each.tokens for each in found.sentences] == made
    assert sum(map(len, found.left_out.lines.values())) == sum("\tno\t" in line for line in lines)


def test_ranges_and_empty_nodes_are_left_out_where_every_sentence_counts_and_are_told(read):
    file = read(CONLLU, token_column=1)
    assert tokens(file) == ["de el mar", "Va a el"]
    assert file.left_out.lines == {"comment": [1, 2, 3, 9], "id range": [4, 14], "empty node": [10, 12, 13]}
    assert file.summary.endswith(
        ": 16 lines read, 2 sentences of 6 tokens; left out: 4 comments (lines 1, 2, 3, 9), 2 id ranges (lines 4, 14), "
        "3 empty nodes (lines 10, 12, 13)"
    )
    assert tokens(read(CONLLU.replace("\t", " "), token_column=1)) == ["de el mar", "Va a el"]


@pytest.mark.parametrize(
    ("rows", "line", "wrong"),
    [
        ("1 a X\n3-4 b X\n2 c X\n3 d X\n4 e X", 4, "3-4"),  # before another token than its first
        ("1 a X\n2-4 b X\n2 c X\n3 d X", 6, "3"),  # past the sentence's end
        ("1 a X\n1.2 b X\n2 c X", 4, "1.2"),  # the first empty node is 1.1
        ("2-3 a X\n2 b X\n3 c X", 3, "2-3"),
        ("1-1.5 a X\n1 b X", None, None),  # no id: so this is no CoNLL-U
    ],
)
def test_ids_that_do_not_fit_are_tokens_and_a_warning_says_so(read, rows, line, wrong):
    file = read(f"1 z Y\n\n{rows}\n", token_column=1)
    assert sum(len(each.tokens) for each in file.sentences) == 1 + len(rows.splitlines())
    assert not file.left_out.lines
    if line is None:
        assert not file.doubts
    else:
        (doubt,) = file.doubts
        assert "are read as tokens, not as CoNLL-U's" in doubt and f"(line {line}: {wrong})" in doubt


def test_a_hash_before_a_sentence_is_a_comment_where_its_columns_are_not_a_rows(read):
    text = "# id 17\n#\n# B-NP\ncosts O\n# B-NP\n5 I-NP\n\n# O\n\n#tag O\n"
    file = read(text)
    assert tokens(file) == ["# costs # 5", "#", "#tag"]
    assert file.left_out.lines == {"comment": [1, 2]}
    every = read(text, comments=True)
    assert tokens(every) == ["costs # 5", "#tag"] and every.left_out.lines == {"comment": [1, 2, 3, 8]}
    assert tokens(read("# B-NP\ncosts O\n", comments=False)) == ["# costs"]


def test_a_hash_is_a_comment_where_tabs_divide_the_rows_and_it_has_none(read):
    text = "# O\n# two words\n# \tO\na b\tO\n"
    assert tokens(read(text)) == ["# a b"] and read(text).left_out.lines == {"comment": [1, 2]}
    assert tokens(read("# O\na O\n")) == ["# a"]


def test_a_comment_with_as_many_columns_as_a_row_is_known_by_what_it_says(read):
    text = "# newdoc\ncosts O\n\n# sent_id=2\n# O\n5 O\n"
    assert tokens(read(text)) == ["costs", "# 5"]
    four = "# sent_id = 1\na b c O\n\n# lang = de\n# # SYM O\n"
    file = read(four)
    assert tokens(file) == ["a", "#"] and file.left_out.lines == {"comment": [1, 4]}


def test_a_hash_is_a_comment_where_the_first_column_is_numbers(read):
    """So it is in a file without tags, of which only the columns tell."""
    file = read("# two words\n5 a O\n7 b O\n", token_column=1)
    assert tokens(file) == ["a b"] and file.left_out.lines == {"comment": [1]}
    assert tokens(read("# X O\n5 NUM O\n")) == ["# 5"]  # here the numbers are tokens


def test_a_hash_with_a_tag_of_its_own_is_a_token_with_a_warning(read):
    file = read("# id 17\na b O\nc d O\n")
    assert tokens(file) == ["# a c"]
    (doubt,) = file.doubts
    assert "line 1: read as 1 token" in doubt and "'# id 17'" in doubt and "dataset.comments: true" in doubt


def test_document_marks_are_told_and_words_that_begin_like_them_are_tokens(read):
    file = read("-DOCSTART- -X- O\n\n-DOCSTART-s X O\n-DOCSTART- (2)\nb X O\n")
    assert tokens(file) == ["-DOCSTART-s", "b"]
    assert file.left_out.lines == {"-DOCSTART- line": [1, 4]}


def test_a_run_says_what_its_files_hold(tmp_path, locations, told):
    (tmp_path / "c.txt").write_text(CONLLU + "\n" + "1-2\tal\t_\n1\ta\tADP\n2\tel\tDET\n\n" * 9)
    Conll(path=tmp_path / "c.txt", token_column=1, min_count=1).load(locations)
    assert re.search(
        r"c\.txt: 53 lines read, 11 sentences of 24 tokens; left out: 4 comments .*, 11 id ranges \(lines 4, 14, ",
        told[-1],
    )
    (tmp_path / "c.txt").write_text("1-2 a X\n1 b Y\n\n" * 10)
    splits = Conll(path=tmp_path / "c.txt", token_column=1).load(locations)
    assert any("are read as tokens" in warning for warning in splits.warnings)
