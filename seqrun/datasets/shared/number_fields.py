"""What a config says of the numbers that samples are labelled with, and what is wrong with it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from seqrun.errors import Problem

TASK = "regression"


def columns_of(key: str, names: Sequence[str], taken: Mapping[str, Sequence[str | None]]) -> Iterator[Problem]:
    """Yield what is wrong with the columns that `dataset.KEY` names; `taken` has those of other keys."""
    for other, columns in taken.items():
        for name in names:
            if name in columns:
                yield Problem(("dataset", key), f"{name!r} is dataset.{other} already")
    if len(set(names)) < len(names):
        yield Problem(("dataset", key), "a name stands there twice")


def meant_for_numbers(
    key: str, names: Sequence[str], label: str | list[str] | None, label_key: str, tasks: frozenset[str], what: str
) -> Iterator[Problem]:
    """Yield where the trainer of these tasks learns numbers and `dataset.KEY` names none, or the other way round.

    `names` are those that it names, `label` is what `dataset.LABEL_KEY` does, and `what` is what `dataset.KEY` must
    name.
    """
    if TASK not in tasks:
        if names:
            why = f"names what trainer regressor predicts; this trainer learns dataset.{label_key}"
            yield Problem(("dataset", key), why)
        return
    if not names:
        yield Problem(("dataset", key), f"required by this trainer: {what}")
    if label is not None:
        yield Problem(("dataset", label_key), f"this trainer learns numbers, no labels: name them with dataset.{key}")
