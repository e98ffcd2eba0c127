"""Tables in Markdown, as a renderer of it reads them."""

from __future__ import annotations

import html
import re

import pytest
from commands import run_command
from markdown_it import MarkdownIt

from seqrun.comparing.markdown import markdown_table

TEXTS = [
    "__init__ _x_ imdb_lstm",
    "~~struck~~ **bold** `code` a|b c\\|d",
    "<b>x</b> &lt;b&gt; &amp;",
    "[link](http://example.org)",
    "12:30:05 and -0.0112 [-0.0498, +0.0265]",
]


@pytest.mark.parametrize("text", TEXTS)
def test_cells_are_shown_as_they_are(text):
    read = MarkdownIt("commonmark").enable(["table", "strikethrough"]).render(markdown_table(["name"], [[text]]))
    (cell,) = re.findall("<td>(.*)</td>", read)
    assert html.unescape(cell) == text  # no tag is left, and no mark is gone


def test_nobody_is_told_and_nothing_linked():
    table = markdown_table(["name"], [["@team #12 $x$ :tada:"]])
    for word in ("@team", "#12", " $x", ":tada:"):
        assert word not in table


def test_no_text_of_a_run_turns_the_reading_direction(make_run):
    run = make_run(test={"auc": 0.9}, settings={"tags": ["\u202egnp.exe"]})
    for command in ("compare", "report"):
        assert "\u202e" not in run_command(command, run, "--format", "md").stdout
