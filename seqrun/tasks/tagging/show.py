"""What only runs that tag have: the scores of each tag and each type of span, and tagged sentences."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from seqrun.readable import figure

NOTHING = "—"
SCORES = ("precision", "recall", "f1")


def scores_table(metrics: Mapping[str, Any], name: str) -> tuple[list[str], list[list[str]]]:
    """Headers and rows of the test split's `tags` or `spans`, the most frequent first."""
    table = metrics.get(name) or {}
    by_support = sorted(table.items(), key=lambda item: -item[1]["support"])
    rows = [
        [kind or "all", *(_cell(scores.get(score)) for score in SCORES), f"{scores['support']:,}"]
        for kind, scores in by_support
    ]
    return [{"tags": "tag", "spans": "span"}[name], *SCORES, "support"], rows


def _cell(value: float | None) -> str:
    return NOTHING if value is None else figure(value)


def tagged(example: Mapping[str, Any]) -> str:
    """A sentence with the tag of each token, and what it was taken for where that is another."""
    return " ".join(_tagged(example))


def _tagged(example: Mapping[str, Any]) -> Iterator[str]:
    for token, tag, predicted in zip(example["tokens"], example["targets"], example["predictions"], strict=True):
        yield f"{token}/{tag}" if predicted == tag else f"{token}/{tag}≠{predicted}"
