"""What runs have recorded that an option can name: metrics and tags."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from seqrun.comparing.comparison import ALIASES, COLUMNS
from seqrun.comparing.slices.outcome import KINDS
from seqrun.comparing.values import values
from seqrun.completion.line import Candidate, Line
from seqrun.completion.places import runs
from seqrun.errors import UsageError
from seqrun.rundir.names import RUNS, find_runs, runs_in
from seqrun.rundir.reading import RunRecord, read_run

MOST = 20  # runs that are looked into


def metrics(line: Line) -> Iterator[Candidate]:
    """Yield the metrics that the runs on the line have, or else the newest runs: `auc`, then `validation.auc` ..."""
    full = dict.fromkeys(name for run in _runs(line) for name in values(run))
    bare = [name.removeprefix("test.") for name in full if name.startswith("test.")]
    return line.fitting([*bare, *sorted(name for name in full if "." in name)])


def tolerances(line: Line) -> Iterator[Candidate]:
    """Yield the metrics that the runs on the line have, each ready for how much worse it may be: `auc=`."""
    return (Candidate(f"{each.value}=") for each in metrics(line))


def sortable(line: Line) -> Iterator[Candidate]:
    """Yield what a comparison can be sorted by; after a -, in the other order."""
    sign = "-" if line.incomplete.startswith("-") else ""
    typed = Line(line.words, line.incomplete.removeprefix("-"))
    for each in (*typed.fitting([*COLUMNS, *ALIASES]), *metrics(typed)):
        yield each._replace(value=f"{sign}{each.value}")


def slices(line: Line) -> Iterator[Candidate]:
    """Yield what metrics can be told apart by, whatever the data."""
    return line.fitting(KINDS)


def tags(line: Line) -> Iterator[Candidate]:
    """Yield the tags of the runs on the line, or else of the newest runs, each also with the sign that was typed."""
    sign = line.incomplete[:1] if line.incomplete[:1] in ("+", "-") else ""
    found = sorted({tag for run in _runs(line) for tag in run.tags})
    return line.fitting(f"{sign}{tag}" for tag in found)


def runs_or_tags(line: Line) -> Iterator[Candidate]:
    """Yield tags after a + or -, else runs."""
    return tags(line) if line.incomplete.startswith(("+", "-")) else runs(line)


def _runs(line: Line) -> Iterator[RunRecord]:
    """Yield the runs that the words of the line name, or else the newest in `runs/`; what cannot be read is none."""
    words = [word for word in line.words if not word.startswith(("-", "+"))][1:]
    named = [path for word in words for path in _called(word)]
    for path in (named or runs_in(RUNS))[:MOST]:
        with suppress(UsageError):
            yield read_run(path)


def _called(word: str) -> list[Path]:
    try:
        return find_runs(word)
    except UsageError:  # it is the value of an option, or a pattern
        return []
