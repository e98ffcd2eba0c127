"""Labels written in more than one way: which are read as one, and which a careful reader would take for one."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from pathlib import Path

from seqrun.errors import ConfigError, Problem
from seqrun.readable import listed, listed_names
from seqrun.spelling import suggest


@dataclass(frozen=True)
class Named:
    """Which label each way of writing stands for, and what there is to know of it."""

    names: Mapping[str, str]  # as written -> the label
    counts: Mapping[str, int]  # of each label
    doubts: tuple[str, ...]


def named(path: Path, written: Mapping[str, int], merge: Mapping[str, str]) -> Named:
    """Return the labels that are meant by what is `written` so many times.

    White space around a label is no part of it, and Unicode is normalised to NFC, as that of tokens is. Labels in
    `merge` are counted as the others that it gives. Raises ConfigError for one in `merge` that is not there.
    """
    plain = {text: normalised(text) for text in written}
    merge = {normalised(label): normalised(into) for label, into in merge.items()}
    check_merge(merge, set(plain.values()))
    names = {text: merge.get(label, label) for text, label in plain.items()}
    counts: Counter[str] = Counter()
    for text, count in written.items():
        counts[names[text]] += count
    doubts = (*_read_as_one(written, plain), *alike(counts))
    return Named(names, counts, tuple(f"{path}: {doubt}" for doubt in doubts))


def normalised(label: str) -> str:
    """Return a label without white space around it, in Unicode's NFC."""
    return unicodedata.normalize("NFC", label.strip())


def check_merge(merge: Mapping[str, str], labels: Iterable[str]) -> None:
    """Raise ConfigError where `merge` names labels that are not among these."""
    labels = sorted(labels)
    problems = [
        Problem(
            ("dataset", "labels", "merge", label),
            f"the data have no label {label!r}{suggest(label, labels)}; there are {listed_names(labels)}",
        )
        for label in merge
        if label not in labels
    ]
    if problems:
        raise ConfigError(problems)


def _read_as_one(written: Mapping[str, int], plain: Mapping[str, str]) -> list[str]:
    """Return a warning of labels that stand there in several ways, which are read as one."""
    ways: dict[str, list[str]] = defaultdict(list)
    for text, label in plain.items():
        ways[label].append(text)
    several = {label: texts for label, texts in ways.items() if len(texts) > 1}
    if not several:
        return []
    lines = (f"{label!r}: {_with_counts(texts, written, ascii)}" for label, texts in sorted(several.items()))
    return [f"labels that differ only in Unicode form or in white space around them are read as one:{listed(lines)}"]


# --- labels that may be meant as one ----------------------------------------------------------------------------------


def alike(counts: Mapping[str, int]) -> list[str]:
    """Return a warning of labels that differ only in case, space, Unicode form or the format of a number, if any do."""
    several = _several_forms(counts)
    if not several:
        return []
    lines = differences(counts)
    merge = [f"{_yaml(label)}: {_yaml(first)}" for first, *others in several for label in others]
    return [
        f"labels that differ only in form are different ones:{listed(lines)}\n"
        f"if they mean the same: dataset.labels: {{merge: {{{listed_names(merge)}}}}}"
    ]


def differences(counts: Mapping[str, int]) -> list[str]:
    """Return for each group of names that differ only in form what they are, how often they stand there, and in what
    they differ.
    """
    return [f"{_with_counts(group, counts, _shown)} (in {_difference(group)})" for group in _several_forms(counts)]


def _several_forms(counts: Mapping[str, int]) -> list[list[str]]:
    """Return the groups of names that differ only in form, the most frequent of each first."""
    groups: dict[Hashable, list[str]] = defaultdict(list)
    for name in counts:
        groups[_essence(name)].append(name)
    return [sorted(group, key=lambda name: (-counts[name], name)) for group in groups.values() if len(group) > 1]


def _essence(label: str) -> Hashable:
    """Return what is equal for labels that differ only in form."""
    text = _without_spaces(_compatible(label)).casefold()
    return _as_number(unicodedata.normalize("NFKC", text))  # again: lower case may undo the form


def _compatible(label: str) -> str:
    """Return a label in NFKC, without characters that are not seen, such as U+200B."""
    seen = "".join(char for char in label if unicodedata.category(char) != "Cf")
    return unicodedata.normalize("NFKC", seen)


def _without_spaces(label: str) -> str:
    return "".join(label.split())


def _number(label: str) -> Decimal | None:
    """Return the finite number that a label is, also with a decimal comma or with commas between thousands."""
    if re.fullmatch(r"[+-]?\d{1,3}(,\d{3})+(\.\d*)?", label):
        label = label.replace(",", "")
    try:
        number = Decimal(label.replace(",", ".") if label.count(",") == 1 and "." not in label else label)
    except InvalidOperation:
        return None
    return number if number.is_finite() and "_" not in label else None


def _as_number(label: str) -> Hashable:
    """Return the number that a label is, or the label itself if it is none."""
    number = _number(label)
    return label if number is None else number


_FORMS: Mapping[str, Callable[[str], Hashable]] = {
    "space": _without_spaces,
    "Unicode form": _compatible,
    "case": str.casefold,
    "the format of a number": _as_number,
}


def _difference(group: Sequence[str]) -> str:
    """Return in what the labels differ."""
    found = [name for name, form in _FORMS.items() if len(set(map(form, group))) == 1]
    return found[0] if found else "case, space and Unicode form"


def _with_counts(labels: Iterable[str], counts: Mapping[str, int], show: Callable[[str], str]) -> str:
    """Return the labels, each with how often it is there."""
    return ", ".join(f"{show(label)} ({counts[label]:,})" for label in labels)


def _shown(label: str) -> str:
    """Return the label in quotes, with what is not seen, or seen as something else, spelled out."""
    return repr(label) if _compatible(label) == label else ascii(label)


def _yaml(label: str) -> str:
    """Return the label as it can stand in a config, with what is not seen spelled out."""
    if not label.isprintable():
        return '"' + label.encode("unicode_escape").decode().replace('"', '\\"') + '"'
    plain = re.fullmatch(r"[^\W\d_][\w-]*", label) and label.lower() not in ("true", "false", "null")
    return label if plain else "'" + label.replace("'", "''") + "'"
