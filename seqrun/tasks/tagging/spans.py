"""Spans that tags mark, such as the names in a sentence, and how many of them are found.

They are counted as in the CoNLL shared tasks (conlleval; Tjong Kim Sang and Buchholz, 2000): a predicted span is right
if its first step, its last step and its type are.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

import numpy as np

from seqrun.tasks.classification.metrics import scores

# B begins a span, I is inside it, E ends it, S is one of a single step, O is outside; BILOU calls E L and S U.
_TAG = re.compile(r"O|[BIESLU](-.+)?")
_BILOU = {"L": "E", "U": "S"}

Span = tuple[str, int, int]  # type, first step, one past the last
Scores = dict[str, float]  # precision, recall, f1, support


def mark_spans(tags: Iterable[str]) -> bool:
    """Return whether these tags mark spans: B-PER, I-PER, O, or B, I, O for spans of one type."""
    tags = set(tags)
    return all(map(_TAG.fullmatch, tags)) and (any("-" in tag for tag in tags) or {"B", "I"} <= tags)


def spans(tags: Iterable[str]) -> list[Span]:
    """Return the spans that the tags of one sample mark; an I or E that continues no span begins one."""
    found: list[Span] = []
    before, type_before = "O", ""
    for step, tag in enumerate(tags):
        prefix, _, kind = tag.partition("-")
        prefix = _BILOU.get(prefix, prefix)
        if before in "BI" and prefix in "IE" and kind == type_before:
            found[-1] = (kind, found[-1][1], step + 1)
        elif prefix != "O":
            found.append((kind, step, step + 1))
        before, type_before = prefix, kind
    return found


def span_scores(targets: np.ndarray, predicted: np.ndarray, tags: Sequence[str]) -> tuple[Scores, dict[str, Scores]]:
    """Return the scores of all spans together, and those of each type.

    Takes true and predicted tag numbers (samples, time); the true ones are negative past a sample's end.
    """
    true, given, right = Counter[str](), Counter[str](), Counter[str]()
    for wanted, found in spans_of(targets, predicted, tags):
        true.update(kind for kind, *_ in wanted)
        given.update(kind for kind, *_ in found)
        right.update(kind for kind, *_ in set(wanted) & set(found))
    by_type = {kind: scores(right[kind], given[kind], true[kind]) for kind in sorted(true | given)}
    return scores(right.total(), given.total(), true.total()), by_type


def spans_of(
    targets: np.ndarray, predicted: np.ndarray, tags: Sequence[str]
) -> Iterator[tuple[list[Span], list[Span]]]:
    """Yield the true and the predicted spans of each sample, of tag numbers as `span_scores` takes them."""
    names = np.array(tags, dtype=object)
    for target, guess in zip(targets, predicted, strict=True):
        real = target >= 0
        yield spans(names[target[real]]), spans(names[guess[real]])
