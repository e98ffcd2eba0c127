"""The page of `seqrun report` in Debian's Chromium: by keyboard, on a phone, in the dark, printed, checked by axe."""

from __future__ import annotations

import base64
import importlib.util
import json
import math
from pathlib import Path

import browser
import numpy as np
import pytest
from commands import run_command
from conftest import RunMaker

HISTORY = [
    {"epoch": n, "loss": 1 / n, "val_loss": 1.5 / n, "auc": 1 - 0.5 / n, "val_auc": 0.9 - 0.4 / n} for n in range(1, 9)
]
SCORES = {"first": 0.91, "second": 0.87, "third": 0.95, "none": None}


@pytest.fixture(scope="module")
def report(tmp_path_factory) -> str:
    """The address of a report of runs of every kind and status."""
    folder = tmp_path_factory.mktemp("report")
    make = RunMaker(folder / "runs")
    for units, (name, score) in enumerate(SCORES.items()):
        status = "failed" if score is None else "finished"
        test = {} if score is None else {"auc": score, "accuracy": score - 0.1}
        make(name=name, settings={"architecture.units": units}, test=test, history=HISTORY[: 4 + units], status=status,
             warnings=[f"{name} loses"], error="no room" if score is None else None)  # fmt: skip
    settings = {"dataset.name": "series", "trainer.name": "forecaster"}
    run = make(name="load", settings=settings, test={"mae": 2.0}, history=HISTORY)
    targets = np.sin(np.arange(10 * 12).reshape(10, 12, 1) / 5)
    np.savez(run / "predictions.npz", targets=targets, predictions=targets * 0.9, index=np.arange(10))
    samples = [{"row": 1, "target": "a", "prediction": "b", "probability": 0.7, "text": "so far so good " * 20}]
    one = next(path for path in make.runs_dir.iterdir() if path.name.endswith("first"))
    (one / "artifacts").mkdir(exist_ok=True)
    (one / "artifacts" / "examples.json").write_text(json.dumps(samples))
    run_command("report", *make.runs_dir.iterdir(), "-o", folder / "report.html")
    return (folder / "report.html").as_uri()


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    if browser.CHROMIUM is None:
        pytest.skip("there is no Chromium")
    with browser.browser(tmp_path_factory.mktemp("browser")) as page:
        yield page


@pytest.fixture(scope="module")
def axe() -> str:
    found = importlib.util.find_spec("axe_core_python")
    if found is None or found.origin is None:
        pytest.skip("axe-core-python, which brings axe, is not installed")
    return Path(found.origin).with_name("axe.min.js").read_text("utf-8")


def shown(page) -> list[str]:
    """The names of the first table's rows that are seen, from top to bottom."""
    rows = "[...document.querySelector('.rows').tBodies[0].rows].filter((row) => row.offsetParent)"
    return page.value(f"{rows}.map((row) => row.cells[0].querySelector('a').textContent)")


@pytest.mark.parametrize(("width", "dark"), [(1100, False), (375, False), (1100, True)])
def test_axe_finds_nothing(page, axe, report, width, dark):
    page.look(width, dark=dark)
    page.open(report)
    page.value("document.querySelectorAll('details').forEach((each) => { each.open = true; })")
    page.value(f"{axe}; 0")
    asked = "axe.run().then((found) => JSON.stringify(found.violations.map((each) => [each.id, each.nodes[0].html])))"
    answer = page.ask("Runtime.evaluate", expression=asked, awaitPromise=True, returnByValue=True)
    assert json.loads(answer["result"]["value"]) == []
    assert page.complaints == []  # the page keeps its own security policy


def test_rows_are_sorted_by_keyboard_and_those_without_a_figure_stay_last(page, report):
    page.look(1100)
    page.open(report)
    header = "[...document.querySelectorAll('.rows thead th')].find((each) => each.textContent.startsWith('test.auc'))"
    assert shown(page) == ["third", "first", "second", "none"]  # best first, as the page is written
    assert page.value(f"{header}.getAttribute('aria-sort')") == "descending"
    page.value(f"{header}.querySelector('button').focus()")
    page.press(browser.ENTER)
    assert page.value(f"{header}.getAttribute('aria-sort')") == "ascending"
    assert shown(page) == ["second", "first", "third", "none"]
    page.press(browser.ENTER)
    assert page.value(f"{header}.getAttribute('aria-sort')") == "descending"
    assert shown(page) == ["third", "first", "second", "none"]


def test_the_first_key_leads_past_the_head_to_the_results(page, report):
    page.look(1100)
    page.open(report)
    page.press(browser.TAB)
    assert page.value("document.activeElement.textContent") == "Skip to the results"
    page.press(browser.ENTER)
    page.wait_for("document.activeElement.id === 'results'")


def test_rows_are_filtered_with_their_curves_and_sections(page, report):
    page.look(1100)
    page.open(report)
    page.value("document.getElementById('filter').focus()")
    page.type("FIRST")
    assert shown(page) == ["first"]
    assert page.value("document.getElementById('found').textContent") == "1 of 5 rows"
    curves = "[...document.querySelectorAll('.chart-1 .curve')].filter((each) => !each.hasAttribute('hidden')).length"
    assert page.value(curves) == 2  # on training and on validation
    runs = "[...document.querySelectorAll('details.run[id]')].filter((each) => !each.hidden).map((each) => each.id)"
    assert len(page.value(runs)) == 1


def test_a_link_opens_its_run(page, report):
    page.look(1100)
    page.open(report)
    page.value("document.querySelector('.rows tbody a').click()")
    page.wait_for("document.querySelector(location.hash)?.open === true")
    assert page.value("document.querySelector(location.hash + ' h3').textContent").endswith("third")


def test_the_pointer_is_told_the_value_under_it(page, report):
    page.look(1100)
    page.open(report)
    circle = "document.querySelector('.chart-1 figure:nth-of-type(2) .curve circle')"
    page.value(f"{circle}.scrollIntoView({{block: 'center'}})")
    x, y = page.value(f"(({{x, y, width}}) => [x + width / 2, y + width / 2])({circle}.getBoundingClientRect())")
    page.ask("Input.dispatchMouseEvent", type="mouseMoved", x=x, y=y)
    page.wait_for("!document.getElementById('tip').hidden")
    name, _, told = page.value("document.getElementById('tip').textContent").rpartition(": ")
    value, _, epoch = told.partition(" at epoch ")
    row = next(row for row in HISTORY if row["epoch"] == int(epoch))
    assert math.isclose(float(value), row["val_loss"], rel_tol=2e-3)
    assert name.partition("_")[2] in SCORES


def test_another_metric_is_chosen_without_javascript(page, report):
    page.look(1100)
    page.ask("Emulation.setScriptExecutionDisabled", value=True)
    try:
        page.open(report)
        charts = "[...document.querySelector('.charts').querySelectorAll('.chart')]"
        seen = f"{charts}.map((each) => each.offsetHeight > 0)"
        assert page.value(seen) == [True, False]
        assert page.value("document.querySelectorAll('.rows button').length") == 0
        assert page.value("document.getElementById('filter').offsetParent") is None
        page.value("document.querySelector('.charts input').focus()")
        page.press({"key": "ArrowRight", "code": "ArrowRight", "windowsVirtualKeyCode": 39})
        assert page.value(seen) == [False, True]
    finally:
        page.ask("Emulation.setScriptExecutionDisabled", value=False)


@pytest.mark.parametrize("dark", [False, True])
def test_the_page_fits_a_phone_and_can_be_read(page, report, dark):
    page.look(375, dark=dark)
    page.open(report)
    page.value("document.querySelectorAll('details').forEach((each) => { each.open = true; })")
    assert page.value("document.scrollingElement.scrollWidth") <= 375
    colours = page.value("(({color, backgroundColor}) => [color, backgroundColor])(getComputedStyle(document.body))")
    ink, paper = (sum(map(int, colour[4:-1].split(","))) for colour in colours)
    assert (ink > paper) is dark
    assert page.value("[...document.querySelectorAll('.card .wide')].every((e) => e.scrollWidth <= e.clientWidth)")


def test_it_is_printed_with_the_chart_that_was_chosen_and_its_card(page, report):
    page.look(1100)
    page.open(report)
    dark = {"name": "prefers-color-scheme", "value": "dark"}
    page.ask("Emulation.setEmulatedMedia", media="print", features=[dark])
    try:
        assert page.value("document.querySelector('.chart-1').offsetHeight") > 0
        assert page.value("document.querySelector('.charts fieldset').offsetParent") is None
        assert page.value("document.getElementById('filter').offsetParent") is None
        assert page.value("document.querySelector('.card td').checkVisibility({contentVisibilityAuto: true})")
        assert page.value("getComputedStyle(document.body).color") == "rgb(28, 32, 36)"  # dark on paper
        assert base64.b64decode(page.ask("Page.printToPDF")["data"]).startswith(b"%PDF")
    finally:
        page.ask("Emulation.setEmulatedMedia", media="")
