"""The files beside a run's weights that say how to read its input: vocabulary, scaler, window, and the like."""

from __future__ import annotations

from seqrun.components.spec_json import SPEC_FILE
from seqrun.errors import UsageError
from seqrun.rundir.hashes import check_artifacts
from seqrun.rundir.json_files import read_bounded
from seqrun.rundir.reading import RunRecord

ARTIFACTS = "artifacts"
LARGEST_ARTIFACT = 1_000_000_000  # bytes


def artifacts_of(run: RunRecord) -> dict[str, bytes]:
    """Return the content of the run's artifacts; UsageError if they are not as the run wrote them."""
    check_artifacts(run)
    try:
        files = [file for file in (run.path / ARTIFACTS).glob("*") if file.is_file()]
        found = {file.name: read_bounded(file, LARGEST_ARTIFACT) for file in files}
    except OSError as error:
        raise UsageError(f"{error.filename}: cannot be read: {error.strerror}") from None
    if SPEC_FILE not in found:
        raise UsageError(f"{run.path}: has no artifacts/{SPEC_FILE}, which says what the network reads")
    return found
