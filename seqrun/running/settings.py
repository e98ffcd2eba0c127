"""Which settings of a run that is gone on with are not those that it was trained with so far."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from seqrun.components.base import Experiment
from seqrun.rundir.atomic import plain

# Settings that do not change what was trained so far, and can be set anew.
CHANGEABLE = ("trainer.epochs", "trainer.early_stopping.patience")

# What a person may have edited since: names, and where things are or are kept. Of data, the SHA-256 is compared.
_FREE = ("name", "tags", "notes", "plugins", "sweep", "loggers", "dataset.path", "dataset.source", "trainer.checkpoint")

_ABSENT = object()


def changed_settings(recorded: Mapping[str, Any], experiment: Experiment) -> list[str]:
    """Return the settings that are not as recorded, each as `architecture.units: 8 for 4` (4 is the record's).

    A value from the environment counts as changed if the variable is another than it was; its values are not told.
    Settings that only one of the two has are of another version of seqrun, and none of these.
    """
    return [
        f"{path}: {now} for {was}"
        for path, was, now in _differing(recorded, plain(experiment.resolved()), "")
        if path not in CHANGEABLE
    ]


def _differing(was: Any, now: Any, path: str) -> Iterator[tuple[str, Any, Any]]:
    """Yield the dotted path, the former and the new value of all that both have and that is not the same."""
    if path in _FREE or was is _ABSENT or now is _ABSENT:
        return
    if isinstance(was, Mapping) and isinstance(now, Mapping):
        for key, value in was.items():
            yield from _differing(value, now.get(key, _ABSENT), f"{path}.{key}" if path else key)
    elif was != now and not _finds_the_same_best(path, was, now):
        yield path, was, now


def _finds_the_same_best(path: str, was: Any, now: Any) -> bool:
    """Return whether early stopping, off before, was switched on such that the best epoch is found as without it."""
    return path == "trainer.early_stopping" and was is None and (now["monitor"], now["mode"]) == ("val_loss", "auto")
