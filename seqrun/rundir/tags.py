"""The tags of a run, its user's labels: those of its config at first, then what `seqrun tag` makes of them."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from seqrun.errors import InputError, Parameter, UsageError
from seqrun.rundir import atomic, lock, record_shape
from seqrun.rundir.json_files import read_json
from seqrun.rundir.reading import RECORD, TAGS, RunRecord
from seqrun.spelling import suggest

LONGEST = 64  # characters
ALLOWED = "letters, digits and _ . : / = @ -, the first a letter or digit"
_WRITING = ".record.lock"  # held for the moment in which run.json is read and written again
_PATIENCE = 10.0  # seconds
_NAME = re.compile(r"[^\W_][\w.:/=@-]*")


def check_tag(name: str) -> None:
    """Raise UsageError for what cannot be given as a tag; a config's tags may be any text."""
    if not _NAME.fullmatch(name):
        raise UsageError(f"{name!r} cannot be a tag: it must be made of {ALLOWED}")
    if len(name) > LONGEST:
        raise UsageError(f"{name[:20]}... cannot be a tag: it has {len(name)} characters, and {LONGEST} are the most")


def is_tagged(run: RunRecord, asked: Iterable[str]) -> bool:
    """Return whether the run has each of the tags asked for, and none of those that a - stands before."""
    tags = run.tags
    return all((tag in tags) if not tag.startswith("-") else (tag[1:] not in tags) for tag in asked)


def with_tags(runs: Sequence[RunRecord], asked: Sequence[str]) -> list[RunRecord]:
    """Return the runs that have the tags (see `is_tagged`); InputError, with those that there are, if none is left."""
    found = [run for run in runs if is_tagged(run, asked)]
    if not found:
        there = sorted({tag for run in runs for tag in run.tags})
        near = "".join(suggest(tag, there) for tag in asked if tag.removeprefix("-") not in there)
        told = f"there are {', '.join(there)}" if there else "the runs have none (seqrun tag RUN +TAG)"
        named = [part for tag in asked for part in (" ", Parameter("tag", tag))]
        raise InputError("no run is left by", *named, f"{near}; {told}")
    return found


def change_tags(run: RunRecord, added: Collection[str], removed: Collection[str]) -> list[str]:
    """Give the run the tags `added`, take from it those `removed`, and return what it has now.

    A run that is going on can be tagged too: its process keeps them. Raises UsageError if `run.json` cannot be written.
    """
    try:
        with writing(run.path):
            record = read_json(run.path / RECORD, record_shape.RECORD)
            kept = [tag for tag in RunRecord(run.path, record, None, [], "").tags if tag not in removed]
            tags = list(dict.fromkeys([*kept, *added]))
            atomic.write_json(run.path / RECORD, {**record, TAGS: tags})
    except OSError as error:
        raise UsageError(f"{run.path / RECORD}: cannot be written: {error.strerror}") from None
    return tags


@contextmanager
def writing(run: Path) -> Iterator[None]:
    """Keep all other processes from writing `run.json` during the block, in which it is read and written again."""
    with lock.take(run, _WRITING, _PATIENCE):
        yield


def taken_over(record: Mapping[str, Any], run: Path) -> dict[str, Any]:
    """Return the content for `run.json` with the tags that the run was given since it was last written."""
    try:
        there = read_json(run / RECORD, record_shape.RECORD)
    except (FileNotFoundError, UsageError):  # not written yet, or damaged, and about to be written anew
        return dict(record)
    return {**record, **({TAGS: there[TAGS]} if TAGS in there else {})}
