"""Which settings matter, as tables of text: what `seqrun explain` prints."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from seqrun.comparing.differences import show
from seqrun.comparing.explaining.effects import Effect, Explanation, share
from seqrun.comparing.verdict import Verdict
from seqrun.readable import counted, figure
from seqrun.tasks.pages import NOTHING, Section

ALONE = ("alone", "interval [95%]")
LAST = ("last", "interval [95%] of last")
HEADERS = ["setting", "from", "to", *ALONE, "verdict", "share", *LAST, "verdict of last"]
NUMERIC = (*ALONE, "share", *LAST)


def sections(found: Explanation) -> Iterator[Section]:
    """Yield the table of the effects; the last rows are all changes together, and what the single ones leave."""
    total = found.together.difference
    rows = [_cells(effect, total) for effect in found.effects]
    together = ["together", NOTHING, NOTHING, _signed(total), _interval(found.together), found.together.text]
    rows.append(_filled(together))
    if len(found.effects) > 1:
        part = None if found.rest is None or not total else found.rest / total
        rest = ["rest (interaction)", NOTHING, NOTHING, _signed(found.rest), NOTHING, NOTHING, _percent(part)]
        rows.append(_filled(rest))
    yield Section(HEADERS, rows, NUMERIC)


def remarks(found: Explanation) -> Iterator[str]:
    """Yield what a reader should know of the effects."""
    yield (
        f"effects on {found.metric}, by {counted(len(found.seeds), 'seed')}: alone is A with this one setting of B, "
        "against A; last is B, against B with this one setting of A"
    )
    yield from found.notes
    for effect in found.effects:
        yield from (f"{effect.change.name}: {reason}" for reason in effect.reasons)
    if found.together.reason:
        yield found.together.reason


def _cells(effect: Effect, total: float | None) -> list[str]:
    alone, last, settings = effect.alone, effect.last, effect.change.settings
    return [
        "\n".join(each.name for each in settings),  # those that are changed together stand side by side
        "\n".join(show(each.before) for each in settings),
        "\n".join(show(each.after) for each in settings),
        _signed(None if alone is None else alone.difference),
        _interval(alone),
        NOTHING if alone is None else alone.text,
        _percent(share(alone, total)),
        _signed(None if last is None else last.difference),
        _interval(last),
        NOTHING if last is None else last.text,
    ]


def _filled(cells: Sequence[str]) -> list[str]:
    """Return a row with nothing in the columns that are left."""
    return [*cells, *[NOTHING] * (len(HEADERS) - len(cells))]


def _signed(value: float | None) -> str:
    return NOTHING if value is None else f"{'+' if value > 0 else ''}{figure(value)}"


def _percent(value: float | None) -> str:
    return NOTHING if value is None else f"{value:.0%}"


def _interval(verdict: Verdict | None) -> str:
    if verdict is None or verdict.interval is None:
        return NOTHING
    return f"{_signed(verdict.interval[0])} to {_signed(verdict.interval[1])}"
