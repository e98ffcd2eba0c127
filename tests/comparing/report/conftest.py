"""Runs of every kind, without training, and the report of runs as an HTML parser and a browser see it."""

from __future__ import annotations

import json
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest
from commands import run_command

VOID = ("meta", "link", "input", "img", "br")
IMPLIED = {
    "td": ("td", "th"),
    "th": ("td", "th"),
    "tr": ("td", "th", "tr"),
    "tbody": ("td", "th", "tr", "thead"),
    "dt": ("dt", "dd"),
    "dd": ("dt", "dd"),
}


class Element:
    """An element of a page: its tag, attributes, children and text."""

    def __init__(self, tag: str, attributes: dict[str, str | None]):
        self.tag, self.attributes = tag, attributes
        self.children: list[Element | str] = []

    @property
    def text(self) -> str:
        return "".join(each if isinstance(each, str) else each.text for each in self.children)

    def all(self, tag: str | None = None, **attributes: str) -> list[Element]:
        """The elements below with this tag and these attributes; `class_` is one of its classes."""
        found = []
        for each in self.children:
            if isinstance(each, Element):
                found += [each] if (tag is None or each.tag == tag) and each.has(attributes) else []
                found += each.all(tag, **attributes)
        return found

    def has(self, attributes: dict[str, str]) -> bool:
        own = {**self.attributes, "class_": None}
        if "class_" in attributes and attributes["class_"] not in (self.attributes.get("class") or "").split():
            return False
        return all(own.get(name) == value for name, value in attributes.items() if name != "class_")


class Tree(HTMLParser):
    """A page as elements; unclosed cells and rows end where the next begins, as HTML has it."""

    def __init__(self, text: str):
        super().__init__()
        self.root = Element("document", {})
        self._open = [self.root]
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attributes):
        while self._open[-1].tag in IMPLIED.get(tag, ()):
            self._open.pop()
        element = Element(tag, dict(attributes))
        self._open[-1].children.append(element)
        if tag not in VOID:
            self._open.append(element)

    def handle_startendtag(self, tag, attributes):
        self._open[-1].children.append(Element(tag, dict(attributes)))

    def handle_endtag(self, tag):
        if tag in ("table", "thead", "tbody", "tr", "dl"):
            while self._open[-1].tag != tag and self._open[-1].tag in (*IMPLIED, "thead"):
                self._open.pop()
        assert self._open[-1].tag == tag, f"</{tag}> in <{self._open[-1].tag}>"
        self._open.pop()

    def handle_data(self, data):
        self._open[-1].children.append(data)


@pytest.fixture
def page_of(tmp_path):
    """page_of(run, ..., "--no-plots"): the page that `seqrun report` writes of runs, as a tree."""

    def page_of(*arguments: object) -> Element:
        run_command("report", *arguments, "-o", tmp_path / "report.html")
        return Tree((tmp_path / "report.html").read_text("utf-8")).root

    return page_of


@pytest.fixture
def forecaster(make_run):
    """forecaster(targets, predictions): a run that forecast; both (windows, steps, targets)."""

    def forecaster(targets: np.ndarray, predictions: np.ndarray, **options) -> Path:
        settings = {"dataset.name": "series", "trainer.name": "forecaster", "architecture.name": "gru"}
        run = make_run(name="load_gru", settings=settings, test={"mae": 1.0}, **options)
        np.savez(run / "predictions.npz", targets=targets, predictions=predictions, index=np.arange(len(targets)) + 100)
        return run

    return forecaster


@pytest.fixture
def with_examples():
    """with_examples(run, examples): the run with decoded test samples."""

    def with_examples(run: Path, examples: list[dict]) -> Path:
        (run / "artifacts").mkdir(exist_ok=True)
        (run / "artifacts" / "examples.json").write_text(json.dumps(examples))
        return run

    return with_examples
