"""Packed files and large ones: what they unpack to is counted as it comes, and must fit into memory."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import zipfile

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from seqrun.datasets.files import opening, room
from seqrun.datasets.shared.layout import Layout
from seqrun.datasets.shared.tables import read_table
from seqrun.errors import DataError

ROWS = b"a,b\n" + b"1,2\n" * 2_000_000  # 8 MB, packed a few kB


def zipped(content: bytes, method: int = zipfile.ZIP_DEFLATED) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", method) as archive:
        archive.writestr("x.csv", content)
    return file.getvalue()


def zstd(content: bytes) -> bytes:
    return pa.Codec("zstd").compress(content, asbytes=True)


PACKING = {"gz": gzip.compress, "bz2": bz2.compress, "xz": lzma.compress, "zip": zipped, "zst": zstd}


@pytest.mark.parametrize("kind", PACKING)
def test_what_a_packed_file_unpacks_to_has_a_bound(tmp_path, monkeypatch, kind):
    path = tmp_path / f"x.csv.{kind}"
    path.write_bytes(PACKING[kind](ROWS))
    assert path.stat().st_size < 20_000
    assert opening.read_bytes(path) == ROWS
    monkeypatch.setattr(room, "available_bytes", lambda: 10_000_000)
    with pytest.raises(DataError, match=r"x\.csv\.\w+ unpacks to more than 5\.0 MB, half of the 10\.0 MB of memory"):
        opening.read_bytes(path)
    assert opening.read_bytes(path, 1000) == ROWS[:1000]  # a look takes no more than it reads


def test_a_file_that_is_larger_than_the_memory_is_not_begun(tmp_path, monkeypatch):
    path = tmp_path / "x.csv"
    path.write_bytes(ROWS)
    monkeypatch.setattr(room, "available_bytes", lambda: 10_000_000)
    with pytest.raises(DataError, match=r"which has 8\.0 MB \(and as much again as text\), needs 16\.0 MB of memory"):
        opening.read_bytes(path)


def test_where_the_system_does_not_say_what_is_there_nothing_is_refused(tmp_path, monkeypatch):
    path = tmp_path / "x.csv.gz"
    path.write_bytes(gzip.compress(ROWS))
    monkeypatch.setattr(room, "available_bytes", lambda: None)
    assert opening.read_bytes(path) == ROWS


def test_a_zip_that_unpacks_without_a_bound_is_refused(tmp_path):
    (tmp_path / "x.zip").write_bytes(zipped(ROWS, zipfile.ZIP_BZIP2))
    with pytest.raises(DataError, match=r"packed by bzip2 inside; pack it as \.bz2"):
        opening.read_bytes(tmp_path / "x.zip")


@pytest.mark.parametrize("name", ["zero.csv", "zero.csv.gz", "zero.csv.zst", "zero.zip", "zero.parquet"])
def test_a_device_is_no_file_whatever_it_is_called(tmp_path, name):
    (tmp_path / name).symlink_to("/dev/zero")
    with pytest.raises(DataError, match="is a device, not a regular file"):
        if name.endswith(".parquet"):
            read_table(tmp_path / name, None, Layout())
        else:
            opening.read_bytes(tmp_path / name)


def test_rows_that_take_no_room_in_a_parquet_file_are_counted_before_they_are_read(tmp_path, monkeypatch):
    path = tmp_path / "x.parquet"
    pq.write_table(pa.table({"a": pa.array([1.0] * 2_000_000), "b": pa.array([2.0] * 2_000_000)}), path)
    assert path.stat().st_size < 100_000
    monkeypatch.setattr(room, "available_bytes", lambda: 20_000_000)
    assert len(read_table(path, ["a"], Layout()).frame) == 2_000_000
    with pytest.raises(DataError, match=r"with 2,000,000 rows needs 32\.0 MB of memory, and 20\.0 MB are there"):
        read_table(path, None, Layout())
