"""Which class each new sample belongs to."""

from __future__ import annotations

import numpy as np

from seqrun.errors import UsageError
from seqrun.inference.keys import as_text, beside
from seqrun.inference.new_samples import NewSamples
from seqrun.inference.results import Results, figures
from seqrun.inference.saved import SavedRun

EXCERPT = 60  # characters of a text that are shown


def classify(saved: SavedRun, samples: NewSamples, threshold: float | None = None) -> Results:
    """Each sample's class and the probability of every class.

    Of two classes the second is predicted where its probability is above 0.5, or is at least `threshold`.
    """
    classes = saved.spec.target.classes
    outputs = saved.predict(samples.inputs)  # (samples, units)
    table = np.concatenate([1 - outputs, outputs], axis=1) if outputs.shape[1] == 1 else outputs
    predicted = table.argmax(axis=1) if threshold is None else (table[:, 1] >= threshold).astype(np.int64)
    names = [classes[number] for number in predicted]
    texts = {} if samples.texts is None else {"text": samples.texts}
    columns = {**texts, "predicted": names}
    columns |= {f"probability_{name}": figures(table[:, number]) for number, name in enumerate(classes)}
    first = {"text": [_excerpt(text) for text in samples.texts]} if texts else as_text(samples.keys)
    cells = {f"p({name})": [f"{p:.4f}" for p in table[:, number]] for number, name in enumerate(classes)}
    arrays = {
        "predictions": outputs[:, 0] if outputs.shape[1] == 1 else outputs,
        "predicted": predicted,
        "classes": np.array(classes),
    }
    return Results(
        columns=beside(samples.keys, columns),
        arrays=beside(samples.key_arrays, arrays),
        shown=beside(first, {"predicted": names, **cells}),
        numeric=tuple(cells),
    )


def read_threshold(saved: SavedRun, given: str | None) -> float | None:
    """What `--threshold` asks for: a probability, or `chosen`, the one that the run chose on validation."""
    if given is None:
        return None
    if len(saved.spec.target.classes) != 2:
        count = len(saved.spec.target.classes)
        raise UsageError(
            f"--threshold {given}: is for two classes, and the run has {count}: the likeliest is predicted"
        )
    if given == "chosen":
        chosen = (saved.run.metrics or {}).get("test", {}).get("threshold")
        if chosen is None:
            raise UsageError(f"--threshold chosen: {saved.run.path} chose none on validation")
        return chosen
    try:
        value = float(given)
    except ValueError:
        value = -1.0
    if not 0 <= value <= 1:
        raise UsageError(f"--threshold {given}: must be a number from 0 to 1, or chosen")
    return value


def _excerpt(text: str) -> str:
    words = " ".join(text.split())
    return words if len(words) <= EXCERPT else f"{words[: EXCERPT - 1]}…"
