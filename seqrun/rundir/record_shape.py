"""What `run.json`, `metrics.json` and `history.csv` must hold, as far as anything reads it; old runs may hold less."""

from __future__ import annotations

from collections.abc import Iterable

from seqrun.metrics import WITHOUT_SEEN
from seqrun.rundir import shapes
from seqrun.rundir.history import Row
from seqrun.rundir.shapes import Misshapen, Shape, anything, count, fields, listing, mapping, number, optional, text

STATUSES = ("running", "finished", "failed", "interrupted", "diverged")


def _recorded(shape: Shape) -> Shape:
    """Return the shape of a config's value, in place of which a reference to the environment may stand."""

    def check(value: object) -> None:
        if not (isinstance(value, str) and value.startswith("${")):
            shape(value)

    return check


def _early_stopping(value: object) -> None:
    if value is not None and value is not False:
        _WATCH(value)


def _parameters(value: object) -> None:
    """Accept counts of a network and, by name, of the networks that it consists of."""
    _COUNTED(value)
    for name, part in value.items() if isinstance(value, dict) else ():
        if type(part) is dict:
            try:
                _parameters(part)
            except Misshapen as error:
                raise error.below(name) from None


_COUNTED = fields({"total": count, "trainable": count, "non_trainable": count})


_WATCH = fields({}, {"monitor": text, "mode": _recorded(shapes.one_of("min", "max", "auto"))})
_NAMED = fields({}, {"name": text})
_CONFIG = fields(
    {},
    {
        "name": text,
        "seed": _recorded(optional(count)),
        "dataset": _NAMED,
        "architecture": _NAMED,
        "trainer": fields({}, {"name": text, "early_stopping": _recorded(_early_stopping)}),
        "tags": listing(text),
        "notes": optional(text),
        "plugins": listing(text),
        "sweep": mapping(anything),
        "loggers": listing(_NAMED),
    },
)
_SPLITS: dict[str, Shape] = dict.fromkeys(("train", "validation", "test"), mapping(count))
_DATA = fields(
    {},
    {
        "name": text,
        "sources": listing(fields({"kind": text, "path": text, "sha256": text})),
        "rows": optional(mapping(count)),
        "test_sha256": text,
        "counts": optional(fields({"of": text, **_SPLITS})),
        "unknown_tokens": optional(mapping(number)),
    },
)
_LEAK = fields(
    {"kind": text, "what": text, "count": count, "of": count},
    {"mend": text, "split": shapes.one_of("test", "validation")},
)
_RESUMED = fields(
    {"resumed": shapes.time, "epochs": count},
    {"interrupted": optional(shapes.time), "status": text, "differences": listing(text)},
)
RECORD = fields(
    {"status": shapes.one_of(*STATUSES)},
    {
        "name": optional(text),
        "seed": optional(count),
        "started": optional(shapes.time),
        "finished": optional(shapes.time),
        "seconds": optional(shapes.seconds),
        "durations": optional(mapping(shapes.seconds)),
        "argv": optional(listing(text)),
        "config": _CONFIG,
        "cpu": optional(fields({}, {"model": optional(text)})),
        "device": optional(text),
        "deterministic": optional(shapes.flag),
        "data": optional(_DATA),
        "epochs_sha256": listing(text),
        "error": optional(text),
        "files_sha256": mapping(text),
        "metric_directions": optional(mapping(shapes.one_of("min", "max"))),
        "leakage": optional(listing(_LEAK)),
        "parameters": optional(_parameters),
        "packages": optional(mapping(optional(text))),
        "repeat": optional(fields({"group": text, "number": count, "count": count})),
        "reproduces": optional(fields({"run": text}, {"path": text})),
        "recurrent_layers": optional(mapping(text)),
        "resumed": listing(_RESUMED),
        "tags": listing(text),
        "threads": optional(count),
        "warnings": optional(listing(text)),
    },
    own=("started", "finished", "seconds", "durations", "epochs_sha256", "files_sha256", "config"),
)

FIGURES = mapping(shapes.a_figure)
METRICS = fields(
    {},
    {
        "best_epoch": optional(count),
        "skill": shapes.a_figure,
        "train": optional(FIGURES),
        "validation": optional(FIGURES),
        "test": optional(FIGURES),
        WITHOUT_SEEN: optional(FIGURES),
        "baselines": optional(mapping(FIGURES)),
    },
    own=("skill", "train", "validation", "test", WITHOUT_SEEN),
)


_ROW = fields({"epoch": count}, {"seconds": shapes.seconds})


def check_rows(rows: Iterable[Row]) -> None:
    """Raise Misshapen if a row of a history lacks its epoch, or has figures that no epoch can have."""
    for line, row in enumerate(rows, start=2):  # the header is the first
        try:
            _ROW(row)
        except Misshapen as error:
            raise error.below(f"line {line}") from None
