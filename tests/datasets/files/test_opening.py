"""Packed files and large ones: what they unpack to is counted as it comes, and must fit into memory."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import zipfile
import zlib

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


def xz(content: bytes, dictionary: int) -> bytes:
    return lzma.compress(content, filters=[{"id": lzma.FILTER_LZMA2, "preset": 0, "dict_size": dictionary}])


def with_dictionary(packed: bytes, coded: int) -> bytes:
    """The packed bytes, which claim a dictionary of another size: 40 is 4 GiB. (.xz file format, 5.3.1 and 3.1.7)"""
    block = bytearray(packed[12 : 12 + 4 * (packed[12] + 1)])
    assert block[2:4] == b"\x21\x01"  # LZMA2, one byte of properties
    block[4] = coded
    block[-4:] = zlib.crc32(block[:-4]).to_bytes(4, "little")
    return packed[:12] + bytes(block) + packed[12 + len(block) :]


def test_the_memory_that_an_xz_file_asks_for_has_a_bound(tmp_path):
    path = tmp_path / "x.csv.xz"
    packed = xz(b"a,b\n1,2\n", 1 << 20)
    path.write_bytes(with_dictionary(packed, 16))
    assert opening.read_bytes(path) == b"a,b\n1,2\n"
    # Of several blocks or streams, the last counts as the first does.
    for content in (with_dictionary(packed, 40), packed + with_dictionary(packed, 40)):
        path.write_bytes(content)
        with pytest.raises(DataError, match=r"takes more than 500\.0 MB of memory; pack it anew"):
            opening.read_bytes(path)


def test_xz_streams_one_after_the_other_are_one_content(tmp_path):
    path = tmp_path / "x.csv.xz"
    path.write_bytes(lzma.compress(ROWS) + bytes(8) + lzma.compress(b"3,4\n") + bytes(4))
    assert opening.read_bytes(path) == ROWS + b"3,4\n"


@pytest.mark.parametrize("cut", [-1, -40, 20])
def test_an_xz_file_that_is_cut(tmp_path, cut):
    path = tmp_path / "x.csv.xz"
    path.write_bytes(lzma.compress(ROWS)[:cut])
    with pytest.raises(DataError, match="ends in the midst"):
        opening.read_bytes(path)
