"""What tests of samples of numbers share."""

import pytest

from seqrun.datasets.samples.sequences import Sequences


@pytest.fixture
def load_table(tmp_path, locations):
    """load_table(frame, labels="y", ...): the splits of a Parquet file that holds this frame."""

    def load_table(frame, **fields):
        frame.to_parquet(tmp_path / "file.parquet")
        return Sequences(path=tmp_path / "file.parquet", **fields).load(locations)

    return load_table
