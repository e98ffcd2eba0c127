"""YAML as a config reads it: 1.2 scalars, and what is refused, each at its line and column."""

from __future__ import annotations

import math

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from seqrun.config.document import parse, read_file
from seqrun.config.node import Findings, find, plain
from seqrun.config.scalars import write_yaml
from seqrun.errors import ConfigError, Mark


def read(text: str):
    findings = Findings()
    root = parse(text, lambda line, column: Mark("x", line + 1, column + 1), findings)
    assert findings.problems == []
    return None if root is None else plain(root)


def refusals(tmp_path, content: str | bytes) -> list[tuple[int, int, str]]:
    path = tmp_path / "a.yaml"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    findings = Findings()
    try:
        read_file(path, "a.yaml", findings)
    except ConfigError as error:
        findings.problems.extend(error.problems)
    return [(problem.mark.line, problem.mark.column, problem.message) for problem in findings.problems]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1e-3", 0.001),
        ("1E5", 100000.0),
        ("1.", 1.0),
        (".5", 0.5),
        ("+12", 12),
        ("010", 10),
        ("0o17", 15),
        ("0x1F", 31),
        ("1_000", "1_000"),
        ("1:30", "1:30"),
        ("0b1", "0b1"),
        (".inf", math.inf),
        ("-.INF", -math.inf),
        ("yes", "yes"),
        ("no", "no"),
        ("on", "on"),
        ("off", "off"),
        ("True", True),
        ("false", False),
        ("~", None),
        ("null", None),
        ("2016-01-01", "2016-01-01"),
        ("'12'", "12"),
        ("=", "="),
    ],
)
def test_a_plain_scalar_is_what_yaml_1_2_says(text, value):
    got = read(f"a: {text}")["a"]
    assert got == value
    assert type(got) is type(value)


def test_nan_is_a_number():
    assert math.isnan(read("a: .nan")["a"])


scalars = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=12)
yaml_like = st.from_regex(r"[-+]?[0-9oxeE_.:]{1,8}", fullmatch=True)
data = st.recursive(
    scalars | yaml_like | st.sampled_from(["no", "1e-3", "0o17", "~", "<<", "*a", "2016-01-01", "", "1e-7"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=8,
)


def encodable(value) -> bool:
    """Whether YAML can hold the text in it at all, PyYAML's own judgement."""
    if isinstance(value, dict):
        return all(map(encodable, [*value, *value.values()]))
    if isinstance(value, list):
        return all(map(encodable, value))
    return not isinstance(value, str) or not yaml.reader.Reader.NON_PRINTABLE.search(value)


@given(data.filter(encodable))
def test_what_is_written_is_read_back_the_same(value):
    assert read(write_yaml({"a": value}))["a"] == value


def test_a_small_float_survives_and_stays_a_number_for_other_readers():
    text = write_yaml({"epsilon": 1e-7})
    assert read(text) == {"epsilon": 1e-7}
    assert yaml.safe_load(text) == {"epsilon": 1e-7}


def test_marks_are_where_key_and_value_are_written(tmp_path):
    path = tmp_path / "a.yaml"
    path.write_text("# é\na:\n  ü: [1, 'ö', {b: 2}]\n", encoding="utf-8")
    root = read_file(path, "a.yaml", Findings())
    value = find(root, ("a", "ü", 2, "b"))
    assert (value.mark.line, value.mark.column) == (3, 19)
    assert (value.key.line, value.key.column) == (3, 16)
    assert value.mark.text == "  ü: [1, 'ö', {b: 2}]"
    assert value.mark.directory == tmp_path


# What one mistypes, told in plain words where it was typed.
SLIPS = [
    ("dataset imdb\narchitecture: lstm\n", 1, 8, "a colon is missing: dataset: imdb"),
    ("seed: 1\n# the data\ndataset imdb\n\n# the net\narchitecture: lstm\n", 3, 8, "a colon is missing"),
    ("architecture\n  name: lstm\n", 1, 13, "a colon is missing: architecture:"),
    ("a:\n  name: b\n  units:32\nc: d\n", 3, 8, "a space is missing after the colon: units: 32"),
    ("a:\n  units:32\n  name: b\n", 2, 8, "a space is missing after the colon: units: 32"),
    ("a:\n  name: b\n  units:32\n", 3, 8, "a space is missing after the colon: units: 32"),
    ("a:\n  name: b\n   units: 3\n   c: 4\n", 3, 4, "indented by 3 spaces, and line 2, ... by 2 spaces"),
    ("a:\n  name: b\n units: 3\n", 3, 2, "indented by 1 space, and line 2, ... by 2 spaces"),
    ("a:\n   name: b\n  units: 3\n", 3, 3, "indented by 2 spaces, and line 2, ... by 3 spaces"),
    ("a = 3\nb: 1\n", 1, 2, "a key is followed by a colon: a: 3"),
    ("a: 1\nb: [1, 2\nc: 3\n", 2, 4, "the [ that opens here is not closed: a ] is missing at the end of line 2"),
    ("a: {b: 1\nc: 3\n", 1, 4, "the { that opens here is not closed"),
    ("a: {\n  b: 1,\n  c: 2,\nd: 3\ne: 4\n", 1, 4, "the { that opens here ... missing at the end of line 3"),
    ("a: {b: [1, 2}\nc: 3\n", 1, 8, "the [ that opens here is not closed before the }"),
    ("a: {b: 1\n  c: 2}\n", 1, 9, "a comma is missing at the end of the line"),
    ("a: {b: 1 c: 2}\n", 1, 11, "a comma is missing before this"),
    ("a: {b: 1}}\n", 1, 10, "this } closes nothing"),
    ('a: 1\nb: "x\nc: 2\n', 2, 4, 'the quote " that opens here is not closed'),
    ('a:\n  b: 1\n  c: "x\n  d: 2\n', 3, 6, 'the quote " that opens here is not closed'),
    ("a: 'x\nb: 'y'\n", 1, 4, "the quote ' that opens here is not closed"),
    ("a: {b: 'x, c: 1}\nd: 2\n", 1, 8, "the quote ' that opens here is not closed"),
    ("a: 'it's'\nb: 1\n", 1, 7, "this quote ends the text; inside it, write ''"),
    ('a: "C:\\data"\n', 1, 7, "write \\\\, or single quotes"),
    ("a: @x\n", 1, 4, "needs quotes"),
    ("a:\n  b: ,\n", 2, 6, "needs quotes"),
    ("a:\n  b: #\n", 2, 3, "empty, for # begins a YAML comment; as text it is '#'"),
]


@pytest.mark.parametrize(
    ("content", "line", "column", "words"),
    [
        ("", 1, 1, "empty"),
        ("# only a comment\n", 1, 1, "empty"),
        ("- 1\n", 1, 1, "mapping"),
        ("a:\n\tb: 1\n", 2, 1, "tab"),
        ("a: b: c\n", 1, 5, "mapping values are not allowed"),
        ("a: 1\n---\nb: 2\n", 2, 1, "second YAML document"),
        ("a: 1\nb: 2\na: 3\n", 3, 1, "given twice; first in line 1"),
        ("a: &x 1\nb: [*x]\n", 2, 5, "write ${a}"),
        ("a: &x 1\n", 1, 4, "anchors"),
        ("a: *x\n", 1, 4, "alias"),
        ("a:\n  <<: {b: 1}\n", 2, 3, "merge keys"),
        ("a: !!str 5\n", 1, 4, "tags (!!str)"),
        ("a: !!python/object:os.system x\n", 1, 4, "tags"),
        ("5: a\n", 1, 1, "a key must be text; 5"),
        ("? [a]\n: b\n", 1, 3, "a key must be text"),
        (b"a: 1\nb: \xff\n", 2, 4, "0xff is not UTF-8"),
        ("a: 1\nb: \x07\n", 2, 4, "not allowed in YAML"),
        (f"a: {'9' * 5000}\n", 1, 4, "too long"),
        ("a: " + "[" * 200 + "]" * 200, 1, 54, "nested too deeply"),
        ("a: 1\n" + "#" * 1_000_000, 1, 1, "larger than 1 MB"),
        *SLIPS,
    ],
)
def test_what_is_easily_misread_is_refused_at_its_place(tmp_path, content, line, column, words):
    (found,) = refusals(tmp_path, content)
    assert found[:2] == (line, column)
    assert all(part in found[2] for part in words.split(" ... "))


def test_one_reading_reports_several_refusals(tmp_path):
    found = refusals(tmp_path, "a: &x 1\nb: *x\na: 2\n? 7\n: 8\n")
    assert [line for line, _, _ in found] == [2, 3, 4]


def test_a_byte_order_mark_is_no_part_of_the_first_key(tmp_path):
    path = tmp_path / "a.yaml"
    path.write_text("a: 1\n", encoding="utf-8-sig")
    assert plain(read_file(path, "a.yaml", Findings())) == {"a": 1}


@pytest.mark.parametrize("kind", ["missing", "directory"])
def test_a_file_that_cannot_be_read_is_a_problem(tmp_path, kind):
    path = tmp_path / "a.yaml"
    if kind == "directory":
        path.mkdir()
    with pytest.raises(ConfigError) as caught:
        read_file(path, "a.yaml", Findings())
    assert caught.value.problems[0].mark.source == "a.yaml"
