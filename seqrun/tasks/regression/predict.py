"""The numbers of new samples, in original units."""

from __future__ import annotations

import numpy as np

from seqrun.components.reading import NewSamples
from seqrun.components.targets import NumbersTarget
from seqrun.errors import UsageError
from seqrun.inference.evaluated_rows import PARTS, samples_of
from seqrun.inference.evaluation import Evaluation
from seqrun.inference.questions import Prediction, Question
from seqrun.inference.reading.samples import read_new
from seqrun.inference.request import Request
from seqrun.inference.results import Results, figures, shown_figures
from seqrun.inference.saved import SavedRun
from seqrun.tasks.regression.intervals import INTERVALS_FILE, KEPT, Interval


def predict_numbers(saved: SavedRun, samples: NewSamples) -> Results:
    """Return each sample's numbers, with prediction intervals if the run has them."""
    target = saved.spec.of(NumbersTarget).target
    values = target.original(saved.predict(samples.inputs))  # (samples, targets)
    known = saved.kept(INTERVALS_FILE, KEPT)
    interval = None if known is None else Interval(known["level"], np.array(known["half_widths"], np.float64))
    if interval is not None and interval.half_widths.shape != values.shape[1:]:
        wrong = f"{len(interval.half_widths)} half_widths for {values.shape[1]} targets"
        raise UsageError(f"{saved.run.path}/artifacts/{INTERVALS_FILE}: damaged: {wrong}")
    bounds = {} if interval is None else interval.bounds(values)
    columns: dict[str, np.ndarray] = {}
    headers: dict[str, str] = {}
    for number, name in enumerate(target.names):
        columns[name], headers[name] = values[:, number], name
        for side, bound in bounds.items():
            columns[f"{name}_{side}"] = bound[:, number]
            headers[f"{name}_{side}"] = f"{name} {side} {100 * interval.level:g}%" if interval else side
    results = Results(
        columns={name: figures(column) for name, column in columns.items()},
        arrays={"predictions": values, **bounds, "targets": np.array(target.names)},
        shown={headers[name]: shown_figures(column) for name, column in columns.items()},
        numeric=tuple(headers.values()),
    )
    return results.named_by(samples)


def evaluated(saved: SavedRun, found: Evaluation) -> Results:
    """Return each sample's numbers beside those predicted, with prediction intervals if the run has them."""
    arrays, names = found.predictions, saved.spec.of(NumbersTarget).target.names
    columns = {
        what.format(name): arrays[array][:, number]
        for number, name in enumerate(names)
        for what, array in PARTS.items()
        if array in arrays
    }
    results = Results(
        columns={name: figures(column) for name, column in columns.items()},
        arrays={**{name: arrays[name] for name in PARTS.values() if name in arrays}, "names": np.array(names)},
        shown={name: shown_figures(column) for name, column in columns.items()},
        numeric=tuple(columns),
    )
    return results.named_by(samples_of(found))


def _read(saved: SavedRun, request: Request) -> Question:
    samples = read_new(saved, request)
    return Question(lambda: predict_numbers(saved, samples), samples.warnings)


PREDICTION = Prediction(
    "predict numbers", "predicts numbers", frozenset({"text", "input", "column"}), _read, evaluated, predict_numbers
)
