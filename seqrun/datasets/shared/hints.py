"""The settings by which cells that are no numbers might be some."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence

from seqrun.datasets.shared.layout import Layout

_EXAMPLES = 40  # characters of a cell that are shown
# What cells look like, in the order in which it is tried; the settings that would read them.
_FORMS = (
    (re.compile(r"[+-]?\d{1,3}(,\d{3})+(\.\d+)?"), {"thousands": ","}),
    (re.compile(r"[+-]?\d{1,3}(\.\d{3})+,\d+"), {"decimal": ",", "thousands": "."}),
    (re.compile(r"[+-]?\d{1,3}(\.\d{3})+"), {"thousands": "."}),
    (re.compile(r"[+-]?\d{1,3}([ \u00a0\u202f\u2009]\d{3})+([.]\d+)?"), {"thousands": " "}),
    (re.compile(r"[+-]?\d{1,3}([ \u00a0\u202f\u2009]\d{3})+,\d+"), {"decimal": ",", "thousands": " "}),
    (re.compile(r"[+-]?\d{1,3}('\d{3})+([.,]\d+)?"), {"thousands": "'"}),
    (re.compile(r"[+-]?\d*,\d+([eE][+-]?\d+)?"), {"decimal": ","}),
)


def hints(cells: Sequence[tuple[int, str]], first: int | None, layout: Layout) -> str:
    """Return what to do about cells that are no numbers, each given with its line; `first` is that of the first row.

    It is None where lines cannot be skipped.
    """
    units = {cell for line, cell in cells if line == first}
    others = [cell for line, cell in cells if line != first]
    alike = {*map(_shape, units)} & {*map(_shape, others)}
    if alike or any(_settings_for(cell.strip(), comma=False) for cell in units):  # a row like others
        units, others = set(), [cell for _, cell in cells]
    skipped = f"line {first} seems to hold units or the like: dataset.skip_rows: [{first}] leaves it out"
    lines = [*([skipped] if units else []), *_of_forms(others, layout)]
    return "\n".join(lines or ["mend them, or say that they are empty cells: dataset.missing_values: ['?']"])


def _shape(cell: str) -> str:
    """Return what $1 and $2.50 have in common: a 9 for all digits and points between them."""
    return re.sub(r"\d+(\.\d+)*", "9", cell)


def setting_for(cell: str, layout: Layout) -> str | None:
    """Return the settings by which a single cell is a number, as text; None if there are none."""
    return _changed(_settings_for(cell.strip(), comma=False), layout)


def _of_forms(cells: Sequence[str], layout: Layout) -> Iterator[str]:
    """Yield a line for each form that cells have."""
    forms: dict[str, str] = {}  # settings -> the first cell that is so
    words: Counter[str] = Counter()
    comma = any(re.fullmatch(r"\s*[+-]?(\d{4,},\d+|\d*,(\d{1,2}|\d{4,}))\s*", cell) for cell in cells)
    for cell in cells:
        if (settings := _changed(_settings_for(cell.strip(), comma), layout)) is not None:
            forms.setdefault(settings, cell)
        elif not re.search(r"\d", cell) or re.fullmatch(r"-?9+(\.0+)?", cell):
            words[cell] += 1
    for setting, cell in forms.items():
        yield f"cells such as {cell[:_EXAMPLES]}: {setting}"
    if words:
        shown = ", ".join(repr(word[:_EXAMPLES]) for word, _ in words.most_common(3))
        yield f"if such cells are empty ones: dataset.missing_values: [{shown}]"


def _settings_for(cell: str, comma: bool) -> dict[str, str] | None:
    """Return the settings that read a cell; `comma`: in others a comma surely is the decimal one."""
    for form, settings in _FORMS:
        if form.fullmatch(cell) and not (comma and settings == {"thousands": ","}):
            return settings
    return {"decimal": ","} if comma and re.fullmatch(r"[+-]?\d*,\d+", cell) else None


def _changed(settings: dict[str, str] | None, layout: Layout) -> str | None:
    """Return settings as text; None if there are none, or if they are those of the layout already."""
    if settings is None or all(getattr(layout, name) == value for name, value in settings.items()):
        return None
    return "; ".join(f"dataset.{name}: {value!r}" for name, value in settings.items())
