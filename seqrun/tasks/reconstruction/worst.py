"""The samples of the test split that an autoencoder reconstructs worst, to be drawn in a report."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from seqrun.readable import figure
from seqrun.tasks.pages import Drawn

if TYPE_CHECKING:
    import numpy as np

SHOWN = 4
LARGEST = 200  # steps or features of a sample that is drawn


def worst(arrays: Mapping[str, np.ndarray]) -> Sequence[Drawn]:
    """Return the samples of the largest error, each beside its reconstruction.

    Takes `targets` and `predictions`, (samples, steps, features), `errors` and `index`, (samples,).
    """
    import numpy as np

    targets, predictions = arrays["targets"], arrays["predictions"]
    if targets.ndim != 3 or targets.shape != predictions.shape or max(targets.shape[1:]) > LARGEST:
        return []
    errors = arrays["errors"]
    chosen = np.argsort(-errors, kind="stable")[:SHOWN]
    return [
        Drawn(
            f"row {int(arrays['index'][number])}: mean squared error {figure(float(errors[number]))}",
            images={"sample": targets[number].tolist(), "reconstruction": predictions[number].tolist()},
        )
        for number in chosen
    ]
