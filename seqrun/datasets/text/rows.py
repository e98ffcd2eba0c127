"""Labelled texts as they stand in their files, row by row, and what is wrong with a row."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

SHOWN = 10  # rows of a message that are told with what is wrong with them
_NUMBERED = re.compile(r"(line|row) (\d+)")


@dataclass(frozen=True)
class Row:
    """One sample as it stands in its file, or the `fault` for which it cannot be read."""

    where: str  # "line 12", as an editor counts; "row 12" of a Parquet file, from 1; or the name of a text file
    text: object = None
    label: object = None
    fault: str | None = None


@dataclass(frozen=True)
class Samples:
    """The rows that can be used, and what is wrong with the others."""

    texts: list[str]
    labels: list[str]
    index: list[int]  # of each sample: its row in the file, or its file in the order of names, from 0
    faults: list[str]


def collect(rows: Iterable[Row]) -> Samples:
    """Sorts the rows into samples and faults."""
    samples = Samples([], [], [], [])
    for number, row in enumerate(rows):
        fault = row.fault or text_fault(row.text) or label_fault(row.label)
        if fault or not isinstance(row.text, str):  # `text_fault` has a fault for what is no string
            samples.faults.append(f"{row.where}: {fault}")
            continue
        samples.texts.append(row.text)
        samples.labels.append(label_name(row.label))
        samples.index.append(number)
    return samples


def listed_faults(faults: Sequence[str]) -> str:
    """The lines of a message: the first faults with their reasons, then where all the others are."""
    listed = "".join(f"\n  {fault}" for fault in faults[:SHOWN])
    if rest := [fault.partition(": ")[0] for fault in faults[SHOWN:]]:
        listed += f"\n  and {len(rest):,} more: {places(rest)}"
    return listed


def places(wheres: Sequence[str]) -> str:
    """Every place, numbers as ranges: "lines 12-14, 20"; the names of files one by one."""
    numbered = [found for where in wheres if (found := _NUMBERED.fullmatch(where))]
    if len(numbered) < len(wheres):
        return ", ".join(wheres)
    runs: list[list[int]] = []
    for number in (int(each[2]) for each in numbered):
        if runs and number == runs[-1][1] + 1:
            runs[-1][1] = number
        else:
            runs.append([number, number])
    ranges = ", ".join(f"{first}-{last}" if last > first else f"{first}" for first, last in runs)
    return f"{numbered[0][1]}{'s' if len(wheres) > 1 else ''} {ranges}"


def text_fault(text: object) -> str | None:
    """What is wrong with a sample's text; None if nothing is."""
    if text is None or (isinstance(text, str) and not text.strip()):
        return "no text"
    if not isinstance(text, str):
        return f"the text is no string: {str(text)[:40]!r}"
    return undecodable(text)


def label_fault(label: object) -> str | None:
    """What is wrong with a sample's label; None if nothing is."""
    if label is None or (isinstance(label, str) and not label.strip()) or label != label:  # NaN is not itself
        return "no label"
    if isinstance(label, float) and not label.is_integer():
        return f"the label {label} is a fraction; labels are strings, whole numbers or booleans"
    if not isinstance(label, (str, int, float)):
        return f"the label is no string, whole number or boolean: {str(label)[:40]!r}"
    return undecodable(label) if isinstance(label, str) else None


def undecodable(text: str) -> str | None:
    """Bytes that are no text were decoded as lone surrogates, so that only their row is lost, not the file."""
    if text.isascii():
        return None
    wrong = [hex(ord(c) - 0xDC00) for c in text if 0xDC80 <= ord(c) <= 0xDCFF]
    if wrong:
        return f"undecodable bytes ({', '.join(wrong[:3])}); dataset.encoding names the file's encoding"
    return "half a surrogate pair" if any(0xD800 <= ord(c) <= 0xDFFF for c in text) else None


def label_name(label: object) -> str:
    """The class that a label without fault names; 1.0 is 1."""
    return str(int(label)) if isinstance(label, float) else str(label).strip()


def without_mark(encoding: str) -> str:
    """UTF-8 that drops the byte-order mark which some programs put first."""
    return "utf-8-sig" if encoding.lower() in ("utf-8", "utf8") else encoding
