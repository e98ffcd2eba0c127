"""Checks as a table of text, on a terminal and in Markdown."""

from __future__ import annotations

from collections.abc import Callable

from seqrun.comparing.checking.checks import Check, Checked
from seqrun.comparing.checking.limits import number
from seqrun.comparing.markdown import escaped, markdown_table
from seqrun.readable import figure
from seqrun.tasks.pages import NOTHING

HEADERS = ("figure", "run", "baseline", "change", "limit", "result")
VERDICT = ("verdict", "change [95%]", "test")  # where a verdict can be given
NUMERIC = ("run", "baseline", "change", "change [95%]")


def headers(checked: Checked) -> list[str]:
    """Return the columns' names; those of the verdicts if there are any."""
    return [*HEADERS, *(VERDICT if _judged(checked) else ())]


def rows(checked: Checked) -> list[list[str]]:
    """Return a row a check, under its headers."""
    return [_row(check)[: len(headers(checked))] for check in checked.checks]


def told_verdicts(checked: Checked) -> list[str]:
    """Return a line for each verdict, with its test and its interval."""
    return [
        f"{check.limit.figure}: {check.verdict.text}, {_tested(check)}" for check in checked.checks if check.verdict
    ]


def _judged(checked: Checked) -> bool:
    return any(check.verdict is not None for check in checked.checks)


def _tested(check: Check) -> str:
    verdict = ["" if cell == NOTHING else cell for cell in _verdict_cells(check)]
    return f"{f'change {verdict[1]} [95%], ' if verdict[1] else ''}{verdict[2]}"


def _row(check: Check) -> list[str]:
    change = NOTHING if check.change is None else _signed(check.change, number)
    figures = [NOTHING if value is None else number(value) for value in (check.value, check.baseline)]
    found = [check.limit.figure, *figures, change, str(check.limit), "ok" if check.passed else "FAILED"]
    return [*found, *_verdict_cells(check)]


def _verdict_cells(check: Check) -> list[str]:
    verdict = check.verdict
    if verdict is None:
        return [NOTHING] * len(VERDICT)
    ends = NOTHING if verdict.interval is None else " to ".join(_signed(end, figure) for end in verdict.interval)
    return [verdict.text, ends, verdict.test or NOTHING]


def _signed(value: float, told: Callable[[float], str]) -> str:
    return f"{'+' * (value > 0)}{told(value)}"


def conclusion(checked: Checked) -> str:
    """Return what came of it in one line: which runs, against what, how many limits hold."""
    held, against = len(checked.checks) - len(checked.failed), ""
    if checked.against is not None:
        against = f" against {checked.against.names}"
    means = f" (means of {len(checked.run.runs)} runs)" if len(checked.run.runs) > 1 else ""
    return f"{checked.run.names}{means}{against}: {held} of {len(checked.checks)} limits hold"


def summary(checked: Checked) -> str:
    """Return the checks as Markdown, for the page that a CI system shows of a job."""
    heading = "seqrun check: FAILED" if checked.failed else "seqrun check: passed"
    table = markdown_table(headers(checked), rows(checked), NUMERIC)
    parts = [f"### {heading}", escaped(conclusion(checked)), table]
    if checked.failed:
        parts.append("\n".join(f"- {escaped(f'{check.limit.figure}: {check.reason}')}" for check in checked.failed))
    return "\n\n".join([*parts, *(f"Note: {escaped(note)}" for note in checked.notes)]) + "\n"
