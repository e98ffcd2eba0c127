"""What `seqrun show` adds for a tagger: the scores of each tag and each type of span, and tagged sentences."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from seqrun.rundir.shapes import Misshapen, a_figure, anything, count, fields, listing, mapping, optional, text
from seqrun.tasks.pages import Page, Section, Shown, TaskPage, cell, cut

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


_SCORED = optional(mapping(fields({"support": count}, dict.fromkeys(SCORES, a_figure))))
_WORDS = listing(text)
_SENTENCE = fields({"row": anything, "tokens": _WORDS, "targets": _WORDS, "predictions": _WORDS})


def _sentence(value: Any) -> None:
    """Accept sentences with a tag and a predicted tag for each token."""
    _SENTENCE(value)
    if not len(value["tokens"]) == len(value["targets"]) == len(value["predictions"]):
        raise Misshapen("must have as many targets and predictions as tokens")


def _fault(one: Mapping[str, Any]) -> float:
    """Return how many tokens have another tag than was predicted."""
    return float(sum(tag != predicted for tag, predicted in zip(one["targets"], one["predictions"], strict=True)))


PAGE = TaskPage(
    page,
    details=fields({}, {"tags": _SCORED, "spans": _SCORED}),
    marks="tokens",
    example=_sentence,
    fault=_fault,
)
