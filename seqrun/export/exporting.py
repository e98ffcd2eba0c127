"""From a finished run to a folder that other programs load: written, loaded again, compared, then put in its place."""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from seqrun.components.locations import Locations
from seqrun.components.splits import Split, Splits, Windows
from seqrun.components.targets import SeriesTarget
from seqrun.errors import UsageError
from seqrun.export.comparing import TOLERANCE, Compared, compared
from seqrun.export.description import described
from seqrun.export.formats import check_packages
from seqrun.export.loaded import ExportError, Loaded
from seqrun.export.networks import check_exportable, write_network
from seqrun.export.raw import Samples
from seqrun.export.record import export_record
from seqrun.export.reference import in_32_bits
from seqrun.inference.evaluation import own_data
from seqrun.inference.saved import SavedRun
from seqrun.rundir import atomic

READER = Path(__file__).parent / "read_input.py"


@dataclass(frozen=True)
class Exported:
    """What an export came to: how near its answers are to the run's (parity.json)."""

    path: Path
    parity: dict[str, Any]


def default_path(saved: SavedRun, kind: str) -> Path:
    """Return where a run's export is put if nothing else is said."""
    return saved.run.path / "exports" / kind


def check_target(path: Path, *, overwrite: bool) -> None:
    """Raise UsageError if there is something at the path that is not to be replaced."""
    if path.exists() and not overwrite:
        raise UsageError(f"{path}: is there already; --overwrite replaces it")
    if path.exists() and not (path / "export.json").is_file():
        raise UsageError(f"{path}: is no export, and is not replaced")


def export(saved: SavedRun, locations: Locations, kind: str, path: Path, *, overwrite: bool) -> Exported:
    """Write the run's network to a new folder, and return how near its answers are to the run's.

    `locations` are where the run's data are looked for. Raises UsageError for what cannot be exported in this format,
    before the data are read, and ExportError if the answers differ by more than TOLERANCE; then nothing is left at the
    path.
    """
    check_packages(kind)
    check_target(path, overwrite=overwrite)
    saved = in_32_bits(saved)
    description = described(saved)
    check_exportable(kind, saved.model)
    _make_place(path)
    with atomic.new_folder(path, replace=overwrite) as folder:
        write_network(kind, saved.model, description, folder)
        split, series = _test_split(own_data(saved, locations))
        atomic.write_json(folder / "input.json", description)
        shutil.copy(READER, folder / READER.name)
        with Loaded(kind, folder) as loaded:
            found = compared(saved, description, loaded, Samples(description, split, series))
        _check(found, path)
        for name, content in {"parity": found.parity, "golden": found.golden}.items():
            atomic.write_json(folder / f"{name}.json", content)
        record = export_record(saved, kind, description, found.golden["answers"], folder)
        atomic.write_json(folder / "export.json", record)
    return Exported(path, found.parity)


def _make_place(path: Path) -> None:
    """Make the folder that the export is put in; UsageError if it cannot be written to."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        reason = None if os.access(path.parent, os.W_OK) else "no permission"
    except OSError as error:
        reason = error.strerror
    if reason is not None:
        raise UsageError(f"{path.parent}: cannot be written to: {reason}; -o puts the export elsewhere")


def _check(found: Compared, path: Path) -> None:
    """Raise ExportError if the answers differ by more than TOLERANCE."""
    difference, against = found.parity["difference"], found.parity["against"]
    if not difference <= TOLERANCE:
        raise ExportError(
            f"the exported network's answers differ by up to {difference:.3g} from {against}, which is more than "
            f"{TOLERANCE:g}: nothing was written to {path}"
        )


def _test_split(splits: Splits) -> tuple[Split | Windows, tuple[str, ...]]:
    """Return the test split, and the names of the series that are scaled by themselves."""
    target = splits.spec.target
    return splits.test, target.series if isinstance(target, SeriesTarget) else ()
