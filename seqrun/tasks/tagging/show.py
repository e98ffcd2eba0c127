"""What `seqrun show` adds for a tagger: the scores of each tag and each type of span, and tagged sentences."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from seqrun.tasks.pages import Page, Section, Shown, cell, cut

SCORES = ("precision", "recall", "f1")


def page(shown: Shown) -> Page:
    """Return the scores of tags and of spans and the example sentences, as far as the run has them."""
    rows = [[str(one["row"]), cut(tagged(one), shown.excerpt)] for one in shown.examples if "tokens" in one]
    sentences = Section(["test row", "token/tag≠predicted"], rows, ("test row",))
    return Page(results=[_scores(shown.metrics, name) for name in ("tags", "spans")], examples=[sentences])


def _scores(metrics: Mapping[str, Any], name: str) -> Section:
    """Return a table of the scores of `tags` or `spans` on the test split, the most frequent first."""
    table = metrics.get(name) or {}
    by_support = sorted(table.items(), key=lambda item: -item[1]["support"])
    rows = [
        [kind or "all", *(cell(scores.get(score)) for score in SCORES), f"{scores['support']:,}"]
        for kind, scores in by_support
    ]
    return Section([{"tags": "tag", "spans": "span"}[name], *SCORES, "support"], rows, (*SCORES, "support"))


def tagged(example: Mapping[str, Any]) -> str:
    """Return a sentence as text, each token with its tag and, where it is another, the predicted tag."""
    return " ".join(_tagged(example))


def _tagged(example: Mapping[str, Any]) -> Iterator[str]:
    for token, tag, predicted in zip(example["tokens"], example["targets"], example["predictions"], strict=True):
        yield f"{token}/{tag}" if predicted == tag else f"{token}/{tag}≠{predicted}"
