"""Checks as a table of text, on a terminal and in Markdown."""

from __future__ import annotations

from seqrun.comparing.checking.checks import Check, Checked
from seqrun.comparing.checking.limits import number
from seqrun.comparing.markdown import escaped, markdown_table
from seqrun.tasks.pages import NOTHING

HEADERS = ("figure", "run", "baseline", "change", "limit", "result")
NUMERIC = ("run", "baseline", "change")


def rows(checked: Checked) -> list[list[str]]:
    """Return a row a check, under HEADERS."""
    return [_row(check) for check in checked.checks]


def _row(check: Check) -> list[str]:
    change = NOTHING if check.change is None else f"{'+' * (check.change > 0)}{number(check.change)}"
    figures = [NOTHING if value is None else number(value) for value in (check.value, check.baseline)]
    return [check.limit.figure, *figures, change, str(check.limit), "ok" if check.passed else "FAILED"]


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
    table = markdown_table(HEADERS, rows(checked), NUMERIC)
    parts = [f"### {heading}", escaped(conclusion(checked)), table]
    if checked.failed:
        parts.append("\n".join(f"- {escaped(f'{check.limit.figure}: {check.reason}')}" for check in checked.failed))
    return "\n\n".join([*parts, *(f"Note: {escaped(note)}" for note in checked.notes)]) + "\n"
