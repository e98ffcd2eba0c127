"""Datasets published as a training and a test half: which of the training samples are used for validation."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import BeforeValidator, Field

from seqrun.errors import DataError

if TYPE_CHECKING:
    import numpy as np

    from seqrun.datasets.shared.partition import Partition

TEST = 0.2  # of the samples of a source that has those for training only


def _fraction_count_or_test(value: Any) -> Any:
    if value == "test" or (type(value) is int and value >= 1) or (type(value) is float and 0 < value < 1):
        return value
    raise ValueError("a fraction between 0 and 1, a count of samples, or test")


Validation = Annotated[
    int | float | Literal["test"],
    BeforeValidator(
        _fraction_count_or_test,
        json_schema_input_type=Annotated[float, Field(gt=0, lt=1)] | Annotated[int, Field(ge=1)] | Literal["test"],
    ),
    Field(description="the training samples to validate on: a fraction or a count; test: the test samples"),
]


def validation_warnings(validation: Validation) -> tuple[str, ...]:
    """Return the warning of a run whose validation split is the test split, if it is."""
    if validation != "test":
        return ()
    return (
        "validation is the test split (validation: test): the best epoch is chosen on the very samples that measure "
        "it, so the test metrics are too good",
    )


def published_partition(
    targets: np.ndarray, test_from: int | None, *, validation: Validation, seed: int, limit: int | None
) -> Partition:
    """Return the partition of samples with class numbers `targets`; those from `test_from` on are the test split.

    If `test_from` is None, all are training samples, and 0.2 of them are drawn for the test. Every draw is stratified.
    Raises DataError if the `validation` samples leave none to train on.
    """
    import numpy as np

    from seqrun.datasets.shared.partition import partition

    given_test = None if test_from is None else np.arange(test_from, len(targets))
    training = len(targets) if test_from is None else test_from
    test = round(TEST * training) if test_from is None else 0
    count = max(round(validation * training), 1) if isinstance(validation, float) else validation
    if count != "test" and count + test >= training:
        raise DataError(
            f"dataset.validation: {validation} of {training:,} training samples leaves none to train on"
            + (f" ({test:,} are for the test)" if test else "")
        )
    drawn = None if count == "test" else count
    parts = partition(targets, seed=seed, validation=drawn, test=test, given_test=given_test)
    return parts.limited(limit, targets, seed)
