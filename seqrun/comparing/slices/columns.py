"""A column of the file that a run's test samples came from, read as the run read it."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import numpy as np

from seqrun.comparing.slices.outcome import COLUMN, KINDS
from seqrun.components.provenance import Source
from seqrun.components.reading import NewSamples, Reader
from seqrun.components.spec_json import spec_from_artifacts
from seqrun.config.recorded import own_plugins, recorded_experiment
from seqrun.datasets.files.sources import Found
from seqrun.errors import InputError, Parameter, SeqrunError, UsageError
from seqrun.inference.artifacts import artifacts_of
from seqrun.inference.reading.readers import reader_for
from seqrun.readable import listed_names
from seqrun.rundir.reading import RECORD, RunRecord
from seqrun.running.recorded_data import recorded_sources
from seqrun.spelling import suggest


def column_of(run: RunRecord, name: str, index: np.ndarray) -> list[Any]:
    """Return the cells of a column for the rows `index`, as they are written; None where there is none.

    The file is that which run.json names, if it has the same hash. Raises InputError if it has no such column, or is
    no table with a sample a row.
    """
    samples = _samples(run, name)
    if name not in samples.own:
        own = [f"{COLUMN}{each}" if each in KINDS else each for each in samples.own]
        there = listed_names([*KINDS, *own], len(KINDS) + len(own))
        near = suggest(name, [*KINDS, *own])
        raise InputError(
            Parameter("by", name), f": the data of {run.path} have no such column{near}; there are {there}"
        )
    cells = dict(zip(samples.index.tolist(), samples.own[name], strict=True))
    return [cells.get(row) for row in index.tolist()]


def _samples(run: RunRecord, name: str) -> NewSamples:
    """Return what the run's reader reads of the file that its samples came from."""
    sources = recorded_sources(run.record) if run.record.get("data") else ()
    try:
        reader = _reader(run)
    except SeqrunError as error:
        raise InputError(Parameter("by", name), f": is none of {', '.join(KINDS)}, and {error}") from None
    for source in sources:
        if source.path.is_file() and reader.reads(source.path):
            _check(run, source)
            with suppress(InputError):  # such as a .npz file with several arrays
                return reader.read(source.path)
    gone = [str(source.path) for source in sources if not source.path.exists()]
    why = f"{listed_names(gone)} is not there any more" if gone else "its data are no table with a sample a row"
    raise InputError(Parameter("by", name), f": is none of {', '.join(KINDS)}, and no column of {run.path}: {why}")


def _reader(run: RunRecord) -> Reader:
    """Return what reads files as the run's own data were read; its plugins are never run."""
    artifacts, plugins = artifacts_of(run), own_plugins(run, allowed=False)
    borrowed = run.record.get("from_environment", [])
    experiment = recorded_experiment(run.record["config"], str(run.path / RECORD), plugins, borrowed)
    return reader_for(experiment.dataset, spec_from_artifacts(artifacts), artifacts)


def _check(run: RunRecord, source: Source) -> None:
    if Found(source.kind, source.path).content != source.sha256:
        raise UsageError(f"{source.path}: not the file that {run.path} was trained on: its SHA-256 is another")
